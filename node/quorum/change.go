package quorum

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// Why a change is refused; the client sees the code.
var (
	ErrStale     = errors.New("another configuration is in force")            // BadVersion
	ErrArguments = errors.New("the change is not one that can be made")       // BadArguments
	ErrTooFew    = errors.New("too few participants would be left to go on")  // BadArguments
	ErrGroups    = errors.New("incremental changes need quorums by majority") // BadArguments
)

// Request is a change that somebody asks for: servers that join (or change their address
// or role) and leave, or all the members that shall be. Empty means not asked for.
type Request struct {
	Joining []string  // "server.4=host:2888:3888:observer;2181"
	Leaving []string  // ids
	Members []string  // as Joining
	From    wire.Zxid // the version that must be in force; -1 for any
}

// SplitList takes apart a list as reconfig carries it: by commas.
func SplitList(text string) []string {
	return slices.DeleteFunc(strings.Split(text, ","), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// Change returns the configuration that the request asks for, with the version of the
// transaction that makes it. Fewer than least participants cannot be left.
func (c *Config) Change(r Request, version wire.Zxid, least int) (*Config, error) {
	if r.From != -1 && r.From != c.Version {
		return nil, fmt.Errorf("%w: version %x, not %x", ErrStale, uint64(c.Version), uint64(r.From))
	}
	members, err := c.changed(r)
	if err != nil {
		return nil, err
	}
	next, err := New(version, members)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArguments, err)
	}
	if n := len(next.Voters()); n < least {
		return nil, fmt.Errorf("%w: %d, at least %d", ErrTooFew, n, least)
	}
	if err := next.distinct(); err != nil {
		return nil, err
	}
	return next, nil
}

func (c *Config) changed(r Request) ([]Member, error) {
	incremental := len(r.Joining) > 0 || len(r.Leaving) > 0
	switch {
	case incremental && len(r.Members) > 0:
		return nil, fmt.Errorf("%w: it names joining or leaving servers, and all members as well", ErrArguments)
	case incremental && c.groups:
		return nil, ErrGroups
	case !incremental && len(r.Members) == 0:
		return nil, fmt.Errorf("%w: it names no servers", ErrArguments)
	case !incremental:
		c, err := Parse(strings.Join(r.Members, "\n"))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrArguments, err)
		}
		return c.members, nil
	}
	members := c.Members()
	for _, text := range r.Leaving {
		id, err := parseID(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrArguments, err)
		}
		// Who is not there has left already: no error, as in ZooKeeper.
		members = slices.DeleteFunc(members, func(m Member) bool { return m.ID == id })
	}
	for _, text := range r.Joining {
		m, err := ParseMember(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrArguments, err)
		}
		members = append(slices.DeleteFunc(members, func(o Member) bool { return o.ID == m.ID }), m)
	}
	return members, nil
}

// distinct makes sure that no two servers are to listen in one place.
func (c *Config) distinct() error {
	seen := map[string]ID{}
	for _, m := range c.members {
		for _, port := range []uint16{m.Quorum, m.Election} {
			at := fmt.Sprintf("%s:%d", hostText(m.Host), port)
			if other, taken := seen[at]; taken && port != 0 {
				return fmt.Errorf("%w: server.%d and server.%d would both listen at %s", ErrArguments, other, m.ID, at)
			}
			seen[at] = m.ID
		}
	}
	return nil
}
