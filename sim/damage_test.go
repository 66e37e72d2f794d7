package sim

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/wire"
)

// ensemble is three servers that do nothing, of which the test says what they report.
func ensemble(t *testing.T, beyond bool, clauses ...string) *World {
	w := New(Config{Beyond: beyond})
	m := &meeting{World: w, heard: map[[2]string][]clock.Instant{}}
	var armed []fault.Clause
	for _, text := range clauses {
		armed = append(armed, entry(t, text).Clause)
	}
	for i := range 3 {
		w.AddServer(m.boot(ServerHost(i + 1)))
	}
	w.Arm(armed)
	for _, p := range w.servers {
		require.NoError(t, p.Start())
		report(p, history.Fact{Kind: history.Promising, Epoch: 1}, history.Fact{Kind: history.Promised, Epoch: 1}, history.Fact{Kind: history.Adopted, Epoch: 1})
	}
	return w
}

func report(p *Process, facts ...history.Fact) {
	for _, f := range facts {
		p.note(f)
	}
}

func logged(z wire.Zxid) history.Fact    { return history.Fact{Kind: history.Logged, Zxid: z} }
func committed(z wire.Zxid) history.Fact { return history.Fact{Kind: history.Committed, Zxid: z} }

var first, later = wire.MakeZxid(1, 1), wire.MakeZxid(1, 2)

// A write is committed on servers 1 and 2, and server 3 lags. Wiping server 1 would leave
// a quorum, 1 and 3, that has never heard of it. So that is refused until 3 has it as
// well, and then it happens.
func TestWipingIsRefusedWhileAWriteIsOnTwoOfThree(t *testing.T) {
	w := ensemble(t, false, "at 1s for 1s wipe server 1", "at 2s for 1s wipe server 1", "at 2.1s for 1s wipe server 2")
	for _, p := range w.servers {
		report(p, logged(first))
	}
	report(w.servers[0], logged(later), committed(later))
	report(w.servers[1], logged(later))
	require.NoError(t, w.Kernel.Run(second+second/2))
	require.True(t, w.servers[0].Running())
	require.Equal(t, 1, w.Ledger()[0].Refused)
	require.Zero(t, w.Ledger()[0].Fired)
	require.Equal(t, []string{"at 1s for 1s wipe server 1: without it only 1 of 3 voters report that all of 0x100000002 and epoch 1 is durable, and a majority is 2"},
		notesOf(w, history.Refused))

	report(w.servers[2], logged(later))
	require.NoError(t, w.Kernel.Run(2*second+second/2))
	require.False(t, w.servers[0].Running())
	require.Equal(t, 1, w.Ledger()[1].Fired)
	require.Equal(t, 1, w.Ledger()[2].Refused, "server 1 has lost everything, so 2 and 3 are needed")
	require.NoError(t, w.Kernel.Run(4*second))
	require.True(t, w.servers[0].Running())
}

func notesOf(w *World, kind history.FactKind) (notes []string) {
	for _, f := range w.Log.Facts {
		if f.Kind == kind {
			notes = append(notes, f.Note)
		}
	}
	return notes
}

func TestBeyondTheBudgetNothingIsRefused(t *testing.T) {
	w := ensemble(t, true, "at 1s for 1s wipe majority", "at 1s for 1s rot server 3")
	report(w.servers[0], logged(later), committed(later))
	require.NoError(t, w.Kernel.Run(3*second))
	require.Equal(t, 1, w.Ledger()[0].Fired)
	require.Zero(t, w.Ledger()[0].Refused)
	require.Nil(t, w.budget)
}

// A service that does not say what it has made durable keeps its disks.
func TestWithoutEvidenceDamageIsRefused(t *testing.T) {
	for _, clause := range []string{"at 1s for 1s wipe server 1", "at 1s for 1s rot server 1"} {
		s := play(t, clause)
		require.Equal(t, 1, s.Ledger()[0].Refused)
		require.Zero(t, s.Ledger()[0].Fired)
		stopped, _ := s.facts(1, history.Stopped)
		require.Empty(t, stopped)
	}
}

