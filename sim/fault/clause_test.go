package fault

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
)

// clauses draws any valid clause.
var clauses = rapid.Custom(func(t *rapid.T) Clause {
	i := rapid.SampledFrom(Kinds()).Draw(t, "kind")
	span := func(name string, lo int64) clock.Span { return clock.Span(rapid.Int64Range(lo, 1e12).Draw(t, name)) }
	c := Clause{Kind: i.Kind, At: span("at", 0), Who: rapid.SampledFrom(targets(i)).Draw(t, "who")}
	if i.Takes&Time != 0 {
		c.For = span("for", 1)
	}
	if i.Takes&Delay != 0 {
		c.Extra = span("extra", 1)
	}
	if i.Takes&Shift != 0 {
		c.Shift = Signed(rapid.Int64Range(1, 1e12).Draw(t, "shift") * rapid.SampledFrom([]int64{1, -1}).Draw(t, "sign"))
	}
	if i.Takes&Percent != 0 {
		c.Percent = rapid.IntRange(1, 500).Draw(t, "percent")
	}
	if i.Takes&Bandwidth != 0 {
		c.Bandwidth = rapid.IntRange(1, 1e6).Draw(t, "bandwidth")
	}
	if i.Takes&OneStage != 0 {
		c.Stage = rapid.StringMatching("[a-z]{1,8}").Draw(t, "stage")
	}
	if c.Who.Kind == "it" || rapid.Bool().Draw(t, "triggered") {
		triggered(t, i, &c)
	}
	return c
})

// triggered makes a clause wait for any event that goes with it.
func triggered(t *rapid.T, i Info, c *Clause) {
	e := rapid.SampledFrom(Events()).Filter(func(e Event) bool { return c.Who.Kind != "it" || e.By&i.Can != 0 }).Draw(t, "on")
	c.On, c.Nth = e.Name, rapid.IntRange(1, 99).Draw(t, "nth")
	of := []Who{{}, Server(2), Leader(), Follower()}
	if e.By == AClient {
		of = []Who{{}, Client(3)}
	}
	c.Of = rapid.SampledFrom(of).Draw(t, "of")
}

// targets is one of each way to select what a kind can happen to.
func targets(i Info) (all []Who) {
	for _, x := range []struct {
		can Targets
		who []Who
	}{
		{AServer, []Who{Server(1), Server(12), Leader(), Follower(), It()}},
		{Group, []Who{Minority(), Majority()}},
		{Ensemble, []Who{Servers()}},
		{AClient, []Who{Client(1), Client(7), It()}},
		{ALink, []Who{
			Between(End{"server", 1}, End{"client", 2}), Between(End{Kind: "leader"}, End{Kind: "follower"}),
			From(End{"client", 3}, End{Kind: "leader"}), From(End{"server", 2}, End{"server", 1}),
		}},
	} {
		if i.Can&x.can != 0 {
			all = append(all, x.who...)
		}
	}
	return all
}

func TestClauseRoundTripsThroughText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clauses.Draw(t, "clause")
		require.NoError(t, c.Validate())
		back, err := Parse(c.String())
		require.NoError(t, err)
		require.Equal(t, c, back)
	})
}

func TestClauseRoundTripsThroughJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clauses.Draw(t, "clause")
		b, err := json.Marshal(c)
		require.NoError(t, err)
		var back Clause
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, c, back)
	})
}

