package quorum

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// ID names a server of the ensemble: 1 to 255.
type ID int

// Role is what a member does.
type Role uint8

// The roles.
const (
	Participant Role = iota // votes, and its disk counts
	Observer                // serves clients; counts nowhere (A28.7)
)

var roleNames = [...]string{Participant: "participant", Observer: "observer"}

func (r Role) String() string { return roleNames[r] }

// Member is one server.
type Member struct {
	ID       ID
	Role     Role
	Host     string
	Quorum   uint16 // port for learners
	Election uint16
	Client   string // where clients connect, "host:port" or "port"; may be empty
	// Weight and Group are for hierarchical quorums; without any group every participant
	// weighs 1 in one group.
	Weight int
	Group  int
}

// Config is one configuration of an ensemble. It is never changed; Change makes another.
type Config struct {
	Version wire.Zxid // of the reconfig that made it; 0 for a static one
	members []Member  // ascending
	groups  bool      // quorums are by group
}

// New returns a configuration, or says what is wrong with it.
func New(version wire.Zxid, members []Member) (*Config, error) {
	c := &Config{Version: version, members: slices.Clone(members)}
	slices.SortFunc(c.members, func(a, b Member) int { return cmp.Compare(a.ID, b.ID) })
	grouped := 0
	for i, m := range c.members {
		switch {
		case m.ID < 1 || m.ID > 255:
			return nil, fmt.Errorf("quorum: server.%d: ids are 1 to 255", m.ID)
		case i > 0 && c.members[i-1].ID == m.ID:
			return nil, fmt.Errorf("quorum: server.%d is there twice", m.ID)
		case m.Weight < 0:
			return nil, fmt.Errorf("quorum: weight.%d is %d; it must not be negative", m.ID, m.Weight)
		}
		if m.Role == Participant && m.Group != 0 {
			grouped++
		}
	}
	c.groups = grouped > 0
	if voters := len(c.Voters()); voters == 0 {
		return nil, fmt.Errorf("quorum: there is no participant")
	} else if c.groups && grouped != voters {
		return nil, fmt.Errorf("quorum: %d of %d participants are in a group; all must be, or none", grouped, voters)
	}
	if c.groups && len(c.weights()) == 0 {
		return nil, fmt.Errorf("quorum: no participant has a weight, so nothing is a quorum")
	}
	return c, nil
}

// Simple returns a static configuration of participants without addresses, each of which
// counts alike.
func Simple(voters ...ID) *Config {
	members := make([]Member, len(voters))
	for i, id := range voters {
		members[i].ID = id
	}
	c, err := New(0, members)
	if err != nil {
		panic("quorum: Simple: " + err.Error())
	}
	return c
}

// Members returns all members, ascending.
func (c *Config) Members() []Member { return slices.Clone(c.members) }

// Member returns a member.
func (c *Config) Member(id ID) (Member, bool) {
	i, ok := slices.BinarySearchFunc(c.members, id, func(m Member, id ID) int { return cmp.Compare(m.ID, id) })
	if !ok {
		return Member{}, false
	}
	return c.members[i], true
}

// Voters returns the participants, ascending.
func (c *Config) Voters() []ID { return c.withRole(Participant) }

// Observers returns the observers, ascending.
func (c *Config) Observers() []ID { return c.withRole(Observer) }

func (c *Config) withRole(r Role) (ids []ID) {
	for _, m := range c.members {
		if m.Role == r {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// Votes reports whether id is a participant.
func (c *Config) Votes(id ID) bool {
	m, ok := c.Member(id)
	return ok && m.Role == Participant
}

// MayLead reports whether id may become leader: a participant, and in hierarchical quorums
// one that weighs something.
func (c *Config) MayLead(id ID) bool {
	m, ok := c.Member(id)
	return ok && m.Role == Participant && (!c.groups || m.Weight > 0)
}

// String is the data of /zookeeper/config: a line for each server, and the version.
func (c *Config) String() string {
	var b strings.Builder
	for _, m := range c.members {
		fmt.Fprintf(&b, "server.%d=%s\n", m.ID, m.Address())
	}
	c.writeGroups(&b)
	fmt.Fprintf(&b, "version=%x", uint64(c.Version))
	return b.String()
}

// writeGroups writes a line for each group, and one for each weight.
func (c *Config) writeGroups(b *strings.Builder) {
	if !c.groups {
		return
	}
	byGroup := map[int][]string{}
	for _, m := range c.members {
		if m.Role == Participant {
			byGroup[m.Group] = append(byGroup[m.Group], strconv.Itoa(int(m.ID)))
		}
	}
	for _, group := range slices.Sorted(maps.Keys(byGroup)) {
		fmt.Fprintf(b, "group.%d=%s\n", group, strings.Join(byGroup[group], ":"))
	}
	for _, m := range c.members {
		if m.Role == Participant {
			fmt.Fprintf(b, "weight.%d=%d\n", m.ID, m.Weight)
		}
	}
}

// Address is the member's value in a configuration: "host:quorum:election:role;client".
func (m Member) Address() string {
	s := fmt.Sprintf("%s:%d:%d:%s", hostText(m.Host), m.Quorum, m.Election, m.Role)
	if m.Client != "" {
		s += ";" + m.Client
	}
	return s
}

// hostText brackets IPv6 addresses, whose colons would read as separators.
func hostText(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
