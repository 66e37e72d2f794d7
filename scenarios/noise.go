package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Noise keys what a plan does not name: latencies, what a crash leaves, guests' randomness.
// The first interval begins at 0; a plan that shares its beginning with another has more.
type Noise []NoiseInterval

// NoiseInterval is the key from an instant on.
type NoiseInterval struct {
	From clock.Span `json:"from"`
	Key  uint64     `json:"key"`
}

// noise is one key for the whole run.
func noise(key uint64) Noise { return Noise{{Key: key}} }

// MarshalJSON writes a number, or the intervals where there are several.
func (n Noise) MarshalJSON() ([]byte, error) {
	if len(n) == 1 && n[0].From == 0 {
		return strconv.AppendUint(nil, n[0].Key, 10), nil
	}
	return json.Marshal([]NoiseInterval(n))
}

// UnmarshalJSON reads both forms.
func (n *Noise) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		return d.Decode((*[]NoiseInterval)(n))
	}
	var key uint64
	if json.Unmarshal(b, &key) != nil {
		return fmt.Errorf("noise is %s; it must be a whole number below 2^64, or a list of intervals", b)
	}
	*n = noise(key)
	return nil
}

func (n Noise) validate() error {
	if len(n) == 0 || n[0].From != 0 {
		return fmt.Errorf("noise: the first interval must begin at 0s")
	}
	for i := 1; i < len(n); i++ {
		if n[i].From <= n[i-1].From {
			return fmt.Errorf("noise[%d] begins at %v; it must begin after the one before it, at %v", i, n[i].From, n[i-1].From)
		}
	}
	return nil
}

// first is the key of the beginning.
func (n Noise) first() rng.Key { return rng.New(n[0].Key) }

// intervals is the noise as the kernel takes it.
func (n Noise) intervals() []kernel.Noise {
	out := make([]kernel.Noise, len(n))
	for i, x := range n {
		out[i] = kernel.Noise{From: clock.Instant(x.From), Key: rng.New(x.Key)}
	}
	return out
}