func TestClauseReadsAsASentence(t *testing.T) {
	for text, c := range map[string]Clause{
		"at 2.1s for 6.3s isolate client 1":                                   {Kind: Isolate, Who: Client(1), At: span(2100), For: span(6300)},
		"at 2.1s on acquire 3 for 6.3s isolate client 1":                      {Kind: Isolate, Who: Client(1), At: span(2100), For: span(6300), On: OnAcquire, Nth: 3},
		"at 0s reset leader":                                                  {Kind: Reset, Who: Leader()},
		"at 1s for 2s slowdisk servers by 50ms":                               {Kind: SlowDisk, Who: Servers(), At: span(1000), For: span(2000), Extra: span(50)},
		"at 1s for 500ms stall server 3 stage commit":                         {Kind: Stall, Who: Server(3), At: span(1000), For: span(500), Stage: "commit"},
		"at 1m0s for 1s powerloss servers":                                    {Kind: PowerLoss, Who: Servers(), At: span(60000), For: span(1000)},
		"at 1s for 1s slowlink client 2 by 1.5s":                              {Kind: SlowLink, Who: Client(2), At: span(1000), For: span(1000), Extra: span(1500)},
		"at 1s on unsynced of follower 3 for 1s powerloss it":                 {Kind: PowerLoss, Who: It(), At: span(1000), For: span(1000), On: OnUnsynced, Of: Follower(), Nth: 3},
		"at 1s on acquire of client 2 1 for 1s kill leader":                   {Kind: Kill, Who: Leader(), At: span(1000), For: span(1000), On: OnAcquire, Of: Client(2), Nth: 1},
		"at 1s for 1s cut link server 1 - client 2":                           {Kind: Cut, Who: Between(End{"server", 1}, End{"client", 2}), At: span(1000), For: span(1000)},
		"at 1s for 1s slowlink link leader > follower by 20ms":                {Kind: SlowLink, Who: From(End{Kind: "leader"}, End{Kind: "follower"}), At: span(1000), For: span(1000), Extra: span(20)},
		"at 1s on unapplied of server 2 1 for 1s stall server 2 stage commit": {Kind: Stall, Who: Server(2), At: span(1000), For: span(1000), On: OnUnapplied, Of: Server(2), Nth: 1, Stage: "commit"},
		"at 1s for 2s slowcpu leader by 20ms":                                 {Kind: SlowCPU, Who: Leader(), At: span(1000), For: span(2000), Extra: span(20)},
		"at 1s for 2s clockrate server 1 to 105%":                             {Kind: ClockRate, Who: Server(1), At: span(1000), For: span(2000), Percent: 105},
		"at 1s for 2s clockfreeze minority":                                   {Kind: ClockFreeze, Who: Minority(), At: span(1000), For: span(2000)},
		"at 1s for 2s clockstep client 1 by -5s":                              {Kind: ClockStep, Who: Client(1), At: span(1000), For: span(2000), Shift: -Signed(span(5000))},
		"at 1s clockjump servers by 1h0m0s":                                   {Kind: ClockJump, Who: Servers(), At: span(1000), Shift: Signed(span(3600_000))},
		"at 1s for 1s pause minority":                                         {Kind: Pause, Who: Minority(), At: span(1000), For: span(1000)},
		"at 1s for 1s halve servers":                                          {Kind: Halves, Who: Servers(), At: span(1000), For: span(1000)},
	} {
		require.Equal(t, text, c.String())
		back, err := Parse(text)
		require.NoError(t, err)
		require.Equal(t, c, back)
	}
}

func span(ms int) clock.Span { return clock.Span(time.Duration(ms) * time.Millisecond) }

