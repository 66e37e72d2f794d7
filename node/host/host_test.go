package host

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// machine is a network, a disk and an alarm that do nothing by themselves: the test says
// when what happens. It writes down what the host does, in order.
type machine struct {
	files   map[string][]byte
	did     []string
	batches [][]disk.Op
	alarm   clock.Instant
	dialed  []net.Addr
	sent    map[net.Conn]int // bytes
	full    map[net.Conn]bool
	closed  []net.Conn
	facts   []history.FactKind
	halted  string
}

func (m *machine) Listen(net.Port) { m.did = append(m.did, "listen") }

func (m *machine) Dial(to net.Addr) net.Conn {
	m.did, m.dialed = append(m.did, "dial"), append(m.dialed, to)
	return net.Conn(100 + len(m.dialed))
}

func (m *machine) Send(c net.Conn, b []byte) bool {
	m.did = append(m.did, "send")
	m.sent[c] += len(b)
	return !m.full[c]
}

func (m *machine) Pause(c net.Conn)  { m.did = append(m.did, "pause") }
func (m *machine) Resume(c net.Conn) { m.did = append(m.did, "resume") }

func (m *machine) Close(c net.Conn) { m.closed = append(m.closed, c) }

func (m *machine) List() ([]string, error) { return slices.Sorted(maps.Keys(m.files)), nil }

func (m *machine) Size(name string) (int64, error) { return int64(len(m.files[name])), nil }

func (m *machine) ReadAt(name string, b []byte, offset int64) (int, error) {
	return copy(b, m.files[name][offset:]), nil
}

func (m *machine) Submit(_ uint64, ops []disk.Op) {
	m.did = append(m.did, "submit")
	m.batches = append(m.batches, ops)
}

func (m *machine) Set(at clock.Instant) { m.alarm = at }

var alone = node.Config{ID: 1, Ensemble: quorum.Simple(1), Tick: time.Second, InitLimit: 10, SyncLimit: 5, MinSession: time.Second, MaxSession: time.Minute}

func boot(t *testing.T, cfg node.Config) (*Host, *machine) {
	m := &machine{files: map[string][]byte{}, sent: map[net.Conn]int{}}
	h, err := Boot(cfg, m.env(), clock.Now{})
	require.NoError(t, err)
	return h, m
}

func (m *machine) env() Env {
	return Env{
		Net: m, Disk: m, Alarm: m, Peers: map[node.ID]Peer{1: At("one"), 2: At("two")},
		Evidence: func(f history.Fact) { m.facts = append(m.facts, f.Kind) }, Halted: func(why string) { m.halted = why },
	}
}

// finish completes the host's batches until none is under way.
func (m *machine) finish(h *Host) {
	for h.busy {
		h.DiskDone(clock.Now{}, disk.Done{ID: h.batches})
	}
}

func (m *machine) greet(h *Host, c net.Conn) { m.greetAt(clock.Now{}, h, c) }

func (m *machine) greetAt(now clock.Now, h *Host, c net.Conn) {
	var e wire.Encoder
	mark := e.Begin()
	(&wire.ConnectRequest{TimeoutMillis: 4000, Password: make([]byte, 16)}).Encode(&e)
	e.End(mark)
	h.NetEvent(now, net.Event{Kind: net.Accepted, Conn: c, Port: ClientPort})
	h.NetEvent(now, net.Event{Kind: net.Received, Conn: c, Data: e.Buf})
}

// Everything waits for the repairs of the disk, and then for its own save: a server alone
// in its ensemble answers a client when its log is durable, not before.
func TestNothingLeavesBeforeItsSave(t *testing.T) {
	h, m := boot(t, alone)
	require.Equal(t, []string{"listen", "listen", "listen", "submit"}, m.did)
	require.Equal(t, disk.Op{Kind: disk.SyncDir}, m.batches[0][len(m.batches[0])-1], "the repairs")
	require.Equal(t, node.Leading, h.Node().Role())
	require.NotContains(t, m.facts, history.Established)
	m.finish(h)
	require.Contains(t, m.facts, history.Established)
	m.greet(h, 7)
	require.Zero(t, m.sent[7])
	last := m.batches[len(m.batches)-1]
	require.Equal(t, disk.Append, last[1].Kind)
	h.DiskDone(clock.Now{}, disk.Done{ID: h.batches})
	require.Positive(t, m.sent[7])
	require.Equal(t, 1, count(m.facts, history.SessionOpened))
}

