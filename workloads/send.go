package workloads

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// Send is one request of the protocol, as plans keep it. Nothing that can be sent is out of
// bounds: what the server says to nonsense is judged, too.
type Send struct {
	Op      string    `json:"op"` // by the protocol's name
	Path    wire.Path `json:"path,omitempty"`
	Value   string    `json:"value,omitempty"`
	ACL     string    `json:"acl,omitempty"` // one of those of List; all may do all if empty
	Flags   int32     `json:"flags,omitempty"`
	TTL     int64     `json:"ttl,omitempty"` // milliseconds
	Version int32     `json:"version,omitempty"`
	Watch   bool      `json:"watch,omitempty"`
	Mode    int32     `json:"mode,omitempty"` // addWatch
	Type    int32     `json:"type,omitempty"` // checkWatches, removeWatches
	Ops     []Send    `json:"ops,omitempty"`  // multi, multiRead
}

// validate says what is wrong with the request, if anything is.
func (s Send) validate() error {
	op, ok := wire.ParseOpCode(s.Op)
	switch {
	case !ok || !op.Known():
		return fmt.Errorf("no request is called %q", s.Op)
	case op == wire.OpCreateSession || op == wire.OpCloseSession || op == wire.OpAuth || op == wire.OpSASL ||
		op == wire.OpReconfig || op == wire.OpSetWatches || op == wire.OpSetWatches2:
		return fmt.Errorf("a plan cannot send %q: the client does by itself, or nobody judges it", s.Op)
	}
	if _, ok := lists[s.ACL]; !ok {
		return fmt.Errorf("no list is called %q", s.ACL)
	}
	for _, o := range s.Ops {
		if err := o.validate(); err != nil {
			return err
		}
	}
	return nil
}

// Request returns the request as the protocol has it, but for its xid.
func (s Send) Request() wire.Request {
	op, _ := wire.ParseOpCode(s.Op)
	r := wire.Request{
		Op: op, Path: s.Path, Data: []byte(s.Value), ACL: lists[s.ACL], Flags: s.Flags, TTLMillis: s.TTL, Version: s.Version,
		Watch: s.Watch, Mode: wire.AddWatchMode(s.Mode), WatcherType: wire.WatcherType(s.Type),
	}
	for _, o := range s.Ops {
		part := o.Request()
		r.Ops = append(r.Ops, wire.Op{
			Type: part.Op, Path: part.Path, Data: part.Data, ACL: part.ACL, Flags: part.Flags, TTLMillis: part.TTLMillis,
			Version: part.Version, Watch: part.Watch,
		})
	}
	return r
}

// lists are the ACLs that plans name.
var lists = map[string][]wire.ACL{
	"":       wire.WorldACL(wire.PermAll),
	"read":   wire.WorldACL(wire.PermRead),
	"write":  wire.WorldACL(wire.PermAll &^ wire.PermRead),
	"auth":   {{Perms: wire.PermAll, Scheme: "auth"}},
	"alice":  {{Perms: wire.PermAll, Scheme: "digest", ID: digestOf(Alice)}},
	"bob":    {{Perms: wire.PermAll, Scheme: "digest", ID: digestOf(Bob)}, {Perms: wire.PermRead, Scheme: "ip", ID: "10.0.1.1"}},
	"shared": {{Perms: wire.PermRead | wire.PermCreate, Scheme: "world", ID: "anyone"}, {Perms: wire.PermAll, Scheme: "digest", ID: digestOf(Alice)}},
	"net":    {{Perms: wire.PermAll, Scheme: "ip", ID: "10.0.1.0/31"}},
	"none":   {},
	"wrong":  {{Perms: wire.PermAll, Scheme: "world", ID: "me"}},
}

// The users that clients authenticate as.
const (
	Alice = "alice:wonder"
	Bob   = "bob:builder"
)

func digestOf(credential string) string {
	user, _, _ := strings.Cut(credential, ":")
	hash := sha1.Sum([]byte(credential))
	return user + ":" + base64.StdEncoding.EncodeToString(hash[:])
}
