package gate_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node/host"
	"github.com/zoobreak/zoobreak/server/gate"
	"github.com/zoobreak/zoobreak/wire"
)

// street is the network before the gate, and the host behind it; both write down what
// they are asked to do.
type street struct {
	t      *testing.T
	gate   *gate.Gate
	now    clock.Instant
	did    []string
	sent   map[net.Conn]string
	inside []net.Event
}

func (s *street) Listen(p net.Port)      { s.did = append(s.did, "listen "+string(net.MakeAddr("", p))) }
func (s *street) Dial(net.Addr) net.Conn { return 99 }
func (s *street) Pause(net.Conn)         { s.did = append(s.did, "pause") }
func (s *street) Resume(net.Conn)        { s.did = append(s.did, "resume") }
func (s *street) Close(net.Conn)         { s.did = append(s.did, "close") }
func (s *street) Send(c net.Conn, b []byte) bool {
	s.sent[c] += string(b)
	return true
}

func open(t *testing.T, cfg gate.Config) *street {
	s := &street{t: t, sent: map[net.Conn]string{}}
	cfg.Ports = []net.Port{host.ClientPort}
	cfg.Now = func() clock.Instant { return s.now }
	cfg.Word = func(w string, _ net.Conn) (string, bool) { return "imok", w == "ruok" }
	s.gate = gate.New(cfg, s, func(ev net.Event) {
		ev.Data = slices.Clone(ev.Data)
		s.inside = append(s.inside, ev)
	})
	return s
}

func (s *street) arrive(c net.Conn, from net.Addr) {
	s.gate.NetEvent(net.Event{Kind: net.Accepted, Conn: c, Port: host.ClientPort, Peer: from})
}

func (s *street) say(c net.Conn, b []byte) {
	s.gate.NetEvent(net.Event{Kind: net.Received, Conn: c, Data: b})
}

func (s *street) kinds() (all []net.Kind) {
	for _, ev := range s.inside {
		all = append(all, ev.Kind)
	}
	return all
}

// ask is a request; answer is the reply to one.
func ask(xid int32) []byte { return frame(xid, int32(wire.OpPing)) }

func answer(xid int32) []byte { return frame(xid, 0, 7, 0) }

func frame(words ...int32) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(4*len(words)))
	for _, w := range words {
		b = binary.BigEndian.AppendUint32(b, uint32(w))
	}
	return b
}

// admitted is the answer to a handshake: session 5, a timeout of 4 s.
func admitted() []byte { return frame(0, 4000, 0, 5, 0) }

func (s *street) enter(c net.Conn) {
	s.arrive(c, "10.0.0.9:1")
	s.say(c, frame(0, 0, 0, 0))
	s.gate.Send(c, admitted())
}

func TestAWordIsAnsweredAtTheGate(t *testing.T) {
	s := open(t, gate.Config{})
	s.arrive(1, "10.0.0.1:1000")
	s.say(1, []byte("ru"))
	require.Empty(t, s.sent)
	s.say(1, []byte("ok\n"))
	require.Equal(t, "imok", s.sent[1])
	require.Equal(t, []string{"close"}, s.did)
	require.Empty(t, s.inside, "the host never hears of it")
	require.Zero(t, s.gate.Stats().Connections)
}

func TestWhatIsNoWordGoesOnWhole(t *testing.T) {
	s := open(t, gate.Config{})
	s.arrive(1, "10.0.0.1:1000")
	b := frame(1, 2)
	s.say(1, b[:3])
	require.Empty(t, s.inside)
	s.say(1, b[3:7])
	s.say(1, b[7:])
	require.Equal(t, []net.Kind{net.Accepted, net.Received, net.Received}, s.kinds())
	require.Equal(t, b, append(s.inside[1].Data, s.inside[2].Data...))
	s.say(1, []byte("ruok"))
	require.Empty(t, s.sent, "not a word any more")
}

func TestConnectionsAreLimited(t *testing.T) {
	s := open(t, gate.Config{PerAddress: 2, Total: 3})
	for c, from := range []net.Addr{1: "10.0.0.1:1", 2: "10.0.0.1:2", 3: "10.0.0.1:3", 4: "10.0.0.2:1", 5: "10.0.0.3:1"} {
		if c > 0 {
			s.arrive(net.Conn(c), from)
		}
	}
	require.Len(t, s.did, 2, "the third of one address, and the fourth of all")
	require.EqualValues(t, 2, s.gate.Stats().Rejected)
	s.gate.NetEvent(net.Event{Kind: net.Closed, Conn: 1})
	s.arrive(6, "10.0.0.1:4")
	require.Len(t, s.did, 2, "there is room again")
	unlimited := open(t, gate.Config{})
	for c := range 100 {
		unlimited.arrive(net.Conn(c), "10.0.0.1:1")
	}
	require.Empty(t, unlimited.did)
}

