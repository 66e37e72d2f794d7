package divergence

import (
	"fmt"
	"io"

	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Run executes one of the two runs, anew each time, up to the end of the window, with a
// Sampler that watches the window. Events and Digest of its outcome are those of all that
// was executed.
type Run func(Window) (*outcome.Outcome, error)

// Parting is where two runs part.
type Parting struct {
	Event uint64 // number of the first that differs
	// Content says that the event itself is the same in both: what its predecessor did, such
	// as the bytes of a message, is what differs.
	Content bool
	Both    []string    // the events before it
	Runs    [2][]string // from it on; none: the run has ended before it
}

// UnsteadyError says that two runs differed, and did not when they were looked at closely,
// or from another event on.
type UnsteadyError struct {
	Event uint64 // up to which one of the pairs was the same
	Looks int    // pairs of runs
}

func (e *UnsteadyError) Error() string {
	return fmt.Sprintf("the runs differ, once after event %d, but not in the same way each time, and %d pairs of them have not shown the first event that does", e.Event, e.Looks)
}

const (
	lead     = 3 // events that are shown before the parting
	trail    = 3 // and from it on, of each run
	maxLooks = 12
)

// Find executes both runs until it has seen their first difference; nil means that they do
// not differ. A look at all events in which they do differ tells between which two samples,
// and the next looks there. What is returned was seen in one pair of runs.
func Find(one, two Run) (*Parting, error) {
	w, last := Window{From: 1}, uint64(0)
	for looks := 1; looks <= maxLooks; looks++ {
		a, err := one(w)
		if err != nil {
			return nil, err
		}
		b, err := two(w)
		if err != nil {
			return nil, err
		}
		agree, differ, found := compare(a, b)
		switch {
		case !found && looks == 1:
			return nil, nil
		case !found:
			w = Window{From: 1} // not this time
		case differ == agree+1 && w.shows(agree, differ) && dense(a) && dense(b):
			return part(a, b, differ), nil
		case agree == 0:
			w = Window{From: 1, To: w.From} // earlier than last time
		default:
			w, last = around(agree, differ), agree
		}
	}
	return nil, &UnsteadyError{Event: last, Looks: maxLooks}
}

// around is a window that shows what lies between two events, with the context.
func around(agree, differ uint64) Window {
	return Window{From: max(agree, lead+1) - lead, To: differ + trail}
}

// shows reports whether two events next to each other are in the window, or the later one
// is the first of all.
func (w Window) shows(before, at uint64) bool {
	return (before >= w.From || at == 1) && (w.To == 0 || at <= w.To)
}

// dense reports whether the samples are of every event.
func dense(o *outcome.Outcome) bool {
	return len(o.Samples) < 2 || o.Samples[1].Event == o.Samples[0].Event+1
}

// compare returns the last sample in which two runs agree and the first in which they do
// not. Where all samples agree and the ends do not, the difference lies behind the last
// event of the shorter run.
func compare(a, b *outcome.Outcome) (agree, differ uint64, found bool) {
	for i, j := 0, 0; i < len(a.Samples) && j < len(b.Samples); {
		x, y := a.Samples[i], b.Samples[j]
		switch {
		case x.Event < y.Event: // the longer run has fewer samples of its beginning
			i++
		case x.Event > y.Event:
			j++
		case x.Digest != y.Digest:
			return agree, x.Event, true
		default:
			agree = x.Event
			i++
			j++
		}
	}
	if a.Events == b.Events && a.Digest == b.Digest {
		return agree, 0, false
	}
	return agree, min(a.Events, b.Events) + 1, true
}

// part cuts two looks that have every event around the parting.
func part(a, b *outcome.Outcome, at uint64) *Parting {
	p := &Parting{Event: at}
	first, second := index(a.Samples, at), index(b.Samples, at)
	for _, s := range a.Samples[max(0, first-lead):first] {
		p.Both = append(p.Both, s.Line)
	}
	p.Runs = [2][]string{lines(a.Samples[first:]), lines(b.Samples[second:])}
	x, y := a.Samples[first:], b.Samples[second:]
	p.Content = len(x) == len(y) && len(x) == 0 || len(x) > 0 && len(y) > 0 && x[0].Self == y[0].Self
	return p
}

// index returns where the samples of an event and later ones begin.
func index(all []outcome.Sample, event uint64) int {
	for i, s := range all {
		if s.Event >= event {
			return i
		}
	}
	return len(all)
}

func lines(all []outcome.Sample) (out []string) {
	for _, s := range all[:min(trail, len(all))] {
		out = append(out, s.Line)
	}
	return out
}

// Write tells the parting.
func (p *Parting) Write(w io.Writer) {
	fmt.Fprintf(w, "two runs differ from event %d on", p.Event)
	if p.Content {
		fmt.Fprintf(w, "; not in the event itself, but in what event %d did", p.Event-1)
	}
	fmt.Fprintln(w)
	for _, line := range p.Both {
		fmt.Fprintf(w, "  both   %s\n", line)
	}
	for i, run := range p.Runs {
		if len(run) == 0 {
			run = []string{"ended"}
		}
		for _, line := range run {
			fmt.Fprintf(w, "  run %d  %s\n", i+1, line)
		}
	}
}
