package conformance

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Recording is a script and what a real server did.
type Recording struct {
	Options []string // KEY=VALUE that the server was started with
	Steps   []Step
}

// Step is one step: the first fields are the script, the others what happened. Payloads
// are template hex: hexadecimal with tokens such as <sid:A> for what differs from run to run.
type Step struct {
	N      int      `json:"n"`
	Kind   Kind     `json:"kind"`
	Conn   string   `json:"s,omitempty"` // a connection's name
	Desc   string   `json:"desc,omitempty"`
	Req    string   `json:"req,omitempty"`
	Reqs   []string `json:"reqs,omitempty"` // burst
	WaitMS int      `json:"wait_ms,omitempty"`

	Resp       string   `json:"resp,omitempty"`
	Resps      []string `json:"resps,omitempty"`
	Err        *int32   `json:"err,omitempty"`
	Errs       []int32  `json:"errs,omitempty"`
	Closed     bool     `json:"closed,omitempty"`      // the server closed Conn
	AlsoClosed []string `json:"also_closed,omitempty"` // and these
	Timeout    bool     `json:"timeout,omitempty"`     // there was no answer
	NoConn     bool     `json:"no_conn,omitempty"`     // Conn was closed before
	Events     []Event  `json:"events,omitempty"`
}

// Event is one watch notification.
type Event struct {
	Conn string `json:"s"`
	At   string `json:"at"` // before the response, after it, or other: on another connection
	Hex  string `json:"hex"`
}

// Kind says what a step does.
type Kind string

// The kinds of step.
const (
	Connect Kind = "connect" // opens a connection and sends a ConnectRequest
	Request Kind = "req"
	Burst   Kind = "burst" // several requests in one write
	Raw     Kind = "raw"   // bytes as they are, on Conn or on a connection without handshake
	Word    Kind = "4lw"   // a four-letter word on a connection of its own
	Drop    Kind = "drop"  // closes the connection, not the session
	Wait    Kind = "wait"  // lets time pass, with pings on every connection
)

// script returns the step as it was before it was played.
func (s Step) script() Step {
	return Step{N: s.N, Kind: s.Kind, Conn: s.Conn, Desc: s.Desc, Req: s.Req, Reqs: s.Reqs, WaitMS: s.WaitMS}
}

// Read reads a recording: one line of JSON about it, then one for each step.
func Read(from io.Reader) (*Recording, error) {
	var meta struct {
		Meta struct {
			Opts []string `json:"opts"`
		} `json:"meta"`
	}
	r := &Recording{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<22)
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			if err := json.Unmarshal(lines.Bytes(), &meta); err != nil {
				return nil, fmt.Errorf("line 1: %w", err)
			}
			continue
		}
		var s Step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		r.Steps = append(r.Steps, s)
	}
	r.Options = meta.Meta.Opts
	return r, lines.Err()
}
