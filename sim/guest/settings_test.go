package guest_test

import (
	crand "crypto/rand"
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/sim/guest"
)

// draw takes what a client library would from the process-wide sources.
func draw(t *testing.T, seed uint64) (drawn string) {
	require.NoError(t, run(t, seed, func(w *world) {
		w.process().Start(func(*guest.Process) {
			b := make([]byte, 13)
			crand.Read(b)
			drawn = fmt.Sprintf("%x %d %d", b, rand.Int63(), runtime.GOMAXPROCS(0))
		})
		w.until(t, second)
	}))
	return drawn
}

func TestGlobalRandomnessIsTheSeeds(t *testing.T) {
	require.Equal(t, draw(t, 1), draw(t, 1))
	require.NotEqual(t, draw(t, 1), draw(t, 2))
	require.Regexp(t, " 1$", draw(t, 1))
}

func TestSettingsAreGivenBack(t *testing.T) {
	reader, procs, godebug := crand.Reader, runtime.GOMAXPROCS(0), os.Getenv("GODEBUG")
	percent := debug.SetGCPercent(77)
	defer debug.SetGCPercent(percent)
	draw(t, 1)
	afterOne := rand.Int63()
	draw(t, 1)
	require.NotEqual(t, afterOne, rand.Int63(), "nobody after a run has the run's luck")
	require.True(t, reader == crand.Reader)
	require.Equal(t, procs, runtime.GOMAXPROCS(0))
	require.Equal(t, godebug, os.Getenv("GODEBUG"))
	require.Equal(t, 77, debug.SetGCPercent(77))
}
