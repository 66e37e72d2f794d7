package node

import (
	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/wire"
)

// link is one connection of any channel.
type link struct {
	conn    Conn
	channel Channel
	peer    ID // who was dialed; 0 if the connection was accepted
	framer  wire.Framer
	client  *client // ClientChannel
}

// maxPeerFrame bounds a frame between servers: a snapshot is one frame.
const maxPeerFrame = 1 << 28

// receiveOne is the receive stage: one event of one connection.
func (n *Node) receiveOne() bool {
	if len(n.received) == 0 {
		return false
	}
	ev := n.received[0]
	n.received = n.received[1:]
	switch ev.Kind {
	case Opened:
		n.opened(ev)
	case Received:
		n.receive(ev)
	case Closed:
		n.lost(ev.Conn)
	case DialFailed:
		n.dialFailed(ev)
	}
	return true
}

func (n *Node) opened(ev Event) {
	l := &link{conn: ev.Conn, channel: ev.Channel, peer: ev.Peer}
	l.framer.Max = n.cfg.MaxFrame
	if l.channel != ClientChannel {
		l.framer.Max = maxPeerFrame
	}
	n.conns[ev.Conn] = l
	switch {
	case l.channel == ElectionChannel && l.peer != 0:
		n.electionOpened(l.peer, l.conn)
	case l.channel == QuorumChannel && l.peer != 0:
		if n.follower == nil || n.follower.leader != l.peer || n.follower.conn != 0 {
			n.closeConn(l.conn) // dialed in an earlier life as a follower
			return
		}
		n.leaderOpened(l.conn)
	case l.channel == ClientChannel && !n.serving():
		n.closeConn(l.conn) // clients try another server
	case l.channel == ClientChannel:
		l.client = &client{conn: l.conn, who: []acl.Identity{acl.FromAddress(ev.Host)}}
		n.clients = append(n.clients, l.client)
	}
}

func (n *Node) dialFailed(ev Event) {
	switch {
	case ev.Channel == ElectionChannel:
		n.electionLost(ev.Peer)
	case n.follower != nil && n.follower.leader == ev.Peer:
		n.leaderLost()
	}
}

func (n *Node) receive(ev Event) {
	l := n.conns[ev.Conn]
	if l == nil {
		return // closed from this side meanwhile
	}
	l.framer.Feed(ev.Data)
	for n.conns[ev.Conn] == l {
		frame, ok, err := l.framer.Next()
		if err != nil {
			n.closeConn(l.conn)
			n.lost(l.conn)
			return
		}
		if !ok {
			return
		}
		n.hearFrame(l, frame)
	}
}

func (n *Node) hearFrame(l *link, frame []byte) {
	switch l.channel {
	case ClientChannel:
		n.hearClient(l.client, frame)
	case ElectionChannel:
		if x, err := decodeNotification(frame); err == nil && n.member(x.from) {
			n.election.inbox = append(n.election.inbox, x)
		}
	case QuorumChannel:
		p, err := decodePacket(frame)
		switch {
		case err != nil:
			n.closeConn(l.conn)
		case n.follower != nil && n.follower.conn == l.conn:
			n.hearLeader(p)
		case n.leader != nil && l.peer == 0:
			n.hearLearner(l.conn, p)
		default:
			n.closeConn(l.conn) // this server does not lead (any more, or yet)
		}
	}
}

// lost handles the end of a connection that the other side, or the network, ended.
func (n *Node) lost(c Conn) {
	l := n.conns[c]
	if l == nil {
		return
	}
	delete(n.conns, c)
	switch {
	case l.client != nil:
		n.forgetClient(l.client)
	case l.channel == ElectionChannel && l.peer != 0:
		n.electionLost(l.peer)
	case n.follower != nil && n.follower.conn == c:
		n.leaderLost()
	case n.leader != nil && l.channel == QuorumChannel:
		n.learnerLost(c)
	}
}
