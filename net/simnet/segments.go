package simnet

import (
	"github.com/zoobreak/zoobreak/net"
)

// Mix makes a share of all writes, in percent, arrive otherwise than they were written: cut
// in two, with time between the halves, or together with the next. TCP promises bytes in
// order and nothing about where one read ends; whoever takes a read for a message finds
// out here. By default each write arrives as it is.
func (n *Net) Mix(percent uint64) { n.mixed = percent }

// cut returns where a write is cut in two, or 0.
func (n *Net) cut(e *end, b []byte, hash uint64) int {
	k := n.keyOf(e).Of("cut").Int(hash)
	if len(b) < 2 || !k.Chance(n.mixed, 100) {
		return 0
	}
	return 1 + int(k.Of("where").Below(uint64(len(b)-1)))
}

// joins reports whether what arrives now is read together with what comes next.
func (n *Net) joins(e *end) bool {
	last := e.waiting + 1 // the first that has not arrived
	if n.mixed == 0 || len(e.incoming) <= last || e.state != open {
		return false
	}
	for _, s := range e.incoming[:last+1] {
		if s.kind != net.Received {
			return false
		}
	}
	return n.keyOf(e).Of("join").Int(e.incoming[e.waiting].hash).Chance(n.mixed, 100)
}
