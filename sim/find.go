package sim

import (
	"slices"

	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// target is a machine, and the process of ours on it, if there is one.
type target struct {
	*Machine
	process *Process
}

// find returns whom clause i selects now; ok is false if there is nobody.
func (w *World) find(i int) (on []target, links []direction, ok bool) {
	c := w.ledger[i].Clause
	switch c.Who.Kind {
	case "link":
		links, ok = w.linkOf(c)
		return nil, links, ok
	case "it":
		on = w.ends(w.waiting.who[i])
	case "follower":
		on = pick(w.chance(c), w.followers(), 1)
	case "minority":
		on = w.some(c, 1, (len(w.servers)-1)/2)
	case "majority":
		on = w.some(c, len(w.servers)/2+1, len(w.servers))
	case "servers":
		on = w.serverTargets()
	default:
		on = w.ends(fault.End{Kind: c.Who.Kind, Index: c.Who.Index})
	}
	return on, nil, len(on) > 0
}

// chance is the key of what a clause leaves open. It hangs on what the clause is, not on
// its place: taking away another clause changes no choice.
func (w *World) chance(c fault.Clause) rng.Key {
	return w.choices.Key().Of(string(c.Kind)).Int(uint64(c.At)).Of(c.On).Int(uint64(c.Nth))
}

// ends returns the host that an end names, if there is one now.
func (w *World) ends(e fault.End) []target {
	switch {
	case e.Kind == "server" && e.Index <= len(w.servers):
		return []target{w.serverTarget(e.Index)}
	case e.Kind == "leader" && w.leader > 0:
		return []target{w.serverTarget(w.leader)}
	case e.Kind == "client" && e.Index <= len(w.clients):
		return []target{{w.clients[e.Index-1], w.clients[e.Index-1].process}}
	}
	return nil
}

func (w *World) serverTarget(i int) target {
	return target{&w.servers[i-1].Machine, w.servers[i-1]}
}

func (w *World) serverTargets() (found []target) {
	for i := range w.servers {
		found = append(found, w.serverTarget(i+1))
	}
	return found
}

// followers are the servers that run while another one leads.
func (w *World) followers() (found []target) {
	for i, p := range w.servers {
		if w.leader > 0 && w.leader != i+1 && p.Running() {
			found = append(found, w.serverTarget(i+1))
		}
	}
	return found
}

// some selects at least least and at most most of the servers.
func (w *World) some(c fault.Clause, least, most int) []target {
	if most < least {
		return nil
	}
	key := w.chance(c)
	return pick(key, w.serverTargets(), int(key.Of("how many").Between(int64(least), int64(most))))
}

// pick selects n of the targets, and keeps their order.
func pick(key rng.Key, from []target, n int) []target {
	for i := uint64(0); len(from) > n; i++ {
		at := int(key.Of("not").Int(i).Below(uint64(len(from))))
		from = slices.Delete(from, at, at+1)
	}
	return from
}

// linkOf returns the directions of a clause's link; ok is false if one end is nobody now,
// or both are the same host.
func (w *World) linkOf(c fault.Clause) (links []direction, ok bool) {
	l := c.Who.Link
	a, b := w.endOf(c, l.A), w.endOf(c, l.B)
	if a == nil || b == nil || a == b {
		return nil, false
	}
	if l.OneWay {
		return []direction{{a, b}}, true
	}
	return []direction{{a, b}, {b, a}}, true
}

func (w *World) endOf(c fault.Clause, e fault.End) *Machine {
	found := w.ends(e)
	if e.Kind == "follower" {
		found = pick(w.chance(c), w.followers(), 1)
	}
	if len(found) == 0 {
		return nil
	}
	return found[0].Machine
}
