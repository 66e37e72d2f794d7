package tidy

// Outside lists the packages outside the pure zone. All others must give the same result
// for the same seed, on every machine.
var Outside = []struct{ Path, Reason string }{
	{"clock/wall", "is the real twin: the machine's clocks and a timer"},
	{"net/tcp", "is the real twin: sockets, and goroutines that block on them"},
	{"disk/osdisk", "is the real twin: files, and a goroutine that waits for them"},
	{"server", "is a process: real twins, a thread, files, HTTP"},
	{"server/zoocfg", "reads files"},
	{"client", "declares the channel on which callers outside of a program wait for a signal"},
	{"client/realtime", "is the real twin: goroutines that hand on one baton"},
	{"client/runtimetest", "waits for a program from outside, as its callers do"},
	{"internal/inbox", "joins those goroutines to their owner's thread"},
	{"internal/testport", "asks the machine what is free"},
	{"internal/testcert", "makes keys, which nobody should be able to repeat"},
	{"sim/guest", "runs unmodified Go code: goroutines in a bubble, a watchdog in real time"},
	{"sim/proc", "parks blocking user code between events"},
	{"scenarios/worker", "runs seeds in child processes and measures real time"},
	{"scenarios/campaign", "keeps workers busy, in real time, and writes files; takes outcomes in the order of seeds"},
	{"internal/readme", "compiles and runs what the README shows"},
	{"workloads/guest", "is user code, written with goroutines and contexts as users write it"},
	{"zootest", "is called by go test: flags, files, parallel workers"},
	{"cmd/zoobreak", "is a program: arguments, files, signals"},
	{"internal/tidy", "runs go list and reads the sources"},
}

func inPureZone(path string) bool {
	for _, o := range Outside {
		if o.Path == path {
			return false
		}
	}
	return true
}
