package proc

// Pause stops the program where it is. Time goes on without it, and what becomes due is
// held back.
func (rt *Runtime) Pause() {
	if !rt.stopped {
		rt.paused = true
	}
}

// Paused reports whether the program is paused.
func (rt *Runtime) Paused() bool { return rt.paused }

// Resume ends the pause: what was held back is delivered in order, at this instant. It
// returns how many tasks had to go on late; 0 means that the pause made no difference.
// How a wait ends is settled when it is due, although the program learns of it late.
func (rt *Runtime) Resume() (late int) {
	rt.mustBeOutside("Resume")
	if !rt.paused {
		return 0
	}
	held := rt.held
	rt.paused, rt.held = false, nil
	for _, t := range held {
		if t.state == ready { // none before it has ended the program
			t.run()
			late++
		}
	}
	rt.poll()
	return late
}
