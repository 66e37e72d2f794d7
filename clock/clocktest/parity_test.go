package clocktest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/clocktest"
	"github.com/zoobreak/zoobreak/clock/simclock"
	"github.com/zoobreak/zoobreak/clock/wall"
	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

func TestSimulated(t *testing.T) { clocktest.Run(t, simulatedWorld) }

func simulatedWorld(t *testing.T, wake func()) clocktest.World {
	k := kernel.New()
	require.NoError(t, k.Run(clock.Instant(time.Second))) // so that there is a past
	c := simclock.New(k, "host", nil, wake)
	return clocktest.World{Alarm: c, Now: c.Now, Pump: func(until func() bool) bool {
		for end := k.Now().Add(time.Minute); !until() && k.Now() < end; {
			require.NoError(t, k.Run(k.Now()+clock.Instant(100*time.Microsecond)))
		}
		return until()
	}}
}

func TestReal(t *testing.T) { clocktest.Run(t, realWorld) }

func realWorld(t *testing.T, wake func()) clocktest.World {
	box := inbox.New()
	c := wall.New(box, wake)
	t.Cleanup(func() {
		box.Close()
		c.Stop()
	})
	return clocktest.World{Alarm: c, Now: c.Now, Pump: func(until func() bool) bool {
		for end := time.Now().Add(20 * time.Second); !until() && time.Now().Before(end); {
			box.Step(time.Millisecond)
		}
		return until()
	}}
}