func TestParseSaysWhatIsWrong(t *testing.T) {
	nobody := `selects no host; write "server 2", "client 1", "leader", "follower", "minority", "majority", "servers", "it" or "link server 1 - client 2"`
	for text, want := range map[string]string{
		"":                                                `fault: "" ` + nobody,
		"at 1s for 1s kill everybody":                     `fault: "everybody" ` + nobody,
		"at 1s for 1s kill server 0":                      `fault: "server 0" ` + nobody,
		"at 1s for 1s cut link server 1":                  `fault: "link server" ` + nobody,
		"at 1s for 1s cut link leader - leader":           `fault: "link leader" ` + nobody,
		"at 1s for 1s explode server 1":                   `no fault is called "explode"; see: zoobreak list faults`,
		"at 1s for 1s stall client 1":                     `stall cannot happen to a client`,
		"at 1s for 1s cut server 1":                       `cut cannot happen to a server`,
		"at 1s for 1s isolate servers":                    `isolate cannot happen to all servers at once`,
		"at 1s for 1s oneway minority":                    `oneway cannot happen to several servers`,
		"at 1s for 1s kill link leader - client 1":        `kill cannot happen to a link`,
		"at 1s for 1s kill it":                            `kill: it is the host that did what the clause waited for, and this one waits for nothing`,
		"at 1s on acquire 1 for 1s stall it stage x":      `stall cannot happen to a client`,
		"at 1s on logged 1 for 1s cut it":                 `cut cannot happen to a server`,
		"at 1s kill server 1":                             `kill needs a time: for 2s`,
		"at 1s for 1s reset server 1":                     `reset does not take a time (for 2s)`,
		"at 1s for 1s kill server 1 by 1s":                `kill does not take an extra time (by 50ms)`,
		"at 1s for 1s slowdisk server 1":                  `slowdisk needs an extra time: by 50ms`,
		"at 1s for 1s kill server 1 to 50%":               `kill does not take a percentage (to 150%)`,
		"at 1s for 1s kill server 1 to 50B/s":             `kill does not take a bandwidth (to 2000B/s)`,
		"at 1s for 1s kill server 1 to 50":                `"50" is neither a percentage (150%) nor a bandwidth (2000B/s)`,
		"at 1s for 1s kill server 1 to x%":                `"x" is no number`,
		"at 1s for 1s clockrate server 1":                 `clockrate needs a percentage: to 150%`,
		"at 1s for 1s clockrate server 1 to 10001%":       `clockrate to 10001%: at most 10000%`,
		"at 1s for 1s clockjump server 1 by 1s":           `clockjump does not take a time (for 2s)`,
		"at 1s for 1s clockstep server 1":                 `clockstep needs a shift: by -2s`,
		"at 1s for 1s clockfreeze link leader - client 1": `clockfreeze cannot happen to a link`,
		"at 1s for 1s stall server 1":                     `stall needs a stage: stage commit`,
		"at 1s for 1s kill server 1 stage x":              `kill does not take a stage (stage commit)`,
		"at soon for 1s kill server 1":                    `clock: "soon" is no duration such as 2.5s`,
		"at -1s for 1s kill server 1":                     `clock: "-1s" is no duration such as 2.5s`,
		"at soon on acquire 1 for 1s isolate client 1":    `clock: "soon" is no duration such as 2.5s`,
		"at 1s on acquire x for 1s isolate client 1":      `"x" is no count`,
		"at 1s on acquire 0 for 1s isolate client 1":      `isolate: a trigger needs a count from 1: on acquire 3`,
		"at 1s on sneeze 1 for 1s isolate client 1":       `isolate: nothing that can be waited for is called "sneeze"; see: zoobreak list triggers`,
		"at 1s on acquire of server 1 1 for 1s kill it":   `kill: on acquire of server 1: only a client does that`,
		"at 1s on logged of client 1 1 for 1s kill it":    `kill: on logged of client 1: only a server does that`,
		"at 1s on logged of servers 1 for 1s kill it":     `kill: on logged of servers: only a server does that`,
		"at 1s on logged of it 1 for 1s kill it":          `kill: on logged of it: only a server does that`,
		"at 1s on logged of nobody 1 for 1s kill leader":  `fault: "nobody 1" ` + nobody,
		"at 1s for 1s kill server 1 and smile":            `unexpected "and"`,
	} {
		_, err := Parse(text)
		require.EqualError(t, err, `fault: clause "`+text+`": `+want)
	}
}

// What cannot be written as text can be written as JSON, and is refused there.
func TestValidateSaysWhatNoTextCanSay(t *testing.T) {
	for want, c := range map[string]Clause{
		"kill: of server 1: that needs something to wait for: on logged of server 1 3": {Kind: Kill, Who: Leader(), For: 1, Of: Server(1)},
		`stall: stage "a b" is not one word`:                                           {Kind: Stall, Who: Leader(), For: 1, Stage: "a b"},
		"kill: who is missing":                                                         {Kind: Kill, For: 1},
		"kill: a time, a percentage and a bandwidth are more than 0":                   {Kind: Kill, Who: Leader(), For: -1},
	} {
		require.EqualError(t, c.Validate(), want)
	}
}

