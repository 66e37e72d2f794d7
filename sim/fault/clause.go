package fault

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/clock"
)

// Kind says what goes wrong.
type Kind string

// The kinds.
const (
	Kill      Kind = "kill"      // the process dies; its machine closes its connections; it restarts after For
	PowerLoss Kind = "powerloss" // the machine loses power, and with it unsynced data; it restarts after For
	Pause     Kind = "pause"     // the process stands still; what is due meanwhile happens late, in order
	Isolate   Kind = "isolate"   // nothing gets from or to the host
	Cut       Kind = "cut"       // nothing gets between the host and the servers
	OneWay    Kind = "oneway"    // what the host sends does not arrive; what is sent to it does
	SlowLink  Kind = "slowlink"  // everything from and to the host takes Extra longer
	Reset     Kind = "reset"     // the host's connections break, with what is in flight
	SlowDisk  Kind = "slowdisk"  // each sync takes Extra longer
	Stall     Kind = "stall"     // one Stage of a server is not scheduled
)

// Info describes a kind.
type Info struct {
	Kind    Kind
	Summary string
	Server  bool // can happen to a server
	Client  bool // can happen to a client
	All     bool // can happen to all servers at once
	Extra   bool // takes an Extra duration
}

// Kinds lists all kinds.
func Kinds() []Info {
	return []Info{
		{Kill, "the process dies and restarts after a while; what it wrote stays", true, false, true, false},
		{PowerLoss, "the machine loses power and unsynced data, and restarts after a while; nobody is told", true, false, true, false},
		{Pause, "the process stands still; what is due meanwhile happens late, in order, at one instant", true, false, true, false},
		{Isolate, "nothing gets from or to the host; what is sent meanwhile arrives late", true, true, false, false},
		{Cut, "nothing gets between a client and the servers; the client reaches everything else", false, true, false, false},
		{OneWay, "what the host sends does not arrive until later; what is sent to it does", true, true, false, false},
		{SlowLink, "everything from and to the host takes longer", true, true, false, true},
		{Reset, "the host's connections break at once, with what is in flight", true, true, false, false},
		{SlowDisk, "each sync of the host's disk takes longer", true, false, true, true},
		{Stall, "one stage of a server is not scheduled for a while", true, false, false, false},
	}
}

func info(k Kind) (Info, bool) {
	for _, i := range Kinds() {
		if i.Kind == k {
			return i, true
		}
	}
	return Info{}, false
}

// Who selects hosts: "server 2", "client 1", "servers" (all of them at once), or "leader",
// which is found when the clause fires.
type Who struct {
	Kind  string // server, client, servers or leader
	Index int    // from 1; 0 for servers and leader
}

// Server selects a server, Client a client.
func Server(i int) Who { return Who{"server", i} }

// Client selects a client.
func Client(i int) Who { return Who{"client", i} }

// Leader selects the server that last became leader.
func Leader() Who { return Who{"leader", 0} }

// Servers selects all servers: a power cut in the one room that they stand in.
func Servers() Who { return Who{"servers", 0} }

func (w Who) String() string {
	if w.Index == 0 {
		return w.Kind
	}
	return w.Kind + " " + strconv.Itoa(w.Index)
}

// MarshalText gives the JSON form.
func (w Who) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads it.
func (w *Who) UnmarshalText(b []byte) error {
	s := string(b)
	if s == "leader" || s == "servers" {
		*w = Who{s, 0}
		return nil
	}
	kind, number, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || kind != "server" && kind != "client" {
		return fmt.Errorf("fault: %q selects no host; write \"server 2\", \"client 1\", \"servers\" or \"leader\"", s)
	}
	*w = Who{kind, n}
	return nil
}

// Clause is one fault.
type Clause struct {
	Kind  Kind       `json:"kind"`
	Who   Who        `json:"who"`
	At    clock.Span `json:"at"`              // since the start of the run
	For   clock.Span `json:"for,omitempty"`   // 0 only for reset
	Extra clock.Span `json:"extra,omitempty"` // slowlink, slowdisk
	Stage string     `json:"stage,omitempty"` // stall
	// On, if set, delays the beginning until the Nth time after At that the client does
	// this: OnAcquire or OnRead.
	On  string `json:"on,omitempty"`
	Nth int    `json:"nth,omitempty"`
}

