package guest

import (
	crand "crypto/rand"
	"encoding/binary"
	"io"
	mrand "math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"github.com/zoobreak/zoobreak/internal/rng"
)

// Godebug is what GODEBUG must contain for math/rand.Seed to have an effect. Run sees to
// it; a process that wants it from its first instant sets it itself.
const Godebug = "randseednop=0"

// heapLimit is how many bytes of objects may pile up before a collection.
const heapLimit = 256 << 20

// own takes hold of what is process-wide and would make one run differ from the next:
// parallelism, the instants at which the garbage collector runs, global randomness.
func own(key rng.Key) (giveBack func()) {
	procs := runtime.GOMAXPROCS(1)
	percent := debug.SetGCPercent(-1)
	rate := runtime.MemProfileRate
	runtime.MemProfileRate = 0
	reader := crand.Reader
	crand.Reader = &keyedReader{key: key.Of("crypto/rand")}
	godebug, set := os.LookupEnv("GODEBUG")
	os.Setenv("GODEBUG", joinGodebug(godebug))
	mrand.Seed(int64(key.Of("math/rand").Uint64()))
	return func() {
		crand.Reader = reader
		mrand.Seed(unpredictable(reader))
		runtime.MemProfileRate = rate
		if set {
			os.Setenv("GODEBUG", godebug)
		} else {
			os.Unsetenv("GODEBUG")
		}
		debug.SetGCPercent(percent)
		runtime.GOMAXPROCS(procs)
	}
}

func joinGodebug(old string) string {
	if old == "" {
		return Godebug
	}
	return old + "," + Godebug
}

// unpredictable is a seed for math/rand once the run is over.
func unpredictable(r io.Reader) int64 {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		panic("guest: the system's randomness cannot be read: " + err.Error())
	}
	return int64(binary.LittleEndian.Uint64(b[:]))
}

// keyedReader stands in for crypto/rand.Reader. Its n-th word is keyed by n.
type keyedReader struct {
	mu  sync.Mutex
	key rng.Key
	n   uint64
}

// Read implements io.Reader.
func (r *keyedReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var word [8]byte
	for i := range p {
		if i%8 == 0 {
			r.n++
			binary.LittleEndian.PutUint64(word[:], r.key.Int(r.n).Uint64())
		}
		p[i] = word[i%8]
	}
	return len(p), nil
}

// collector runs the garbage collector where nobody can notice: while all programs wait.
type collector struct {
	calls  int
	sample [1]metrics.Sample
}

func (c *collector) atQuiescence() {
	if c.calls++; c.calls%256 != 0 {
		return
	}
	c.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(c.sample[:])
	if c.sample[0].Value.Uint64() > heapLimit {
		runtime.GC()
	}
}
