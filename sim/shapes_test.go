package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// A meeting is servers and clients that all talk to each other, all the time, over a
// connection for each direction. Who hears whom is written down.
type meeting struct {
	*World
	hosts []string
	heard map[[2]string][]clock.Instant // from, to
}

const chatPort net.Port = 9

func meet(t *testing.T, seed uint64, servers, clients int, clauses ...string) *meeting {
	w := New(Config{
		Noise: []kernel.Noise{{Key: rng.New(seed)}}, Link: simnet.Latency{Min: time.Millisecond, Max: 2 * time.Millisecond},
		Disk: simdisk.Config{Sync: simdisk.Latency{Min: time.Millisecond, Max: time.Millisecond}},
	})
	m := &meeting{World: w, heard: map[[2]string][]clock.Instant{}}
	for i := range servers {
		m.hosts = append(m.hosts, ServerHost(i+1))
	}
	for i := range clients {
		m.hosts = append(m.hosts, ClientHost(i+1))
	}
	var all []*Process
	for i := range servers {
		all = append(all, w.AddServer(m.boot(ServerHost(i+1))))
	}
	for i := range clients {
		all = append(all, w.AddClientProcess(m.boot(ClientHost(i+1))))
	}
	for _, p := range all {
		require.NoError(t, p.Start())
	}
	var armed []fault.Clause
	for _, text := range clauses {
		armed = append(armed, entry(t, text).Clause)
	}
	m.Arm(armed)
	require.NoError(t, w.Kernel.Run(3*second))
	return m
}

// chatter is one of those who talk.
type chatter struct {
	*meeting
	env  Env
	self string
	conn map[string]net.Conn // to whom; 0: none
	open map[net.Conn]bool
	from map[net.Conn]string
}

func (m *meeting) boot(self string) Boot {
	return func(env Env, now clock.Now) (Server, error) {
		c := &chatter{m, env, self, map[string]net.Conn{}, map[net.Conn]bool{}, map[net.Conn]string{}}
		env.Net.Listen(chatPort)
		c.Wake(now)
		return c, nil
	}
}

func (c *chatter) Wake(now clock.Now) {
	for _, to := range c.hosts {
		switch conn := c.conn[to]; {
		case to == c.self:
		case conn == 0:
			c.conn[to] = c.env.Net.Dial(net.MakeAddr(to, chatPort))
		case c.open[conn]:
			c.env.Net.Send(conn, []byte("word"))
		}
	}
	c.env.Alarm.Set(now.Mono.Add(20 * time.Millisecond))
}

func (c *chatter) DiskDone(clock.Now, disk.Done) {}

func (c *chatter) NetEvent(now clock.Now, ev net.Event) {
	switch ev.Kind {
	case net.Accepted:
		c.from[ev.Conn], _, _ = ev.Peer.Split()
	case net.Connected:
		c.open[ev.Conn] = true
	case net.Received:
		way := [2]string{c.from[ev.Conn], c.self}
		c.heard[way] = append(c.heard[way], now.Mono)
	case net.Closed:
		for to, conn := range c.conn {
			if conn == ev.Conn {
				c.conn[to] = 0
			}
		}
	}
}

// hears says, for an interval, whether a host hears another.
func (m *meeting) hears(from, to string, after, before clock.Instant) bool {
	return within(m.heard[[2]string{from, to}], after, before) > 0
}

// during is the time in which the fault is on, and nothing from before it is under way.
func (m *meeting) during(from, to string) bool {
	return m.hears(from, to, second+clock.Instant(quick), 2*second)
}

// shapes says, for every shape of partition, what must be true of who hears whom.
var shapes = []struct {
	clause string
	holds  func(t *testing.T, m *meeting, servers int)
}{
	{"at 1s for 1s halve servers", func(t *testing.T, m *meeting, servers int) {
		sides := m.groups(t)
		require.Len(t, sides, 2)
		sizes := map[int]bool{}
		for _, side := range sides {
			n := 0
			for _, h := range side {
				if h < ClientHost(0) {
					n++
				}
			}
			sizes[n] = true
		}
		require.True(t, sizes[(servers+1)/2] && sizes[servers/2], "%v", sides)
	}},
	{"at 1s for 1s bridge servers", func(t *testing.T, m *meeting, servers int) {
		middle := 0
		for _, a := range m.hosts[:servers] {
			all := true
			for _, b := range m.hosts[:servers] {
				all = all && (a == b || m.during(a, b) && m.during(b, a))
				require.Equal(t, a == b || m.during(a, b), a == b || m.during(b, a), "a bridge is the same from both ends")
			}
			if all {
				middle++
			}
		}
		require.Equal(t, 1, middle, "one server is heard on both sides")
	}},
	{"at 1s for 1s ring servers", func(t *testing.T, m *meeting, servers int) {
		seen := map[string]bool{}
		for _, to := range m.hosts[:servers] {
			hears := 1
			set := ""
			for _, from := range m.hosts[:servers] {
				if from == to || m.during(from, to) {
					set += from + " "
				}
				if m.during(from, to) {
					hears++
				}
			}
			require.Equal(t, servers/2+1, hears, "a majority")
			require.False(t, seen[set], "no two the same")
			seen[set] = true
		}
	}},
}

