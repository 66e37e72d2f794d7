package checkers

import (
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// state is a tree: how far it is, and its digest.
type state struct {
	zxid wire.Zxid
	hash uint64
}

func stateOf(f *history.Fact) state { return state{f.Zxid, f.Hash} }

// replica is what one server has shown of itself so far.
type replica struct {
	id     int
	at     state
	seq    uint64 // of the fact that put it there
	loaded bool   // since its last start it has had a tree; at is older otherwise
	down   string // why it does not run; empty while it does
	role   string
}

// replay shows every fact of a server to see, together with that server as it was just
// before, and returns the servers as they were at the end, by number.
func replay(facts []history.Fact, see func(r *replica, f *history.Fact)) []*replica {
	var all []*replica
	for i := range facts {
		f := &facts[i]
		if f.Server == 0 {
			continue
		}
		r := serverOf(&all, f.Server)
		see(r, f)
		r.follow(f)
	}
	return all
}

// serverOf returns the server's replica, and makes one on first sight. Servers are few.
func serverOf(all *[]*replica, id int) *replica {
	i, known := slices.BinarySearchFunc(*all, id, func(r *replica, id int) int { return r.id - id })
	if !known {
		*all = slices.Insert(*all, i, &replica{id: id})
	}
	return (*all)[i]
}

func (r *replica) follow(f *history.Fact) {
	switch f.Kind {
	case history.Started:
		r.loaded, r.role, r.down = false, "", ""
	case history.Stopped:
		r.role, r.down = "", "stopped"
	case history.Halted:
		r.role, r.down = "", fmt.Sprintf("halted (%s)", f.Note)
	case history.Role:
		r.role = f.Note
	case history.Restored, history.Applied:
		r.at, r.seq, r.loaded = stateOf(f), f.Seq, true
	}
}

// String is the server's part of an explanation.
func (r *replica) String() string {
	doing := "without a role"
	switch {
	case r.down != "":
		doing = r.down
	case r.role != "":
		doing = r.role
	}
	return fmt.Sprintf("server %d is %s at zxid %s", r.id, doing, r.at.zxid)
}

func ignore(*replica, *history.Fact) {}