// Where no clause damages anything, nobody looks at what servers report.
func TestTheBudgetIsWatchedOnlyWhereItIsNeeded(t *testing.T) {
	require.Nil(t, play(t, "at 1s for 1s kill server 1").budget)
	require.NotNil(t, play(t, "at 1s for 1s wipe server 1").budget)
}

// While a stage stands still, what its server reports may be late.
func TestNothingIsDamagedWhileAStageIsStalled(t *testing.T) {
	s := play(t, "at 1s for 1s stall server 2 stage echo", "at 1.5s for 1s wipe server 1", "at 2.5s for 1s wipe server 1")
	require.Contains(t, notesOf(s.World, history.Refused)[0], "a stage is stalled")
	require.NotContains(t, notesOf(s.World, history.Refused)[1], "a stage is stalled")
}

// picky makes a process refuse to start on bytes that nobody wrote.
func picky(boot Boot) Boot {
	return func(env Env, now clock.Now) (Server, error) {
		if b, _ := disk.Read(env.Disk, "log"); bytes.Count(b, []byte{'x'}) < len(b) {
			return nil, errors.New("the log is damaged")
		}
		return boot(env, now)
	}
}

// A server that cannot read what a fault has left of its disk stays down, and gets a new
// one when all faults are over.
func TestHealingReplacesADiskThatAFaultMadeUnreadable(t *testing.T) {
	s := setUp(t, 1)
	s.cfg.Beyond = true
	p := s.World.servers[0]
	p.boot = picky(p.boot)
	s.Arm([]fault.Clause{entry(t, "at 1s for 1s rot server 1").Clause})
	require.NoError(t, s.Kernel.Run(3*second))
	require.False(t, p.Running())
	require.Equal(t, []string{"the log is damaged"}, notesOf(s.World, history.Halted))
	s.Heal()
	require.True(t, p.Running())
	require.Len(t, notesOf(s.World, history.Replaced), 1)
	require.Equal(t, []int{0, 0}, s.servers[0].found, "at the start, and on the new disk")
}

// What makes a disk unreadable without a fault is a bug, and healing does not hide it.
func TestHealingReplacesNoOtherDisk(t *testing.T) {
	s := setUp(t, 1)
	p := s.World.servers[0]
	p.boot = func(Env, clock.Now) (Server, error) { return nil, errors.New("a bug") }
	s.Arm([]fault.Clause{entry(t, "at 1s for 1s kill server 1").Clause})
	require.NoError(t, s.Kernel.Run(3*second))
	s.Heal()
	require.False(t, p.Running())
	require.Empty(t, notesOf(s.World, history.Replaced))
	require.Equal(t, []string{"a bug", "a bug"}, notesOf(s.World, history.Halted))
}

// fragile ends when its disk fails, as a server should.
type fragile struct {
	*echo
	halt func(string)
}

func (f fragile) DiskDone(now clock.Now, d disk.Done) {
	if f.echo.DiskDone(now, d); d.Err != nil {
		f.halt("the disk failed")
	}
}

// A process that ends because its disk fails comes back when the disk is repaired, and
// not before; one that goes on is left alone.
func TestAProcessIsRevivedWhenItsDiskIsRepaired(t *testing.T) {
	for _, kind := range []string{"failsync", "failwrite", "fill"} {
		s := setUp(t, 1)
		p := s.World.servers[0]
		healthy := p.boot
		p.boot = func(env Env, now clock.Now) (Server, error) {
			e, err := healthy(env, now)
			return fragile{e.(*echo), env.Halted}, err
		}
		p.Kill()
		require.NoError(t, p.Start())
		s.Arm([]fault.Clause{entry(t, "at 1s for 1s "+kind+" servers").Clause})
		require.NoError(t, s.Kernel.Run(2*second-1))
		require.False(t, p.Running(), kind)
		require.True(t, s.World.servers[1].Running(), kind)
		require.NoError(t, s.Kernel.Run(3*second))
		require.True(t, p.Running(), kind)
		require.Len(t, notesOf(s.World, history.Stopped), 2, "%s: it ends once, and nobody else does", kind)
	}
}
