package fault

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
)

// Simpler returns clauses that say less than this one: for a shorter time, by less, about
// fewer hosts, or without waiting for anything. The leader is as simple as any one server,
// and says more. Going on from any of them comes to an end.
func (c Clause) Simpler(servers int) (all []Clause) {
	add := func(change func(*Clause)) {
		d := c
		if change(&d); d != c && d.Validate() == nil {
			all = append(all, d)
		}
	}
	for _, w := range c.Who.simpler(servers) {
		add(func(d *Clause) { d.Who = w })
	}
	if c.Waits() {
		add(func(d *Clause) { d.On, d.Of, d.Nth = "", Who{}, 0 })
		add(func(d *Clause) { d.Of = Who{} })
	}
	add(func(d *Clause) { d.For = half(c.For) })
	add(func(d *Clause) { d.Extra = half(c.Extra) })
	add(func(d *Clause) { d.Shift = Signed(half(clock.Span(c.Shift))) })
	if c.Percent != 0 {
		add(func(d *Clause) { d.Percent = 100 + (c.Percent-100)/2 })
	}
	if c.Bandwidth > 0 && c.Bandwidth < plenty {
		add(func(d *Clause) { d.Bandwidth = 2 * c.Bandwidth })
	}
	return all
}

// plenty is a bandwidth that slows nobody down.
const plenty = 1 << 20

// half is in whole milliseconds: plans are read by people.
func half(s clock.Span) clock.Span {
	return clock.Span(time.Duration(s) / 2 / time.Millisecond * time.Millisecond)
}

// simpler returns selectors of fewer hosts, or of the same without chance.
func (w Who) simpler(servers int) (all []Who) {
	switch w.Kind {
	case "servers":
		all = append(all, Majority(), Minority())
	case "majority":
		all = append(all, Minority())
	case "link":
		return w.Link.simpler()
	case "server", "client", "leader":
		return nil
	}
	all = append(all, Leader())
	for i := 1; i <= servers; i++ {
		all = append(all, Server(i))
	}
	return all
}

func (l Link) simpler() []Who {
	if l.OneWay {
		return nil
	}
	return []Who{From(l.A, l.B), From(l.B, l.A)}
}
