package conformance

import (
	"encoding/json"
	"fmt"
)

// Difference is a step that a server answered otherwise than was recorded.
type Difference struct{ Want, Got Step }

func (d Difference) String() string {
	return fmt.Sprintf("step %d %s %s\n  want %s\n  got  %s", d.Want.N, d.Want.Conn, d.Want.Desc, outcome(d.Want), outcome(d.Got))
}

// Compare returns the steps that differ. A connection that is found closed was closed in
// this step or before it: that is one, because the end of a stream takes its time.
func Compare(want, got []Step) (different []Difference) {
	for i, w := range want {
		if i >= len(got) {
			different = append(different, Difference{w, Step{N: w.N, Desc: "not played"}})
			continue
		}
		if outcome(w) != outcome(got[i]) {
			different = append(different, Difference{w, got[i]})
		}
	}
	return different
}

// outcome is what happened in a step, as text.
func outcome(s Step) string {
	b, err := json.Marshal(Step{
		N: s.N, Resp: s.Resp, Resps: s.Resps, Closed: s.Closed || s.NoConn, AlsoClosed: s.AlsoClosed, Timeout: s.Timeout, Events: s.Events,
	})
	if err != nil {
		panic("conformance: a step cannot be encoded: " + err.Error())
	}
	return string(b)
}
