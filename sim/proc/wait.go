package proc

import "github.com/zoobreak/zoobreak/clock"

// wait is what a task waits for.
type wait struct {
	kind   kind
	signal *Signal       // nil: time alone
	until  clock.Instant // when it ends by itself
	since  clock.Instant
}

type kind uint8

const (
	starting kind = iota
	sleeping
	signal
	task
)

var kindNames = [...]string{signal: "signal", task: "task"}

// String says it as the report of a deadlock does.
func (w wait) String() string {
	switch {
	case w.kind == starting:
		return "start"
	case w.kind == sleeping:
		return "sleep until " + w.until.String()
	case w.until < clock.Never:
		return kindNames[w.kind] + " " + w.signal.name + " or " + w.until.String()
	}
	return kindNames[w.kind] + " " + w.signal.name
}