func TestParseNeverPanics(t *testing.T) {
	word := rapid.SampledFrom([]string{"at", "for", "on", "of", "by", "to", "stage", "kill", "cut", "reset", "stall", "logged", "server", "servers", "leader", "client", "link", "it", "1", "0", "2s", "2%", "-", ">", "x"})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, w := range rapid.SliceOfN(word, 0, 9).Draw(t, "words") {
			text += w + " "
		}
		if c, err := Parse(text); err == nil {
			require.NoError(t, c.Validate())
		}
	})
}

func TestEveryKindIsDescribedAndHasATarget(t *testing.T) {
	for _, i := range Kinds() {
		require.NotEmpty(t, i.Summary, i.Kind)
		require.NotZero(t, i.Can, i.Kind)
		again, ok := Describe(i.Kind)
		require.True(t, ok)
		require.Equal(t, i, again, "a kind is described once")
	}
	for _, e := range Events() {
		require.NotEmpty(t, e.Summary, e.Name)
		require.Contains(t, []Targets{AServer, AClient}, e.By, e.Name)
	}
}

// What is simpler is valid, says something else, and going on from it always ends.
func TestSimplerClausesAreValidAndComeToAnEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clauses.Draw(t, "clause")
		for steps := 0; ; steps++ {
			simpler := c.Simpler(5)
			if len(simpler) == 0 {
				return
			}
			require.Less(t, steps, 300, "%s", c)
			next := rapid.SampledFrom(simpler).Draw(t, "next")
			require.NoError(t, next.Validate())
			require.NotEqual(t, c, next)
			require.Equal(t, c.Kind, next.Kind)
			c = next
		}
	})
}

func TestSimpler(t *testing.T) {
	for text, want := range map[string][]string{
		"at 1s for 1ms kill server 1": nil,
		"at 1s for 8ms kill leader":   {"at 1s for 4ms kill leader"},
		"at 1s for 1ms kill follower": {"at 1s for 1ms kill leader", "at 1s for 1ms kill server 1", "at 1s for 1ms kill server 2"},
		"at 1s for 1ms kill servers": {"at 1s for 1ms kill majority", "at 1s for 1ms kill minority", "at 1s for 1ms kill leader",
			"at 1s for 1ms kill server 1", "at 1s for 1ms kill server 2"},
		"at 1s for 1ms cut link leader - client 1":          {"at 1s for 1ms cut link leader > client 1", "at 1s for 1ms cut link client 1 > leader"},
		"at 1s on logged of leader 2 for 1ms kill server 1": {"at 1s for 1ms kill server 1", "at 1s on logged 2 for 1ms kill server 1"},
		"at 1s for 1ms slowdisk server 1 by 50ms":           {"at 1s for 1ms slowdisk server 1 by 25ms"},
	} {
		c, err := Parse(text)
		require.NoError(t, err)
		var got []string
		for _, s := range c.Simpler(2) {
			got = append(got, s.String())
		}
		require.Equal(t, want, got, text)
	}
}

func TestLedgerHasALinePerClause(t *testing.T) {
	a, b := Clause{Kind: Reset, Who: Leader()}, Clause{Kind: Kill, Who: Server(1), For: span(5)}
	l := NewLedger([]Clause{a, b})
	l[1].Fired, l[1].Mattered = 1, 7
	counts := l.Counts()
	require.Len(t, counts, 2)
	require.Equal(t, a.String(), counts[0].Clause)
	require.Equal(t, [3]int{1, 0, 0}, [3]int{counts[0].Armed, counts[0].Fired, counts[0].Mattered})
	require.Equal(t, [3]int{1, 1, 7}, [3]int{counts[1].Armed, counts[1].Fired, counts[1].Mattered})
}
