package plots

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/reports"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Limits that keep a drawing readable and its file small.
const (
	maxMarks = 5000
	maxRows  = 40
)

// mark is one thing drawn: an interval, or an instant if from equals to.
type mark struct {
	kind     kind
	row      int
	from, to clock.Instant
}

// chart is what is to be drawn, without any geometry.
type chart struct {
	rows       []string
	hiddenRows int
	end        clock.Instant
	marks      []mark
	found      [kinds]int // marks of each kind before thinning
	kept       [kinds]int
}

// source is who a row belongs to; faults have the first.
type source struct {
	rank, number int // rank 0 faults, 1 clients, 2 servers
}

func collect(o *outcome.Outcome) *chart {
	c := &chart{end: lastInstant(o)}
	log := o.History
	if log == nil {
		log = &history.Log{}
	}
	rowOf := c.assignRows(log)
	b := builder{chart: c, rowOf: rowOf}
	b.faults(log.Facts)
	b.servers(log.Facts)
	b.beliefs(log.Ops, log.Facts)
	b.instants(log.Ops)
	c.thin()
	return c
}

// assignRows gives a row to whoever occurs in the log: faults, clients, servers, each in
// order of number.
func (c *chart) assignRows(log *history.Log) map[source]int {
	seen := map[source]bool{{}: true}
	for i := range log.Ops {
		seen[source{1, log.Ops[i].Client}] = true
	}
	for i := range log.Facts {
		if s := log.Facts[i].Server; s > 0 {
			seen[source{2, s}] = true
		}
	}
	all := make([]source, 0, len(seen))
	for s := range seen { //tidy:order-free sorted below
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b source) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.number, b.number)) })
	shown := all[:min(len(all), maxRows)]
	c.hiddenRows = len(all) - len(shown)
	rowOf := map[source]int{}
	for i, s := range shown {
		rowOf[s] = i
		c.rows = append(c.rows, s.label())
	}
	return rowOf
}

func (s source) label() string {
	switch s.rank {
	case 0:
		return "faults"
	case 1:
		return reports.ClientName(s.number)
	}
	return fmt.Sprintf("server %d", s.number)
}

// lastInstant is the end of the time axis, never zero.
func lastInstant(o *outcome.Outcome) clock.Instant {
	end := max(clock.Instant(0), finite(clock.Instant(o.VirtualNS)))
	if o.History != nil {
		for i := range o.History.Ops {
			end = max(end, finite(o.History.Ops[i].CallAt), finite(o.History.Ops[i].ReturnAt))
		}
		for i := range o.History.Facts {
			end = max(end, finite(o.History.Facts[i].At))
		}
	}
	if end == 0 {
		return clock.Instant(time.Second)
	}
	return end
}

// finite maps clock.Never to the start: it says nothing about where the run ended.
func finite(i clock.Instant) clock.Instant {
	if i == clock.Never {
		return 0
	}
	return i
}

// thin drops marks, evenly over time and the least telling kinds first, until maxMarks
// are left.
func (c *chart) thin() {
	var byKind [kinds][]mark
	for _, m := range c.marks {
		byKind[m.kind] = append(byKind[m.kind], m)
	}
	c.marks = nil
	for k := kind(kinds - 1); ; k-- {
		kept := evenly(byKind[k], maxMarks-len(c.marks))
		c.found[k], c.kept[k] = len(byKind[k]), len(kept)
		c.marks = append(c.marks, kept...)
		if k == 0 {
			return
		}
	}
}

func evenly(marks []mark, n int) []mark {
	if len(marks) <= n {
		return marks
	}
	kept := make([]mark, n)
	for i := range kept {
		kept[i] = marks[i*len(marks)/n]
	}
	return kept
}
