package proc

import "github.com/zoobreak/zoobreak/sim/kernel"

// Waiting implements kernel.Waiter: what the tasks wait for, in the order of spawning.
func (rt *Runtime) Waiting() (all []kernel.Wait) {
	for _, t := range rt.live {
		if t.state == parked || t.state == ready {
			all = append(all, kernel.Wait{Who: rt.who(t), For: t.wait.String(), Since: t.wait.since})
		}
	}
	return all
}

// who names a task among those of all programs: "A/main", and whether its program is paused.
func (rt *Runtime) who(t *Task) string {
	if rt.paused {
		return rt.cfg.Name + "/" + t.name + " (paused)"
	}
	return rt.cfg.Name + "/" + t.name
}
