package fault

import (
	"fmt"
	"strconv"
	"strings"
)

// Who selects hosts, when the clause fires.
type Who struct {
	Kind  string // server, client, leader, follower, minority, majority, servers, it, link
	Index int    // from 1; of a server or a client
	Link  Link   // of a link
}

// Link is what lies between two hosts.
type Link struct {
	A, B   End
	OneWay bool // only what A sends to B
}

// End is one end of a link.
type End struct {
	Kind  string // server, client, leader, follower
	Index int    // from 1; of a server or a client
}

// Server selects a server.
func Server(i int) Who { return Who{Kind: "server", Index: i} }

// Client selects a client.
func Client(i int) Who { return Who{Kind: "client", Index: i} }

// Leader selects the server that last became leader.
func Leader() Who { return Who{Kind: "leader"} }

// Follower selects one of the servers that run and do not lead, by chance.
func Follower() Who { return Who{Kind: "follower"} }

// Minority selects fewer than half of the servers, by chance.
func Minority() Who { return Who{Kind: "minority"} }

// Majority selects more than half of the servers, by chance.
func Majority() Who { return Who{Kind: "majority"} }

// Servers selects all servers: a power cut in the one room that they stand in.
func Servers() Who { return Who{Kind: "servers"} }

// It selects the host that did what the clause has waited for.
func It() Who { return Who{Kind: "it"} }

// Between selects the link between two hosts, in both directions.
func Between(a, b End) Who { return Who{Kind: "link", Link: Link{A: a, B: b}} }

// From selects what a sends to b.
func From(a, b End) Who { return Who{Kind: "link", Link: Link{A: a, B: b, OneWay: true}} }

// targets says what kind of target it is. What "it" is depends on the trigger.
func (w Who) targets() Targets {
	return map[string]Targets{
		"server": AServer, "leader": AServer, "follower": AServer, "it": AServer | AClient,
		"client": AClient, "link": ALink, "minority": Group, "majority": Group, "servers": Ensemble,
	}[w.Kind]
}

// Named returns the numbers of the servers and of the clients that are named.
func (w Who) Named() (servers, clients []int) {
	for _, e := range []End{{w.Kind, w.Index}, w.Link.A, w.Link.B} {
		switch e.Kind {
		case "server":
			servers = append(servers, e.Index)
		case "client":
			clients = append(clients, e.Index)
		}
	}
	return servers, clients
}

func (w Who) String() string {
	if w.Kind != "link" {
		return End{w.Kind, w.Index}.String()
	}
	if w.Link.OneWay {
		return "link " + w.Link.A.String() + " > " + w.Link.B.String()
	}
	return "link " + w.Link.A.String() + " - " + w.Link.B.String()
}

func (e End) String() string {
	if e.Index == 0 {
		return e.Kind
	}
	return e.Kind + " " + strconv.Itoa(e.Index)
}

// MarshalText gives the JSON form.
func (w Who) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads it.
func (w *Who) UnmarshalText(b []byte) error {
	words := strings.Fields(string(b))
	got, rest := takeWho(words)
	if got.Kind == "" || len(rest) > 0 {
		return selectsNobody(string(b))
	}
	*w = got
	return nil
}

func selectsNobody(s string) error {
	return fmt.Errorf("fault: %q selects no host; write \"server 2\", \"client 1\", \"leader\", \"follower\", \"minority\", \"majority\", \"servers\", \"it\" or \"link server 1 - client 2\"", s)
}

// takeWho takes a selector from the front of the words; one without a Kind is none.
func takeWho(words []string) (Who, []string) {
	if len(words) == 0 {
		return Who{}, words
	}
	switch words[0] {
	case "minority", "majority", "servers", "it":
		return Who{Kind: words[0]}, words[1:]
	case "link":
		return takeLink(words[1:])
	}
	e, rest := takeEnd(words)
	return Who{Kind: e.Kind, Index: e.Index}, rest
}

func takeLink(words []string) (Who, []string) {
	a, rest := takeEnd(words)
	if a.Kind == "" || len(rest) == 0 || rest[0] != "-" && rest[0] != ">" {
		return Who{}, words
	}
	b, after := takeEnd(rest[1:])
	if b.Kind == "" || a == b {
		return Who{}, words
	}
	return Who{Kind: "link", Link: Link{A: a, B: b, OneWay: rest[0] == ">"}}, after
}

func takeEnd(words []string) (End, []string) {
	if len(words) == 0 {
		return End{}, words
	}
	switch words[0] {
	case "leader", "follower":
		return End{Kind: words[0]}, words[1:]
	case "server", "client":
		if len(words) == 1 {
			break
		}
		if n, err := strconv.Atoi(words[1]); err == nil && n > 0 && strconv.Itoa(n) == words[1] {
			return End{words[0], n}, words[2:]
		}
	}
	return End{}, words
}
