package quorum_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/node/quorum"
)

const three = `server.1=127.0.0.1:20001:20002:participant
server.2=127.0.0.1:20003:20004:participant;127.0.0.1:2181
server.3=[::1]:20005:20006:observer;2182
version=100000000`

func parse(t require.TestingT, text string) *quorum.Config {
	c, err := quorum.Parse(text)
	require.NoError(t, err)
	return c
}

func set(ids ...quorum.ID) func(quorum.ID) bool {
	return func(id quorum.ID) bool { return slices.Contains(ids, id) }
}

func TestConfigurationsReadAndPrint(t *testing.T) {
	c := parse(t, three)
	require.Equal(t, three, c.String())
	require.Equal(t, []quorum.ID{1, 2}, c.Voters())
	require.Equal(t, []quorum.ID{3}, c.Observers())
	m, ok := c.Member(3)
	require.True(t, ok)
	require.Equal(t, quorum.Member{ID: 3, Role: quorum.Observer, Host: "::1", Quorum: 20005, Election: 20006, Client: "2182"}, m)
	_, ok = c.Member(4)
	require.False(t, ok)
}

func TestBadConfigurationsAreNamed(t *testing.T) {
	for text, sentence := range map[string]string{
		"":                                          `quorum: there is no participant`,
		"server.1=h:1:2:observer":                   `quorum: there is no participant`,
		"server.0=h:1:2":                            `quorum: "server.0=h:1:2": "0" is no id from 1 to 255`,
		"server.256=h:1:2":                          `quorum: "server.256=h:1:2": "256" is no id from 1 to 255`,
		"server.1=h:1:2\nserver.1=h:3:4":            `quorum: server.1 is there twice`,
		"server.1=h:1":                              `quorum: "server.1=h:1": it must say host:quorumPort:electionPort, and may add :participant or :observer and ;clientPort`,
		"server.1=:1:2":                             `quorum: "server.1=:1:2": it must say host:quorumPort:electionPort, and may add :participant or :observer and ;clientPort`,
		"server.1=h:1:65536":                        `quorum: "server.1=h:1:65536": "65536" is no port`,
		"server.1=h:1:2:king":                       `quorum: "server.1=h:1:2:king": a server is a participant or an observer, not a "king"`,
		"server.1=h:1:2\nversion=xyz":               `quorum: version "xyz" is no hexadecimal zxid`,
		"server.1":                                  `quorum: "server.1" is no setting such as server.1=host:2888:3888`,
		"server.1=h:1:2\ntickTime=3":                `quorum: tickTime=3: it is not about members`,
		"server.1=h:1:2\ngroup.1=2":                 `quorum: group.1=2: there is no server.2`,
		"server.1=h:1:2\ngroup.x=1":                 `quorum: group.x=1: "x" is no number of a group`,
		"server.1=h:1:2\nweight.1=x":                `quorum: weight.1=x: strconv.Atoi: parsing "x": invalid syntax`,
		"server.1=h:1:2\ngroup.1=1\nweight.1=-1":    `quorum: weight.1 is -1; it must not be negative`,
		"server.1=h:1:2\ngroup.1=1\nweight.1=0":     `quorum: no participant has a weight, so nothing is a quorum`,
		"server.1=h:1:2\nserver.2=h:3:4\ngroup.1=1": `quorum: 1 of 2 participants are in a group; all must be, or none`,
		"server.1=h:1:2\nserver.2=h:3:4\ngroup.1=1:2\ngroup.2=2": `quorum: group.2=2: server.2 is in group 1 already`,
	} {
		_, err := quorum.Parse(text)
		require.EqualError(t, err, sentence, text)
	}
}

func TestMajorities(t *testing.T) {
	for _, c := range []struct {
		config *quorum.Config
		who    []quorum.ID
		want   bool
	}{
		{quorum.Simple(1), nil, false},
		{quorum.Simple(1), []quorum.ID{1}, true},
		{quorum.Simple(1, 2), []quorum.ID{1}, false},
		{quorum.Simple(1, 2, 3), []quorum.ID{2}, false},
		{quorum.Simple(1, 2, 3), []quorum.ID{2, 3}, true},
		{quorum.Simple(1, 2, 3), []quorum.ID{2, 9}, false}, // a stranger
		{quorum.Simple(1, 2, 3, 4), []quorum.ID{1, 2}, false},
		{parse(t, three), []quorum.ID{1, 3}, false}, // an observer (Z44)
		{parse(t, three), []quorum.ID{1, 2}, true},
	} {
		require.Equal(t, c.want, c.config.Quorum(set(c.who...)), "%v of\n%v", c.who, c.config)
	}
}

