package reports

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// servers is the To of what goes to the service.
const servers = "servers"

// long is a delay that a reader must be told of.
const long = 100 * time.Millisecond

// ClientName names client n as checkers do: 1 is "client A". Client 0 is the one that
// demands progress when all faults are over.
func ClientName(n int) string {
	if n == 0 {
		return "probe"
	}
	return "client " + letters(n)
}

func letters(n int) string {
	if n < 1 {
		return fmt.Sprint(n)
	}
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// name bounds a name that the program under test chose.
func name(s string) string { return clip(s, maxName) }

func opWeight(op *history.Op) int {
	switch {
	case op.Kind == history.Wire || op.Kind == history.Note:
		return background
	case op.Kind == history.Phantom:
		return grant
	case op.Kind == history.Acquire && op.Status == history.OK:
		return grant
	case op.Kind == history.EffectWrite && op.Status == history.Fail:
		return refusal
	case op.Kind == history.EffectWrite:
		return effect
	case op.Kind == history.Release:
		return release
	case op.Kind == history.EffectRead:
		return read
	}
	return failedAttempt
}

// target is what the client acted on.
func target(op *history.Op) string {
	switch op.Kind {
	case history.EffectRead, history.EffectWrite:
		return "resource " + name(op.Name)
	case history.Note:
		return ""
	}
	return servers
}

func opText(op *history.Op) string {
	text := opAction(op)
	if op.Kind != history.Release && op.Return != 0 && op.ReturnAt.Sub(op.CallAt) >= long {
		text += " (asked at " + op.CallAt.String() + ")"
	}
	return text
}

func opAction(op *history.Op) string {
	switch op.Kind {
	case history.Acquire:
		return acquireText(op)
	case history.Release:
		return ended(op, "releases "+name(op.Name), "fails to release "+name(op.Name))
	case history.EffectRead:
		value := fmt.Sprintf("reads %s = %d (version %d)", name(op.Name), op.Value, op.Version)
		if op.Status != history.OK {
			value = "asks to read " + name(op.Name)
		}
		return ended(op, value, "is refused a read of "+name(op.Name))
	case history.EffectWrite:
		return writeText(op)
	case history.Phantom:
		return "is told that it holds " + name(op.Name) + ", but its own node is not there"
	case history.Note:
		return "logs: " + name(op.Name)
	}
	if op.Kind == history.Wire {
		return wireText(op)
	}
	return ended(op, "does "+service(op), "is refused "+service(op))
}

// service tells of an operation on a service that is not ours.
func service(op *history.Op) string {
	s := name(string(op.Kind)) + " of " + name(op.Name)
	if op.Text != "" {
		s += ": " + name(op.Text)
	}
	return s
}

func acquireText(op *history.Op) string {
	if op.Status != history.OK {
		return ended(op, "asks for "+name(op.Name), "fails to acquire "+name(op.Name))
	}
	if op.Token == 0 {
		return "acquires " + name(op.Name) + " (no token)"
	}
	return fmt.Sprintf("acquires %s (token %#x)", name(op.Name), op.Token)
}

func writeText(op *history.Op) string {
	what := fmt.Sprintf("%s = %d", name(op.Name), op.Value)
	if op.Token != 0 {
		what += fmt.Sprintf(" with token %#x", op.Token)
	}
	switch {
	case op.Status == history.Fail:
		return "tries to write " + what + ": refused" + because(op)
	case op.Version == 0:
		return ended(op, "asks to write "+what, "")
	}
	return ended(op, fmt.Sprintf("writes %s (version %d)", what, op.Version), "")
}

func wireText(op *history.Op) string {
	asks := "asks " + name(op.Name)
	if op.Path != "" {
		asks += " " + name(string(op.Path))
	}
	if op.Return != 0 && op.Status != history.Unknown {
		asks += fmt.Sprintf(": %s (zxid %s)", op.Code, op.Zxid)
	}
	return ended(op, asks, asks)
}

// ended adds to what a client did how it came out.
func ended(op *history.Op, done, failed string) string {
	switch op.Status {
	case history.OK:
		return done
	case history.Fail:
		return failed + because(op)
	case history.Unknown:
		return done + "; the outcome is unknown to it" + because(op)
	}
	return done + "; no answer ever arrives"
}

func because(op *history.Op) string {
	if op.Error == "" {
		return ""
	}
	return " (" + name(op.Error) + ")"
}

func endText(s wire.SessionID, owner int, expired bool) string {
	if expired {
		return fmt.Sprintf("expire %s's session %s", letters(owner), s)
	}
	return fmt.Sprintf("close %s's session %s", letters(owner), s)
}

func actor(f *history.Fact) string {
	switch {
	case f.Kind == history.SessionClosing || f.Kind == history.SessionExpired:
		return "the servers"
	case f.Server > 0:
		return fmt.Sprintf("server %d", f.Server)
	case f.Client > 0:
		return ClientName(f.Client)
	}
	return "the world"
}

func factText(f *history.Fact, owner map[wire.SessionID]int) string {
	switch f.Kind {
	case history.FaultOn:
		return "begins: " + name(named(f.Note))
	case history.FaultOff:
		return "ends: " + name(named(f.Note))
	case history.NodeCreated:
		return "creates " + name(f.Note) + coordinates(f)
	case history.NodeDeleted:
		return "deletes " + name(f.Note) + coordinates(f)
	case history.ClientStarted:
		return "starts"
	case history.ClientStopped:
		return noted("stops", f.Note)
	case history.Healed:
		return "heals: no fault from here on"
	case history.SessionClosing:
		return endText(f.Session, owner[f.Session], false)
	case history.SessionExpired:
		return endText(f.Session, owner[f.Session], true)
	case history.Established:
		return fmt.Sprintf("leads epoch %d from zxid %s", f.Epoch, f.Zxid)
	}
	return noted(string(f.Kind), f.Note) + coordinates(f)
}

// clause finds the clients in a fault clause, which counts them.
var clause = regexp.MustCompile(`\bclient (\d+)\b`)

// named names the clients of a clause as the rest of a story does.
func named(note string) string {
	return clause.ReplaceAllStringFunc(note, func(s string) string {
		n, err := strconv.Atoi(s[len("client "):])
		if err != nil {
			return s
		}
		return ClientName(n)
	})
}

func noted(text, note string) string {
	if note == "" {
		return text
	}
	return text + ": " + name(note)
}

func coordinates(f *history.Fact) string {
	s := ""
	if f.Zxid != 0 {
		s += " zxid " + f.Zxid.String()
	}
	if f.Hash != 0 {
		s += fmt.Sprintf(" tree %016x", f.Hash)
	}
	if f.Session != 0 {
		s += " session " + f.Session.String()
	}
	return s
}
