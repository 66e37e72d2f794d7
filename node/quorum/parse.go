package quorum

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// Parse reads what String prints, and the lines of a zoo.cfg that speak of members:
// server.N, group.N, weight.N, version. Blank lines are skipped.
func Parse(text string) (*Config, error) {
	var version wire.Zxid
	var members []Member
	var settings [][2]string // of groups and weights: they may come first
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("quorum: %q is no setting such as server.1=host:2888:3888", line)
		}
		switch {
		case key == "version":
			v, err := strconv.ParseUint(value, 16, 63)
			if err != nil {
				return nil, fmt.Errorf("quorum: version %q is no hexadecimal zxid", value)
			}
			version = wire.Zxid(v)
		case strings.HasPrefix(key, "server."):
			m, err := ParseMember(key + "=" + value)
			if err != nil {
				return nil, err
			}
			members = append(members, m)
		default:
			settings = append(settings, [2]string{key, value})
		}
	}
	if err := apply(members, settings); err != nil {
		return nil, err
	}
	return New(version, members)
}

// apply puts members into groups ("group.1=1:2:3") and gives them weights; without one, a
// member of a group weighs 1.
func apply(members []Member, settings [][2]string) error {
	weighed := map[ID]bool{}
	find := func(text string) (*Member, error) {
		id, err := parseID(text)
		i := slices.IndexFunc(members, func(m Member) bool { return m.ID == id })
		if err == nil && i < 0 {
			err = fmt.Errorf("there is no server.%d", id)
		}
		if err != nil {
			return nil, err
		}
		return &members[i], nil
	}
	for _, s := range settings {
		kind, number, _ := strings.Cut(s[0], ".")
		var err error
		switch kind {
		case "group":
			err = setGroup(number, s[1], find)
		case "weight":
			var m *Member
			if m, err = find(number); err == nil {
				m.Weight, err = strconv.Atoi(s[1])
				weighed[m.ID] = true
			}
		default:
			err = fmt.Errorf("it is not about members")
		}
		if err != nil {
			return fmt.Errorf("quorum: %s=%s: %w", s[0], s[1], err)
		}
	}
	for i := range members {
		if members[i].Group != 0 && !weighed[members[i].ID] {
			members[i].Weight = 1
		}
	}
	return nil
}

func setGroup(number, list string, find func(string) (*Member, error)) error {
	group, err := strconv.Atoi(number)
	if err != nil || group < 1 {
		return fmt.Errorf("%q is no number of a group", number)
	}
	for _, text := range strings.Split(list, ":") {
		m, err := find(text)
		if err != nil {
			return err
		}
		if m.Group != 0 && m.Group != group {
			return fmt.Errorf("server.%d is in group %d already", m.ID, m.Group)
		}
		m.Group = group
	}
	return nil
}

func parseID(text string) (ID, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 255 {
		return 0, fmt.Errorf("%q is no id from 1 to 255", text)
	}
	return ID(n), nil
}

// ParseMember reads "server.1=host:2888:3888[:role][;client]".
func ParseMember(text string) (Member, error) {
	fail := func(why string, args ...any) (Member, error) {
		return Member{}, fmt.Errorf("quorum: %q: %s", text, fmt.Sprintf(why, args...))
	}
	key, value, _ := strings.Cut(text, "=")
	number, ok := strings.CutPrefix(key, "server.")
	if !ok {
		return fail("it must begin with server.N=")
	}
	m := Member{}
	var err error
	if m.ID, err = parseID(number); err != nil {
		return fail("%v", err)
	}
	peers, client, _ := strings.Cut(value, ";")
	m.Client = client
	host, rest, ok := cutHost(peers)
	parts := strings.Split(rest, ":")
	if !ok || host == "" || len(parts) < 2 || len(parts) > 3 {
		return fail("it must say host:quorumPort:electionPort, and may add :participant or :observer and ;clientPort")
	}
	m.Host = host
	for i, port := range []*uint16{&m.Quorum, &m.Election} {
		n, err := strconv.ParseUint(parts[i], 10, 16)
		if err != nil {
			return fail("%q is no port", parts[i])
		}
		*port = uint16(n)
	}
	if len(parts) == 3 {
		role := slices.Index(roleNames[:], parts[2])
		if role < 0 {
			return fail("a server is a participant or an observer, not a %q", parts[2])
		}
		m.Role = Role(role)
	}
	return m, nil
}

// cutHost takes the host off the front, which is in brackets if it has colons.
func cutHost(s string) (host, rest string, ok bool) {
	if inner, found := strings.CutPrefix(s, "["); found {
		host, rest, ok = strings.Cut(inner, "]:")
		return host, rest, ok
	}
	host, rest, ok = strings.Cut(s, ":")
	return host, rest, ok
}
