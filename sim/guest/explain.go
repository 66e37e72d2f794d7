package guest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// explain says why programs stand still, from a few snapshots of their goroutines.
func explain(samples [][]goroutine, patience time.Duration) string {
	lasting := lasting(samples)
	if g, ok := first(lasting, spins); ok {
		return fmt.Sprintf("%s spins without blocking: for %v of real time it has neither returned nor waited for anything, so virtual time cannot pass. "+
			"Let it wait for what it polls (a channel, a watch), or sleep between two looks.", g.culprit().place(), patience)
	}
	if g, ok := first(lasting, waitsForMutex); ok {
		return explainMutex(g, lasting)
	}
	if g, ok := first(lasting, func(g goroutine) bool { return !g.durable }); ok {
		return fmt.Sprintf("%s waits (%s) for something outside the simulation, which virtual time cannot bring. "+
			"Give the program the simulated connection (Dial), and let it make its channels itself.", g.culprit().place(), g.state)
	}
	return fmt.Sprintf("the programs kept waking each other for %v of real time without virtual time reaching the next event: look for a timer of nearly no duration. They were at: %s",
		patience, strings.Join(places(samples[len(samples)-1]), "; "))
}

// lasting returns the goroutines of the last snapshot that were in the same state in all.
func lasting(samples [][]goroutine) []goroutine {
	last := slices.Clone(samples[len(samples)-1])
	for _, s := range samples {
		last = slices.DeleteFunc(last, func(g goroutine) bool {
			return !slices.ContainsFunc(s, func(h goroutine) bool {
				return g.id == h.id && (g.state == h.state || spins(g) && spins(h))
			})
		})
	}
	return last
}

func first(list []goroutine, is func(goroutine) bool) (goroutine, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	return goroutine{}, false
}

// spins reports whether a goroutine could run on. One that has just been woken from a sleep
// could, too, but it does wait, however shortly.
func spins(g goroutine) bool {
	woken := len(g.frames) > 0 && g.frames[0].function == "time.Sleep"
	return g.state == "running" || g.state == "runnable" && !woken
}

func waitsForMutex(g goroutine) bool {
	return strings.HasPrefix(g.state, "sync.Mutex.") || strings.HasPrefix(g.state, "sync.RWMutex.")
}

func places(list []goroutine) (out []string) {
	for _, g := range list {
		out = append(out, g.culprit().place())
	}
	return out
}

func explainMutex(waiter goroutine, all []goroutine) string {
	return fmt.Sprintf("%s waits for a mutex, %s. A mutex is held across a blocking call, and the stock toolchain cannot see that the waiter is blocked, so virtual time cannot pass. "+
		"Release the mutex before the call, or use a channel of capacity 1 as the lock.", waiter.culprit().place(), findHolder(waiter, all))
}

// findHolder guesses who holds the mutex: a goroutine, blocked elsewhere, that has the
// mutex, or the struct it is in, as an argument; else one in the same function or method
// set; else one in the same file.
func findHolder(waiter goroutine, all []goroutine) string {
	best, close, holder, at := 0, 0, goroutine{}, frame{}
	for _, g := range all {
		if g.id == waiter.id || waitsForMutex(g) {
			continue
		}
		score, f := likeness(waiter, g)
		if score >= nearAddress {
			close++
		}
		if score > best {
			best, holder, at = score, g, f
		}
	}
	switch {
	case best == 0:
		return "whose holder could not be found"
	case close == 1:
		return fmt.Sprintf("held by a goroutine that waits (%s) at %s", holder.state, at.place())
	}
	return fmt.Sprintf("most likely held by a goroutine that waits (%s) at %s", holder.state, at.place())
}

// How well a goroutine fits as the holder.
const (
	sameFile = 1 + iota
	sameMethods
	nearAddress
	sameAddress
)

// likeness returns the best fit among the frames of g, and that frame.
func likeness(waiter, g goroutine) (best int, at frame) {
	for _, f := range g.frames {
		if f.ours() {
			continue
		}
		if s := f.likeness(waiter.culprit(), mutexAddress(waiter)); s > best {
			best, at = s, f
		}
	}
	return best, at
}

func (f frame) likeness(waiter frame, mutex uint64) int {
	score := 0
	if f.file == waiter.file {
		score = sameFile
	}
	if methodSet(f.function) == methodSet(waiter.function) {
		score = sameMethods
	}
	for _, a := range f.args {
		switch {
		case a < maxSmallNumber:
		case a == mutex || slices.Contains(waiter.args, a):
			return sameAddress
		case a < mutex && mutex-a < maxStruct:
			score = nearAddress
		}
	}
	return score
}

// An argument above the first is an address, not a number; a mutex within the second of
// one is in the same struct.
const (
	maxSmallNumber = 1 << 20
	maxStruct      = 1 << 10
)

// mutexAddress is 0 if it was not printed.
func mutexAddress(g goroutine) uint64 {
	for _, f := range g.frames {
		if strings.HasSuffix(f.function, "utex).lockSlow") && len(f.args) > 0 {
			return f.args[0]
		}
	}
	return 0
}

// methodSet is the receiver's type with its package, or the function that a closure is in.
func methodSet(function string) string {
	dir, name := filepath.Split(function)
	if i := strings.Index(name, ")."); i >= 0 {
		return dir + name[:i]
	}
	if parts := strings.Split(name, "."); len(parts) > 2 {
		return dir + strings.Join(parts[:2], ".")
	}
	return function
}
