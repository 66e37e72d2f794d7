package guest_test

import (
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/guest"
)

// session is a program on the real client library: it creates and looks, for ever.
func session(p *guest.Process) {
	c, _, err := zk.Connect(p.Servers(), 4*time.Second, zk.WithDialer(p.Dial), zk.WithLogger(p))
	if err != nil {
		panic(err)
	}
	defer c.Close()
	for p.Running() {
		c.Create("/"+p.Name(), nil, 0, zk.WorldACL(zk.PermAll))
		c.Exists("/absent")
		time.Sleep(500 * time.Millisecond)
	}
}

func TestTheRealClientLibrary(t *testing.T) {
	var log history.Log
	require.NoError(t, run(t, 1, func(w *world) {
		w.serve()
		w.process().Start(session)
		w.until(t, 20*second)
		log = w.log
	}))
	require.NoError(t, log.Validate())
	seen := map[string]int{}
	for _, op := range log.Ops {
		if op.Kind == history.Wire {
			seen[op.Name+" "+string(op.Status)]++
		}
	}
	require.Equal(t, 1, seen["connect ok"])
	require.Equal(t, 1, seen["create ok"])
	require.Greater(t, seen["create fail"], 30)
	require.Greater(t, seen["exists fail"], 30)
}

func TestTheSameSeedIsTheSameRun(t *testing.T) {
	digest := func(seed uint64) (d uint64) {
		require.NoError(t, run(t, seed, func(w *world) {
			w.serve()
			for range 3 {
				w.process().Start(session)
			}
			w.until(t, 5*second)
			w.net.Reset(w.clients[1], w.server)
			w.until(t, 7*second)
			w.net.Reset(w.clients[0], w.server)
			w.until(t, 20*second)
			d = w.k.Digest()
		}))
		return d
	}
	first := digest(1)
	for range 20 {
		require.Equal(t, first, digest(1))
	}
	require.NotEqual(t, first, digest(2))
}
