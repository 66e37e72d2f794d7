package guest

// tasks are what a process's program has asked for and waits for: marks and accesses to
// counters, one at a time, because a history has one client do one thing at a time. A
// program with several goroutines finds that its second waits for its first. For the
// driver, except ask.
type tasks struct {
	queue   []*task
	running *task // an access whose answer has not arrived
	held    int   // how many faults isolate the process
}

// task is one thing asked for.
type task struct {
	do   func() // an access calls finish later; a mark is finished when do returns
	mark bool
	done chan struct{}
}

// ask makes the program's goroutine wait until the task is done, or everything is over.
func (p *Process) ask(t *task) {
	t.done = make(chan struct{})
	p.b.inbox.post(p, 0, func() {
		p.tasks.queue = append(p.tasks.queue, t)
		p.proceed()
	})
	<-t.done
}

// proceed does what can be done.
func (p *Process) proceed() {
	q := &p.tasks
	for len(q.queue) > 0 && q.running == nil {
		t := q.queue[0]
		if p.b.over.Load() {
			q.queue = q.queue[1:]
			close(t.done)
			continue
		}
		if t.mark && q.held > 0 {
			return
		}
		q.queue = q.queue[1:]
		q.running = t
		t.do()
		if t.mark {
			q.finish()
		}
	}
}

func (q *tasks) finish() {
	close(q.running.done)
	q.running = nil
}

// Hold keeps marks back while the process is isolated: what an isolated process says
// about itself reaches nobody. Accesses to counters are held by the network. For the
// driver; Unhold undoes it.
func (p *Process) Hold() { p.tasks.held++ }

// Unhold lifts one Hold. What was held takes effect now.
func (p *Process) Unhold() {
	if p.tasks.held == 0 {
		panic("guest: " + p.spec.Name + " is unheld more often than held")
	}
	p.tasks.held--
	p.proceed()
}

// end lets everybody go who waits.
func (p *Process) end() {
	if p.tasks.running != nil {
		p.tasks.finish()
	}
	p.proceed()
}