// Nine servers in three groups: two groups are enough, each by two of its three.
func TestGroups(t *testing.T) {
	var b strings.Builder
	for i := 1; i <= 9; i++ {
		fmt.Fprintf(&b, "server.%d=h:%d:%d\n", i, i, 100+i)
	}
	c := parse(t, b.String()+"group.1=1:2:3\ngroup.2=4:5:6\ngroup.3=7:8:9")
	require.True(t, c.Quorum(set(1, 2, 4, 5)))
	require.False(t, c.Quorum(set(1, 2, 4, 7)))
	require.False(t, c.Quorum(set(1, 2, 3)))
	require.Equal(t, c.String(), parse(t, c.String()).String())
	require.True(t, c.MayLead(1))

	heavy := parse(t, "server.1=h:1:2\nserver.2=h:3:4\nserver.3=h:5:6\ngroup.1=1:2:3\nweight.1=3\nweight.2=1\nweight.3=0")
	require.True(t, heavy.Quorum(set(1)))
	require.False(t, heavy.Quorum(set(2, 3)))
	require.False(t, heavy.MayLead(3), "it weighs nothing")
	require.False(t, heavy.MayLead(4))
}

// Any two quorums share a participant: that is all that Zab asks of them.
func TestQuorumsIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyConfig(t)
		ids := rapid.SliceOfDistinct(rapid.SampledFrom(c.Voters()), rapid.ID)
		a, b := ids.Draw(t, "a"), ids.Draw(t, "b")
		if c.Quorum(set(a...)) && c.Quorum(set(b...)) {
			require.True(t, slices.ContainsFunc(a, set(b...)), "%v and %v of\n%v", a, b, c)
		}
		require.True(t, c.Quorum(set(c.Voters()...)), "all are a quorum of\n%v", c)
		require.Equal(t, c.String(), parse(t, c.String()).String())
	})
}

func anyConfig(t *rapid.T) *quorum.Config {
	groups := rapid.IntRange(0, 3).Draw(t, "groups")
	var members []quorum.Member
	for id := range rapid.IntRange(1, 7).Draw(t, "servers") {
		m := quorum.Member{ID: quorum.ID(id + 1), Host: "h"}
		if id > 0 && rapid.Bool().Draw(t, "observes") {
			m.Role = quorum.Observer
		} else if groups > 0 {
			m.Group = rapid.IntRange(1, groups).Draw(t, "group")
			m.Weight = rapid.IntRange(min(id, 1)^1, 3).Draw(t, "weight")
		}
		members = append(members, m)
	}
	c, err := quorum.New(1, members)
	require.NoError(t, err)
	return c
}

// While a configuration changes, the old one and the new one must both agree: a quorum of
// one alone could be overruled by the other.
func TestJointQuorums(t *testing.T) {
	j := quorum.Joint{quorum.Simple(1, 2, 3), quorum.Simple(3, 4, 5)}
	require.False(t, j.Quorum(set(1, 2, 3)))
	require.False(t, j.Quorum(set(3, 4, 5)))
	require.True(t, j.Quorum(set(1, 3, 4)))
}

func TestChanges(t *testing.T) {
	c := parse(t, three)
	next, err := c.Change(quorum.Request{Joining: []string{"server.4=h:1:2;3"}, Leaving: []string{"1", "9"}, From: 0x100000000}, 0x200000005, 2)
	require.NoError(t, err)
	require.Equal(t, []quorum.ID{2, 4}, next.Voters())
	require.Contains(t, next.String(), "version=200000005")

	next, err = c.Change(quorum.Request{Joining: []string{"server.3=[::1]:20005:20006:participant"}, From: -1}, 7, 2)
	require.NoError(t, err)
	require.Equal(t, []quorum.ID{1, 2, 3}, next.Voters(), "an observer becomes a participant")

	next, err = c.Change(quorum.Request{Members: []string{"server.7=h:1:2", "server.8=h:3:4"}, From: -1}, 7, 2)
	require.NoError(t, err)
	require.Equal(t, []quorum.ID{7, 8}, next.Voters())
}

func TestChangesThatCannotBeMade(t *testing.T) {
	grouped := parse(t, "server.1=h:1:2\nserver.2=h:3:4\ngroup.1=1:2")
	for _, c := range []struct {
		from *quorum.Config
		quorum.Request
		want error
	}{
		{parse(t, three), quorum.Request{Leaving: []string{"1"}, From: 5}, quorum.ErrStale},
		{parse(t, three), quorum.Request{From: -1}, quorum.ErrArguments},
		{parse(t, three), quorum.Request{Leaving: []string{"x"}, From: -1}, quorum.ErrArguments},
		{parse(t, three), quorum.Request{Joining: []string{"server.4"}, From: -1}, quorum.ErrArguments},
		{parse(t, three), quorum.Request{Joining: []string{"server.4=127.0.0.1:20001:9"}, From: -1}, quorum.ErrArguments},
		{parse(t, three), quorum.Request{Leaving: []string{"1"}, Members: []string{"server.1=h:1:2"}, From: -1}, quorum.ErrArguments},
		{parse(t, three), quorum.Request{Leaving: []string{"1"}, From: -1}, quorum.ErrTooFew},
		{grouped, quorum.Request{Leaving: []string{"1"}, From: -1}, quorum.ErrGroups},
	} {
		_, err := c.from.Change(c.Request, 9, 2)
		require.ErrorIs(t, err, c.want, "%+v", c.Request)
	}
	require.Equal(t, []string{"1", " 2"}, quorum.SplitList("1, 2,"))
}
