package guest

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// goroutine is one goroutine as runtime.Stack prints it.
type goroutine struct {
	id      int
	state   string // "runnable", "sync.Mutex.Lock", "chan receive" ...
	durable bool   // waits for something inside its bubble
	bubble  int    // 0: in none
	frames  []frame
}

// frame is one call, innermost first.
type frame struct {
	function string
	args     []uint64 // as printed; unreliable, but good for a guess
	file     string
	line     int
}

// allGoroutines takes a snapshot. It stops the world while it does.
func allGoroutines() (list []goroutine) {
	buf := make([]byte, 1<<16)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return parseGoroutines(string(buf[:n]))
		}
		buf = make([]byte, 2*len(buf))
	}
}

func bubbleGoroutines(bubble int) (list []goroutine) {
	for _, g := range allGoroutines() {
		if g.bubble == bubble {
			list = append(list, g)
		}
	}
	return list
}

// thisGoroutine describes its caller.
func thisGoroutine() goroutine {
	buf := make([]byte, 1<<12)
	return parseGoroutines(string(buf[:runtime.Stack(buf, false)]))[0]
}

func parseGoroutines(text string) (list []goroutine) {
	for _, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(block, "\n")
		g := parseHeader(lines[0])
		for i := 1; i+1 < len(lines); i += 2 {
			if strings.HasPrefix(lines[i], "created by ") {
				break
			}
			g.frames = append(g.frames, parseFrame(lines[i], lines[i+1]))
		}
		list = append(list, g)
	}
	return list
}

// parseHeader reads "goroutine 7 [chan receive (durable), 2 minutes, synctest bubble 1]:".
func parseHeader(line string) (g goroutine) {
	line, _ = strings.CutPrefix(line, "goroutine ")
	id, rest, _ := strings.Cut(line, " [")
	g.id, _ = strconv.Atoi(id)
	parts := strings.Split(strings.TrimSuffix(rest, "]:"), ", ")
	g.state, g.durable = strings.CutSuffix(parts[0], " (durable)")
	for _, p := range parts[1:] {
		if n, ok := strings.CutPrefix(p, "synctest bubble "); ok {
			g.bubble, _ = strconv.Atoi(n)
		}
	}
	return g
}

// parseFrame reads "pkg.(*T).method(0xc000, {0x1, 0x2?})" and "\t/dir/file.go:12 +0x1b".
func parseFrame(call, place string) (f frame) {
	open := strings.LastIndexByte(call, '(')
	if open < 0 {
		open = len(call)
	}
	f.function = call[:open]
	for _, a := range strings.FieldsFunc(call[open:], func(r rune) bool { return strings.ContainsRune("(){}, ?", r) }) {
		if n, err := strconv.ParseUint(a, 0, 64); err == nil {
			f.args = append(f.args, n)
		}
	}
	place, _, _ = strings.Cut(strings.TrimSpace(place), " ")
	colon := strings.LastIndexByte(place, ':')
	if colon > 0 {
		f.file = place[:colon]
		f.line, _ = strconv.Atoi(place[colon+1:])
	}
	return f
}

// place is where a person looks: the function, and file:line with the file's directory.
func (f frame) place() string {
	dir, base := filepath.Split(f.file)
	return filepath.Join(filepath.Base(dir), base) + ":" + strconv.Itoa(f.line) + " (" + shortName(f.function) + ")"
}

// shortName drops the directories of an import path.
func shortName(function string) string {
	return function[strings.LastIndexByte(function, '/')+1:]
}

// ours reports whether a frame is of the code that makes a program wait, not of the
// program.
func (f frame) ours() bool {
	for _, p := range []string{"sync.", "internal/", "runtime.", "time.", "testing", "sync/atomic."} {
		if strings.HasPrefix(f.function, p) {
			return true
		}
	}
	return strings.Contains(f.function, "/sim/guest.")
}

// culprit returns the first frame of the program itself.
func (g goroutine) culprit() frame {
	for _, f := range g.frames {
		if !f.ours() {
			return f
		}
	}
	if len(g.frames) > 0 {
		return g.frames[0]
	}
	return frame{function: "unknown", file: "unknown"}
}
