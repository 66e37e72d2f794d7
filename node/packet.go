package node

import (
	"errors"
	"fmt"

	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// packetType is ZooKeeper's, by name and number (A26).
type packetType int32

const (
	request      packetType = 1  // learner -> leader: a client's write; data is it
	proposal     packetType = 2  // leader -> learner: log this; data is the transaction
	ack          packetType = 3  // learner -> leader: logged up to zxid
	commit       packetType = 4  // leader -> learner: apply up to zxid
	ping         packetType = 5  // both ways; the answer lists sessions heard from
	revalidate   packetType = 6  // may this session attach to me?
	syncPacket   packetType = 7  // answered behind the commits that were before it
	inform       packetType = 8  // leader -> observer: log and apply this, which is committed
	newLeader    packetType = 10 // you have all of my history
	followerInfo packetType = 11
	upToDate     packetType = 12 // a quorum has my history: serve
	diff         packetType = 13
	trunc        packetType = 14 // your log has too much: cut it behind zxid
	snap         packetType = 15
	observerInfo packetType = 16
	leaderInfo   packetType = 17
	ackEpoch     packetType = 18
)

var packetNames = map[packetType]string{
	request: "REQUEST", proposal: "PROPOSAL", ack: "ACK", commit: "COMMIT", ping: "PING", revalidate: "REVALIDATE",
	syncPacket: "SYNC", newLeader: "NEWLEADER", followerInfo: "FOLLOWERINFO", observerInfo: "OBSERVERINFO", inform: "INFORM", upToDate: "UPTODATE", diff: "DIFF",
	trunc: "TRUNC", snap: "SNAP", leaderInfo: "LEADERINFO", ackEpoch: "ACKEPOCH",
}

func (t packetType) String() string { return packetNames[t] }

// packet is what servers say to each other on a quorum link.
type packet struct {
	typ  packetType
	zxid wire.Zxid
	data []byte
}

func (p packet) encode() []byte {
	e := wire.Encoder{Buf: make([]byte, 0, 20+len(p.data))}
	mark := e.Begin()
	e.Int32(int32(p.typ))
	e.Int64(int64(p.zxid))
	e.Bytes(p.data)
	e.End(mark)
	return e.Buf
}

func decodePacket(frame []byte) (packet, error) {
	d := wire.NewDecoder(frame)
	p := packet{typ: packetType(d.Int32()), zxid: wire.Zxid(d.Int64()), data: d.Bytes()}
	if _, known := packetNames[p.typ]; !known {
		return p, fmt.Errorf("node: packet of unknown type %d", p.typ)
	}
	return p, d.Err()
}

func encodeTxn(t *tree.Txn) []byte {
	var e wire.Encoder
	t.Encode(&e)
	return e.Buf
}

// encodeForwarded makes the data of a client's request on its way to the leader. Who asks
// travels with it: the leader judges, and has never met the client. Of a request whose body
// is malformed only the header goes on: it is to be refused in its turn.
func encodeForwarded(q prep.Request) []byte {
	var e wire.Encoder
	e.Int64(int64(q.Session))
	e.Bool(q.Malformed)
	acl.Encode(&e, q.Who)
	if q.Malformed {
		e.Int32(q.Xid)
		e.Int32(int32(q.Op))
	} else {
		q.Encode(&e)
	}
	return e.Buf
}

func decodeForwarded(b []byte) (q prep.Request, err error) {
	d := wire.NewDecoder(b)
	q.Session, q.Malformed, q.Who = wire.SessionID(d.Int64()), d.Bool(), acl.Decode(d)
	if d.Err() != nil {
		return q, d.Err()
	}
	req, err := wire.DecodeRequest(d.Rest())
	q.Request = &req
	if q.Malformed && !errors.Is(err, wire.ErrNoHeader) {
		err = nil
	}
	return q, err
}

// notification is a vote on an election link, with who casts it.
type notification struct {
	from  ID
	state Role
	round int64
	vote  vote
	// The configuration that it knows, as text: who was away for a change learns of it here.
	config string
}

func (x notification) encode() []byte {
	var e wire.Encoder
	mark := e.Begin()
	e.Int32(int32(x.from))
	e.Int32(int32(x.state))
	e.Int64(x.round)
	e.Int32(int32(x.vote.leader))
	e.Int64(int64(x.vote.zxid))
	e.Int64(int64(x.vote.epoch))
	e.String(x.config)
	e.End(mark)
	return e.Buf
}

func decodeNotification(frame []byte) (x notification, err error) {
	d := wire.NewDecoder(frame)
	x.from, x.state, x.round = ID(d.Int32()), Role(d.Int32()), d.Int64()
	x.vote = vote{leader: ID(d.Int32()), zxid: wire.Zxid(d.Int64()), epoch: wire.Epoch(d.Int64())}
	x.config = d.String()
	if x.state > Observing {
		return x, wire.ErrMalformed
	}
	return x, d.Err()
}
