package sim

import (
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net/simnet"
)

// direction is what one host sends to another.
type direction struct{ from, to *Machine }

// between returns both directions of every pair of hosts of which one is in a and the
// other in b.
func between(a, b []*Machine) (links []direction) {
	for _, x := range a {
		for _, y := range b {
			if x != y {
				links = append(links, direction{x, y}, direction{y, x})
			}
		}
	}
	return links
}

// touching returns the directions that a clause is about: those of its link, or all from
// and to the hosts it selects.
func (w *World) touching(o order) (links []direction) {
	if len(o.links) > 0 {
		return o.links
	}
	hosts := machinesOf(o.on)
	links = between(hosts, without(w.machines(), hosts))
	for i := range hosts {
		links = append(links, between(hosts[i:i+1], hosts[i+1:])...)
	}
	return links
}

func machinesOf(targets []target) (all []*Machine) {
	for _, t := range targets {
		all = append(all, t.Machine)
	}
	return all
}

func without(all, some []*Machine) (rest []*Machine) {
	for _, m := range all {
		if !slices.Contains(some, m) {
			rest = append(rest, m)
		}
	}
	return rest
}

// block holds back what is sent in the directions.
func (w *World) block(links []direction, mattered *int) (lift func(), ok bool) {
	for _, l := range links {
		w.Net.Block(l.from.Host, l.to.Host, mattered)
	}
	return func() {
		for _, l := range links {
			w.Net.Unblock(l.from.Host, l.to.Host, mattered)
		}
	}, len(links) > 0
}

// isolate cuts a group off from everybody else.
func (w *World) isolate(o order) (lift func(), ok bool) {
	group := machinesOf(o.on)
	unblock, ok := w.block(between(group, without(w.machines(), group)), o.mattered)
	hold := func(on bool) {
		for _, m := range group {
			if m.Hold != nil {
				m.Hold(on)
			}
		}
	}
	hold(true)
	return func() {
		unblock()
		hold(false)
	}, ok
}

// cut is of a client and the servers, or of a link.
func (w *World) cut(o order) (lift func(), ok bool) {
	if len(o.links) > 0 {
		return w.block(o.links, o.mattered)
	}
	return w.block(between(machinesOf(o.on), w.serverMachines()), o.mattered)
}

func (w *World) oneWay(o order) (lift func(), ok bool) {
	return w.block(w.leaving(o), o.mattered)
}

// leaving returns the directions of a clause's link, or those that leave the hosts it selects.
func (w *World) leaving(o order) (links []direction) {
	if len(o.links) > 0 {
		return o.links
	}
	for _, m := range machinesOf(o.on) {
		for _, other := range w.machines() {
			if other != m {
				links = append(links, direction{m, other})
			}
		}
	}
	return links
}

// shuffled returns the servers in an order that the clause's chance decides.
func (w *World) shuffled(key rng.Key) []*Machine {
	all := w.serverMachines()
	for i := len(all) - 1; i > 0; i-- {
		j := key.Of("order").Int(uint64(i)).Below(uint64(i) + 1)
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// halve splits the servers, of an odd number the larger half first, and lets each client
// go with one side.
func (w *World) halve(o order) (lift func(), ok bool) {
	key := w.chance(o.Clause)
	all := w.shuffled(key)
	middle := (len(all) + 1) / 2
	sides := [2][]*Machine{slices.Clone(all[:middle]), all[middle:]}
	for i, m := range w.clients {
		side := key.Of("client").Int(uint64(i)).Below(2)
		sides[side] = append(sides[side], m)
	}
	return w.block(between(sides[0], sides[1]), o.mattered)
}

// bridge leaves one server that both sides can reach.
func (w *World) bridge(o order) (lift func(), ok bool) {
	all := w.shuffled(w.chance(o.Clause))
	if len(all) < 3 {
		return nil, false
	}
	rest := all[1:]
	return w.block(between(rest[:len(rest)/2], rest[len(rest)/2:]), o.mattered)
}

// ring lets each server hear itself and those behind it in a circle, a majority in all.
func (w *World) ring(o order) (lift func(), ok bool) {
	all := w.shuffled(w.chance(o.Clause))
	var links []direction
	for i, hears := range all {
		for step := len(all)/2 + 1; step < len(all); step++ {
			links = append(links, direction{all[(i+step)%len(all)], hears})
		}
	}
	return w.block(links, o.mattered)
}

// scatter cuts any direction between servers and clients with a chance of one in three.
func (w *World) scatter(o order) (lift func(), ok bool) {
	key := w.chance(o.Clause)
	hosts := append(w.serverMachines(), w.clients...)
	var links []direction
	for i, from := range hosts {
		for j, to := range hosts {
			if from != to && key.Int(uint64(i)).Int(uint64(j)).Chance(1, 3) {
				links = append(links, direction{from, to})
			}
		}
	}
	return w.block(links, o.mattered)
}

func (w *World) slow(o order) (lift func(), ok bool) {
	links := w.touching(o)
	for _, l := range links {
		w.Net.Slow(l.from.Host, l.to.Host, time.Duration(o.Extra), o.mattered)
	}
	return func() {
		for _, l := range links {
			w.Net.Unslow(l.from.Host, l.to.Host, o.mattered)
		}
	}, len(links) > 0
}

func (w *World) throttle(o order) (lift func(), ok bool) {
	links := w.touching(o)
	for _, l := range links {
		w.Net.Throttle(l.from.Host, l.to.Host, int64(o.Bandwidth), o.mattered)
	}
	return func() {
		for _, l := range links {
			w.Net.Unthrottle(l.from.Host, l.to.Host, o.mattered)
		}
	}, len(links) > 0
}

func (w *World) refuse(o order) (lift func(), ok bool) {
	for _, m := range machinesOf(o.on) {
		w.Net.Refuse(m.Host, o.mattered)
	}
	return func() {
		for _, m := range machinesOf(o.on) {
			w.Net.Unrefuse(m.Host, o.mattered)
		}
	}, true
}

// halfOpen ends connections that the hosts know of, without a word to either end.
func (w *World) halfOpen(o order) (lift func(), ok bool) {
	return w.once(o, w.Net.HalfOpen)
}

// reset breaks connections that the hosts know of, at both ends.
func (w *World) reset(o order) (lift func(), ok bool) {
	return w.once(o, w.Net.Reset)
}

// once does something to all connections between two hosts, and counts them.
func (w *World) once(o order, do func(a, b *simnet.Host) int) (lift func(), ok bool) {
	n := 0
	for _, l := range w.leaving(o) {
		n += do(l.from.Host, l.to.Host)
	}
	*o.mattered += n
	return nothing, n > 0
}
