package fault

import "fmt"

// Event is what a clause can wait for.
type Event struct {
	Name    string
	Summary string
	By      Targets // AServer or AClient: who does it
}

// The events. Those of clients are operations that succeeded, those of servers are facts
// that they report, or that their machines notice.
const (
	OnAcquire     = "acquire"
	OnRelease     = "release"
	OnRead        = "read"
	OnWrite       = "write"
	OnUnsynced    = "unsynced"
	OnLogged      = "logged"
	OnCommitted   = "committed"
	OnUnapplied   = "unapplied"
	OnApplied     = "applied"
	OnLooking     = "looking"
	OnEstablished = "established"
	OnSynced      = "synced"
	OnRestored    = "restored"
	OnExpired     = "expired"
	OnStarted     = "started"
	OnStopped     = "stopped"
)

var events = []Event{
	{OnAcquire, "a client was told that it holds a lock; what comes next is what that is for", AClient},
	{OnRelease, "a client was told that it has released a lock", AClient},
	{OnRead, "a client has read a resource outside the service; a write may follow", AClient},
	{OnWrite, "a client has written to a resource outside the service", AClient},
	{OnUnsynced, "a server has written what it has not synced: its disk begins a sync", AServer},
	{OnLogged, "a transaction is durable in a server's log", AServer},
	{OnCommitted, "a leader learns that a quorum has a transaction", AServer},
	{OnUnapplied, "a transaction is committed that the server has not applied", AServer},
	{OnApplied, "a transaction has changed a server's tree", AServer},
	{OnLooking, "a server begins an election", AServer},
	{OnEstablished, "a server has become leader, and may propose", AServer},
	{OnSynced, "a server has caught up with its leader, and serves", AServer},
	{OnRestored, "a server's tree is loaded at start, or replaced by its leader's", AServer},
	{OnExpired, "a leader ends a session whose time ran out", AServer},
	{OnStarted, "a server's process begins a life", AServer},
	{OnStopped, "a server's process ends", AServer},
}

// Events lists what a clause can wait for.
func Events() []Event { return events }

func event(name string) (Event, bool) {
	for _, e := range events {
		if e.Name == name {
			return e, true
		}
	}
	return Event{}, false
}

// Waits reports whether the clause waits for something to happen.
func (c Clause) Waits() bool { return c.On != "" }

// validateTrigger says what is wrong with On, Of and Nth, if anything is.
func (c Clause) validateTrigger() error {
	e, ok := event(c.On)
	switch {
	case c.On == "" && c.Nth != 0, c.On != "" && c.Nth < 1:
		return fmt.Errorf("%s: a trigger needs a count from 1: on acquire 3", c.Kind)
	case c.On == "" && c.Of != (Who{}):
		return fmt.Errorf("%s: of %s: that needs something to wait for: on logged of %s 3", c.Kind, c.Of, c.Of)
	case c.On == "" && c.Who.Kind == "it":
		return fmt.Errorf("%s: it is the host that did what the clause waited for, and this one waits for nothing", c.Kind)
	case c.On == "":
		return nil
	case !ok:
		return fmt.Errorf("%s: nothing that can be waited for is called %q; see: zoobreak list triggers", c.Kind, c.On)
	case c.Of != (Who{}) && (c.Of.Kind == "it" || c.Of.targets()&e.By == 0):
		return fmt.Errorf("%s: on %s of %s: %s", c.Kind, c.On, c.Of, map[Targets]string{AServer: "only a server does that", AClient: "only a client does that"}[e.By])
	}
	return nil
}