// groups returns who hears whom as sets; it fails if that is no equivalence.
func (m *meeting) groups(t *testing.T) map[string][]string {
	sides := map[string][]string{}
	for _, a := range m.hosts {
		group := ""
		var side []string
		for _, b := range m.hosts {
			if a == b || m.during(b, a) {
				group += b + " "
				side = append(side, b)
			}
		}
		sides[group] = side
	}
	total := 0
	for _, side := range sides {
		total += len(side)
	}
	require.Equal(t, len(m.hosts), total, "the groups do not overlap: %v", sides)
	return sides
}

func TestPartitionsHaveTheirShape(t *testing.T) {
	for _, shape := range shapes {
		for _, servers := range []int{3, 5} {
			different := map[string]bool{}
			for seed := range uint64(12) {
				m := meet(t, seed, servers, 2, shape.clause)
				shape.holds(t, m, servers)
				require.Positive(t, m.Ledger()[0].Mattered)
				different[fmt.Sprint(m.whoHearsWhom())] = true
			}
			require.Greater(t, len(different), 1, "%s: chance decides who is where", shape.clause)
		}
	}
}

func (m *meeting) whoHearsWhom() (ways [][2]string) {
	for _, a := range m.hosts {
		for _, b := range m.hosts {
			if a != b && m.during(a, b) {
				ways = append(ways, [2]string{a, b})
			}
		}
	}
	return ways
}

// Of all directions about a third is cut, and often only one of two.
func TestScatterCutsAThird(t *testing.T) {
	cut, all, lopsided := 0, 0, 0
	for seed := range uint64(20) {
		m := meet(t, seed, 3, 2, "at 1s for 1s scatter servers")
		all += 5 * 4
		cut += 5*4 - len(m.whoHearsWhom())
		for i, a := range m.hosts {
			for _, b := range m.hosts[:i] {
				if m.during(a, b) != m.during(b, a) {
					lopsided++
				}
			}
		}
	}
	require.InDelta(t, all/3, cut, float64(all)/10)
	require.Positive(t, lopsided)
}

// Without a partition, and when it is over, everybody hears everybody.
func TestPartitionsEnd(t *testing.T) {
	for _, clause := range []string{shapes[0].clause, shapes[1].clause, shapes[2].clause, "at 1s for 1s scatter servers"} {
		m := meet(t, 1, 3, 2, clause)
		for _, a := range m.hosts {
			for _, b := range m.hosts {
				require.Equal(t, a != b, m.hears(a, b, 0, second))
				require.Equal(t, a != b, m.hears(a, b, 2*second+clock.Instant(quick), 3*second))
			}
		}
	}
	m := meet(t, 1, 3, 2)
	require.Len(t, m.whoHearsWhom(), 5*4)
}

// A bridge takes three servers, and a ring of two has nothing to cut.
func TestSmallEnsemblesHaveNoShape(t *testing.T) {
	for _, clause := range []string{"at 1s for 1s bridge servers", "at 1s for 1s ring servers"} {
		require.Zero(t, meet(t, 1, 2, 1, clause).Ledger()[0].Fired)
	}
}

// What is said of a link happens on that link, in the direction that is meant.
func TestLinksAreCutInTheDirectionThatIsMeant(t *testing.T) {
	for clause, cut := range map[string]int{
		"at 1s for 1s cut link server 1 - client 2": 2,
		"at 1s for 1s cut link server 1 > client 2": 1,
		"at 1s for 1s cut link client 2 > server 1": 1,
	} {
		m := meet(t, 1, 3, 2, clause)
		require.Len(t, m.whoHearsWhom(), 5*4-cut, clause)
		back := clause == "at 1s for 1s cut link client 2 > server 1"
		require.Equal(t, back, m.during(ServerHost(1), ClientHost(2)), clause)
		require.False(t, cut == 2 && m.during(ClientHost(2), ServerHost(1)), clause)
	}
}

// A minority that is isolated still hears itself; who it is differs from seed to seed.
func TestAMinorityIsIsolatedAsOne(t *testing.T) {
	who := map[string]bool{}
	for seed := range uint64(20) {
		m := meet(t, seed, 5, 1, "at 1s for 1s isolate minority")
		sides := m.groups(t)
		require.Len(t, sides, 2)
		small := ""
		for group, side := range sides {
			if len(side) < 3 {
				small = group
			}
		}
		require.NotEmpty(t, small)
		who[small] = true
	}
	require.Greater(t, len(who), 5)
}