// What a save carries is sent when its batch is durable, and then only.
func TestMessagesOfASaveWaitForIt(t *testing.T) {
	h, m := boot(t, alone)
	m.finish(h)
	h.inflight, h.queue = nil, nil
	txn := tree.Txn{Zxid: wire.MakeZxid(9, 1), Op: wire.OpError}
	h.queue = append(h.queue, node.Save{Ops: []node.SaveOp{{Kind: node.AppendTxn, Txn: txn}}, Then: []node.Message{{Conn: 5, Data: []byte("ack")}, {Conn: 6, Close: true}}})
	h.pump()
	require.True(t, h.busy)
	require.Zero(t, m.sent[5])
	require.Empty(t, m.closed)
	h.saved()
	require.Equal(t, 3, m.sent[5])
	require.Equal(t, []net.Conn{6}, m.closed)
}

// An effect's own sends go at once; those of its saves stay with the saves.
func TestCarryOutSendsOnlyWhatIsFree(t *testing.T) {
	h, m := boot(t, alone)
	m.finish(h)
	h.carryOut(clock.Now{}, &node.Effects{
		Sends: []node.Message{{Conn: 4, Data: []byte("now")}},
		Saves: []node.Save{{Ops: []node.SaveOp{{Kind: node.SetCurrentEpoch, Epoch: 9}}, Then: []node.Message{{Conn: 5, Data: []byte("later")}}}},
	})
	require.Equal(t, 3, m.sent[4])
	require.Zero(t, m.sent[5])
}

// While the disk works on one batch, saves gather; they share the next one.
func TestGroupCommit(t *testing.T) {
	h, m := boot(t, alone)
	m.finish(h)
	m.greet(h, 1)
	before := len(m.batches)
	m.greet(h, 2)
	m.greet(h, 3)
	m.greet(h, 4)
	require.Len(t, m.batches, before, "the disk is busy")
	h.DiskDone(clock.Now{}, disk.Done{ID: h.batches})
	require.Len(t, m.batches, before+1)
	require.Equal(t, 1, kinds(m.batches[before], disk.Append))
	require.Equal(t, 1, kinds(m.batches[before], disk.Sync))
	h.DiskDone(clock.Now{}, disk.Done{ID: h.batches})
	for c := net.Conn(1); c <= 4; c++ {
		require.Positive(t, m.sent[c])
	}
	require.False(t, h.busy)
}

// A snapshot is written in chunks, which take turns with what has to be saved: no save waits
// for a whole snapshot.
func TestASnapshotTakesTurnsWithSaves(t *testing.T) {
	cfg := alone
	_, m := boot(t, cfg)
	env := m.env()
	env.Log.ChunkBytes = 100
	h, err := Boot(cfg, env, clock.Now{})
	require.NoError(t, err)
	m.finish(h)
	txn := func(counter uint32) node.Save {
		return node.Save{ID: node.SaveID(counter), Ops: []node.SaveOp{{Kind: node.AppendTxn, Txn: tree.Txn{Zxid: wire.MakeZxid(1, counter), Op: wire.OpError}}},
			Then: []node.Message{{Conn: node.Conn(counter), Data: []byte("ack")}}}
	}
	done := func() { // of the disk, without the server, which knows nothing of these saves
		h.busy = false
		h.saved()
		h.events = nil
		h.pump()
	}
	begin := len(m.batches)
	first := txn(1)
	first.Ops = append(first.Ops, node.SaveOp{Kind: node.TakeSnapshot, Zxid: wire.MakeZxid(1, 1), Bytes: make([]byte, 350)})
	h.queue = append(h.queue, first)
	h.pump()
	for counter := uint32(2); counter < 6; counter++ {
		h.queue = append(h.queue, txn(counter))
		done()
		require.Zero(t, m.sent[net.Conn(counter)], "a chunk is being written")
		done()
		done()
	}
	var order []string
	for _, b := range m.batches[begin:] {
		order = append(order, b[len(b)-1].Kind.String()+" "+b[0].Name)
	}
	require.Equal(t, []string{
		"syncdir log.0000000100000001", "sync snapshot.0000000100000001.tmp", "syncdir log.0000000100000002", "sync snapshot.0000000100000001.tmp",
		"sync log.0000000100000002", "sync snapshot.0000000100000001.tmp", "remove snapshot.0000000100000001.tmp", "sync log.0000000100000002",
		"sync log.0000000100000002",
	}, order, "and two chunks follow each other when nothing has to be saved")
}

