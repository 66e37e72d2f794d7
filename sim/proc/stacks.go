package proc

import (
	"path"
	"runtime"
	"strings"
	"time"
)

// goroutine is what runtime.Stack says about one.
type goroutine struct {
	state string // "running", "chan receive", "coroutine" ...
	place string // the innermost call of user code: "app/main.go:12 (app.(*Client).Get)"
}

func (g goroutine) spins() bool { return g.state == "running" || g.state == "runnable" }

// mainFrame is the outermost call of ours in every coroutine.
const mainFrame = "/sim/proc.(*Task).main("

// findTask looks a few times, so that a task which polls something, and waits between two
// looks at it, is told from one that spins.
func findTask() (g goroutine, ok bool) {
	for range 5 {
		if g, ok = runningTask(); ok && !g.spins() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return g, ok
}

// runningTask returns the coroutine that is not parked as coroutines are. There is one.
func runningTask() (g goroutine, ok bool) {
	for block := range strings.SplitSeq(allStacks(), "\n\n") {
		if g = parseGoroutine(block); g.state != "coroutine" && strings.Contains(block, mainFrame) {
			return g, true
		}
	}
	return goroutine{}, false
}

// allStacks stops the world while it looks.
func allStacks() string {
	buf := make([]byte, 1<<16)
	for {
		if n := runtime.Stack(buf, true); n < len(buf) {
			return string(buf[:n])
		}
		buf = make([]byte, 2*len(buf))
	}
}

// parseGoroutine reads "goroutine 7 [chan receive, 2 minutes]:" and, below, pairs of
// lines: "pkg.(*T).method(0xc000)" and "\t/dir/file.go:12 +0x1b".
func parseGoroutine(block string) (g goroutine) {
	lines := strings.Split(strings.TrimSpace(block), "\n")
	_, state, _ := strings.Cut(lines[0], " [")
	g.state = state[:max(0, strings.IndexAny(state, ",]"))]
	for i := 1; i+1 < len(lines); i += 2 {
		if function := lines[i]; !ofLibrary(function) {
			g.place = place(function, lines[i+1])
			return g
		}
	}
	return g
}

// ofLibrary reports whether a call is of the code that waits, not of who called it.
func ofLibrary(function string) bool {
	for _, p := range []string{"sync.", "sync/", "internal/", "runtime.", "time.", "syscall.", "os.", "net.", "bufio.", "io."} {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return false
}

func place(function, at string) string {
	if open := strings.LastIndexByte(function, '('); open > 0 {
		function = function[:open]
	}
	at, _, _ = strings.Cut(strings.TrimSpace(at), " ")
	return path.Join(path.Base(path.Dir(at)), path.Base(at)) + " (" + path.Base(function) + ")"
}
