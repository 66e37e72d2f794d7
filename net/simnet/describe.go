package simnet

import "fmt"

// Describe implements kernel.Describer.
func (n *Net) Describe(kind int32, arg uint64) string {
	e := &n.slots[arg>>1].ends[arg&1]
	what := map[int32]string{
		aborted: "is reset", abandoned: "is given up: the peer does not read", readable: "is read again",
		writable: "has room again", overdue: "may have waited too long for an answer",
	}[kind]
	if kind != arrive {
		return fmt.Sprintf("%s conn %d %s", e.host.name, e.id, what)
	}
	return n.describeArrival(e)
}

func (n *Net) describeArrival(e *end) string {
	from, to := e.peer.host.name, e.host.name
	if e.due != n.k.Now() {
		return fmt.Sprintf("%s -> %s nothing: it was lost, or is due at another time", from, to)
	}
	s := e.in.at(e.waiting)
	what := flagNames[s.flag]
	if s.flag == bytes {
		what = fmt.Sprintf("%d bytes", len(s.data))
	}
	line := fmt.Sprintf("%s -> %s conn %d: %s", from, to, e.id, what)
	if s.flag == syn {
		line = fmt.Sprintf("%s dials %s", from, e.peer.addr)
	}
	switch {
	case len(e.peer.out.blocks) > 0:
		return line + ", held back: link blocked"
	case !e.host.powered:
		return line + ", held back: no power"
	}
	return line
}