// The triggers, in a client.
const (
	OnAcquire = "acquire" // it was told that it holds a lock; what comes next is what that is for
	OnRead    = "read"    // it has read a resource outside the service; a write may follow
)

// String prints "at 2.1s for 6.3s isolate client 1", or "at 2.1s on acquire 3 for 6.3s
// isolate client 1"; Parse reads it back.
func (c Clause) String() string {
	s := "at " + c.At.String()
	if c.On != "" {
		s += " on " + c.On + " " + strconv.Itoa(c.Nth)
	}
	if c.For > 0 {
		s += " for " + c.For.String()
	}
	s += " " + string(c.Kind) + " " + c.Who.String()
	if c.Extra > 0 {
		s += " by " + c.Extra.String()
	}
	if c.Stage != "" {
		s += " stage " + c.Stage
	}
	return s
}

// Parse reads what String prints.
func Parse(s string) (c Clause, err error) {
	words := strings.Fields(s)
	next := func(key string) (string, bool) {
		if len(words) > 1 && words[0] == key {
			v := words[1]
			words = words[2:]
			return v, true
		}
		return "", false
	}
	span := func(key string, to *clock.Span) {
		if v, ok := next(key); ok && err == nil {
			err = to.UnmarshalText([]byte(v))
		}
	}
	span("at", &c.At)
	if v, ok := next("on"); ok && len(words) > 0 {
		n, bad := strconv.Atoi(words[0])
		if bad != nil && err == nil {
			err = fmt.Errorf("%q is no count", words[0])
		}
		c.On, c.Nth, words = v, n, words[1:]
	}
	span("for", &c.For)
	if len(words) > 0 {
		c.Kind, words = Kind(words[0]), words[1:]
	}
	n := min(2, len(words))
	if n > 0 && (words[0] == "leader" || words[0] == "servers") {
		n = 1
	}
	if e := c.Who.UnmarshalText([]byte(strings.Join(words[:n], " "))); e != nil && err == nil {
		err = e
	}
	words = words[n:]
	span("by", &c.Extra)
	c.Stage, _ = next("stage")
	if err == nil && len(words) > 0 {
		err = fmt.Errorf("unexpected %q", words[0])
	}
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return c, fmt.Errorf("fault: clause %q: %w", s, err)
	}
	return c, nil
}

// Validate says what is wrong with a clause, if anything is.
func (c Clause) Validate() error {
	i, ok := info(c.Kind)
	switch {
	case !ok:
		return fmt.Errorf("no fault is called %q; see: zoobreak list faults", c.Kind)
	case c.Who.Kind == "client" && !i.Client:
		return fmt.Errorf("%s cannot happen to a client", c.Kind)
	case c.Who.Kind != "client" && !i.Server:
		return fmt.Errorf("%s cannot happen to a server", c.Kind)
	case c.Who.Kind == "servers" && !i.All:
		return fmt.Errorf("%s cannot happen to all servers at once", c.Kind)
	case c.For <= 0 && c.Kind != Reset:
		return fmt.Errorf("%s needs a time: for 2s", c.Kind)
	case i.Extra != (c.Extra > 0):
		return fmt.Errorf("%s: an extra time (by 50ms) goes with slowlink and slowdisk, and only with them", c.Kind)
	case c.On != "" && (c.On != OnAcquire && c.On != OnRead || c.Who.Kind != "client"):
		return fmt.Errorf("%s: on %s: the triggers are acquire and read, of the client that the fault selects", c.Kind, c.On)
	case (c.On != "") != (c.Nth > 0):
		return fmt.Errorf("%s: a trigger needs a count from 1: on acquire 3", c.Kind)
	case (c.Kind == Stall) != (c.Stage != ""):
		return fmt.Errorf("%s: a stage goes with stall, and only with it", c.Kind)
	}
	return nil
}