// Appends next to each other become one write; what is not an append keeps its place.
func TestTranslateKeepsTheOrder(t *testing.T) {
	h, _ := boot(t, alone)
	txn := func(counter uint32) node.SaveOp {
		return node.SaveOp{Kind: node.AppendTxn, Txn: tree.Txn{Zxid: wire.MakeZxid(1, counter), Op: wire.OpError}}
	}
	ops := h.translate([]node.Save{
		{Ops: []node.SaveOp{txn(1)}}, {}, {Ops: []node.SaveOp{txn(2), {Kind: node.SetCurrentEpoch, Epoch: 1}, txn(3)}},
	})
	var names []string
	for _, op := range ops {
		if op.Kind == disk.Append {
			names = append(names, op.Name)
		}
	}
	require.Equal(t, []string{"log.0000000100000001", "manifest.tmp", "currentEpoch.tmp", "log.0000000100000001"}, names)
	require.Equal(t, 3+1, kinds(ops, disk.Sync))
	require.PanicsWithValue(t, "host: a save operation of unknown kind", func() { h.one(&node.SaveOp{Kind: 99}) })
}

func TestFailedSaveHaltsTheServer(t *testing.T) {
	h, m := boot(t, alone)
	m.finish(h)
	m.greet(h, 7)
	h.DiskDone(clock.Now{}, disk.Done{ID: h.batches, Err: errors.New("no space left")})
	require.Equal(t, "save failed: no space left", m.halted)
	require.Equal(t, clock.Never, m.alarm)
	require.Zero(t, m.sent[7])
	before := len(m.did)
	h.Wake(clock.Now{Mono: clock.Instant(time.Hour)})
	m.greet(h, 8)
	require.Len(t, m.did, before, "it does nothing any more")
}

func TestACorruptDiskIsRefused(t *testing.T) {
	m := &machine{files: map[string][]byte{"currentEpoch": []byte("1")}}
	_, err := Boot(alone, m.env(), clock.Now{})
	require.EqualError(t, err, "server 1 does not start: txnlog: currentEpoch is corrupt: bad checksum or number")
	require.Empty(t, m.did)
}

// A dial that nobody answers is given up after two ticks, and tried again.
func TestDialsTimeOut(t *testing.T) {
	pair := alone
	pair.Ensemble = quorum.Simple(1, 2)
	h, m := boot(t, pair)
	require.Equal(t, []net.Addr{"two:3888"}, m.dialed)
	for len(m.closed) == 0 {
		require.LessOrEqual(t, m.alarm, clock.Instant(2*time.Second))
		h.Wake(clock.Now{Mono: m.alarm})
	}
	require.Equal(t, []net.Conn{101}, m.closed)
	h.NetEvent(clock.Now{Mono: m.alarm}, net.Event{Kind: net.Connected, Conn: 101})
	require.Zero(t, m.sent[101], "it was given up")
	for len(m.dialed) == 1 {
		h.Wake(clock.Now{Mono: m.alarm})
	}
	h.NetEvent(clock.Now{Mono: m.alarm}, net.Event{Kind: net.Connected, Conn: 102})
	require.Positive(t, m.sent[102], "its vote")
}

func TestARefusedDialIsTriedAgain(t *testing.T) {
	pair := alone
	pair.Ensemble = quorum.Simple(1, 2)
	h, m := boot(t, pair)
	h.NetEvent(clock.Now{}, net.Event{Kind: net.Closed, Conn: 101})
	require.Len(t, m.dialed, 1)
	h.Wake(clock.Now{Mono: m.alarm})
	require.Equal(t, []net.Addr{"two:3888", "two:3888"}, m.dialed)
}

func TestStallHoldsAStage(t *testing.T) {
	h, m := boot(t, alone)
	m.finish(h)
	h.Stall(clock.Now{}, node.ReplyStage, true)
	m.greet(h, 7)
	m.finish(h)
	require.Zero(t, m.sent[7])
	h.Stall(clock.Now{}, node.ReplyStage, false)
	require.Positive(t, m.sent[7])
}

func TestPortsHaveChannels(t *testing.T) {
	require.Equal(t, node.ClientChannel, channelOf(ClientPort))
	require.Equal(t, node.QuorumChannel, channelOf(QuorumPort))
	require.Equal(t, node.ElectionChannel, channelOf(ElectionPort))
	require.PanicsWithValue(t, "host: a connection was accepted on port 80, which no channel has", func() { channelOf(80) })
}

func kinds(ops []disk.Op, k disk.Kind) (n int) {
	for _, op := range ops {
		if op.Kind == k {
			n++
		}
	}
	return n
}

func count(facts []history.FactKind, k history.FactKind) (n int) {
	for _, f := range facts {
		if f == k {
			n++
		}
	}
	return n
}