func TestWhoNeverAsksForASessionHasToGo(t *testing.T) {
	s := open(t, gate.Config{Sessionless: 10 * time.Second})
	s.arrive(1, "10.0.0.1:1")
	s.now = s.now.Add(time.Second)
	s.enter(2)
	s.arrive(3, "10.0.0.3:1")
	s.say(3, frame(0, 0, 0, 0)) // asked, and is not answered
	require.Equal(t, clock.Instant(10*time.Second), s.gate.Due())
	s.now = s.gate.Due()
	s.gate.Wake()
	require.Equal(t, []string{"close"}, s.did)
	s.now = s.gate.Due()
	require.Equal(t, clock.Instant(11*time.Second), s.now)
	s.gate.Wake()
	require.Len(t, s.did, 2)
	require.Equal(t, net.Event{Kind: net.Closed, Conn: 3}, s.inside[len(s.inside)-1])
	require.Equal(t, clock.Never, s.gate.Due())
	require.EqualValues(t, 2, s.gate.Stats().Sessionless)
}

// When too many requests wait, who asks for more is not read until half are answered; the
// host's own reasons not to read it stay.
func TestTooManyRequests(t *testing.T) {
	s := open(t, gate.Config{Outstanding: 4})
	s.enter(1)
	s.enter(2)
	for xid := range int32(3) {
		s.say(1, ask(xid))
	}
	require.Empty(t, s.did)
	s.say(2, ask(0))
	require.Equal(t, []string{"pause"}, s.did)
	require.Equal(t, 4, s.gate.Stats().Outstanding)
	s.gate.Pause(2)
	s.gate.Send(1, append(answer(0), answer(1)...))
	require.Equal(t, []string{"pause", "pause", "pause"}, s.did, "the host does not want it read")
	s.gate.Resume(2)
	require.Equal(t, []string{"pause", "pause", "pause", "resume"}, s.did)
	s.gate.NetEvent(net.Event{Kind: net.Closed, Conn: 1})
	require.Equal(t, 1, s.gate.Stats().Outstanding, "who goes waits for nothing")
}

func TestWhatIsToldOfClients(t *testing.T) {
	s := open(t, gate.Config{})
	s.enter(1)
	s.say(1, frame(8, int32(wire.OpGetData)))
	s.now = s.now.Add(3 * time.Millisecond)
	s.gate.Send(1, frame(wire.XidNotification, -1, -1, 0))
	require.Equal(t, 1, s.gate.Stats().Outstanding, "a notification answers nothing")
	s.gate.Send(1, answer(8))
	c := s.gate.Clients()[0]
	require.EqualValues(t, 5, c.Session)
	require.Equal(t, 4*time.Second, c.Timeout)
	require.Equal(t, wire.OpGetData, c.LastOp)
	require.EqualValues(t, 8, c.LastXid)
	require.EqualValues(t, 7, c.LastZxid)
	require.Equal(t, 3*time.Millisecond, c.LastLatency)
	require.EqualValues(t, 2, c.Received)
	require.EqualValues(t, 3, c.Sent)
	require.Equal(t, 3*time.Millisecond, s.gate.Stats().Latency.Max)
	s.gate.ResetStats()
	s.gate.ResetClients()
	require.Zero(t, s.gate.Stats().Received)
	require.Zero(t, s.gate.Clients()[0].Received)
}

func TestServersPassUnseen(t *testing.T) {
	s := open(t, gate.Config{Total: 1, PerAddress: 1})
	for c := range 3 {
		s.gate.NetEvent(net.Event{Kind: net.Accepted, Conn: net.Conn(c), Port: host.QuorumPort, Peer: "10.0.0.1:1"})
	}
	require.Len(t, s.inside, 3)
	s.gate.Pause(1)
	s.gate.Resume(1)
	s.gate.Close(1)
	require.Equal(t, []string{"pause", "resume", "close"}, s.did)
	s.gate.Listen(host.QuorumPort)
	require.Len(t, s.did, 3, "it is not open")
}

// Segments do not matter: packets are counted, and requests wait, however bytes arrive.
func TestSegmentsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := open(t, gate.Config{})
		s.arrive(1, "10.0.0.1:1")
		n := rapid.IntRange(1, 20).Draw(r, "requests")
		all := frame(0, 0, 0, 0)
		for range n {
			all = append(all, frame(make([]int32, rapid.IntRange(2, 40).Draw(r, "length"))...)...)
		}
		want := string(all)
		for len(all) > 0 {
			k := rapid.IntRange(1, len(all)).Draw(r, "segment")
			s.say(1, all[:k])
			all = all[k:]
		}
		got := ""
		for _, ev := range s.inside {
			got += string(ev.Data)
		}
		require.Equal(t, want, got)
		require.Equal(t, n+1, s.gate.Stats().Outstanding)
	})
}

// A length that cannot be ends the counting, not the bytes: the host closes the connection.
func TestANegativeLength(t *testing.T) {
	s := open(t, gate.Config{})
	s.enter(1)
	s.say(1, []byte{0xff, 0xff, 0xff, 0xff, 0, 0})
	s.say(1, ask(1))
	require.Zero(t, s.gate.Stats().Outstanding)
	require.Equal(t, ask(1), s.inside[len(s.inside)-1].Data)
}
