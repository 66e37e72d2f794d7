package wall

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/inbox"
)

// A timer that went off just before its owner moved the alarm has its event in the inbox
// already. The owner must not see it.
func TestAnEventThatIsUnderWayObeysALaterSetting(t *testing.T) {
	cases := map[string]struct {
		then  clock.Instant
		wakes int
	}{
		"turned off":     {clock.Never, 0},
		"moved to later": {clock.Instant(time.Hour), 0},
		"left alone":     {0, 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			woken := 0
			c := New(inbox.New(), func() { woken++ })
			defer c.Stop()
			c.Set(0)
			c.Set(tc.then)
			c.ring()
			require.Equal(t, tc.wakes, woken)
			c.ring()
			require.Equal(t, tc.wakes, woken, "a timer that goes off twice wakes once")
		})
	}
}

func TestNowIsOneMomentOnBothClocks(t *testing.T) {
	c := New(inbox.New(), func() {})
	defer c.Stop()
	before := time.Now()
	now := c.Now()
	after := time.Now()
	require.GreaterOrEqual(t, int64(now.Wall), before.UnixNano())
	require.LessOrEqual(t, int64(now.Wall), after.UnixNano())
	require.LessOrEqual(t, now.Mono.Sub(0), after.Sub(start))
}

func TestNobodyIsWokenAfterTheOwnerWent(t *testing.T) {
	box := inbox.New()
	c := New(box, func() { t.Error("woken") })
	c.Set(0)
	box.Close()
	c.Stop()
	require.False(t, box.Step(time.Millisecond))
}
