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
	c := Clause{Kind: i.Kind, At: span("at", 0), For: span("for", 1), Who: rapid.SampledFrom(targets(i)).Draw(t, "who")}
	if i.Kind == Reset && rapid.Bool().Draw(t, "without for") {
		c.For = 0
	}
	if i.Extra {
		c.Extra = span("extra", 1)
	}
	if c.Who.Kind == "client" && rapid.Bool().Draw(t, "triggered") {
		c.On, c.Nth = rapid.SampledFrom([]string{OnAcquire, OnRead}).Draw(t, "on"), rapid.IntRange(1, 9).Draw(t, "nth")
	}
	if i.Kind == Stall {
		c.Stage = rapid.StringMatching("[a-z]{1,8}").Draw(t, "stage")
	}
	return c
})

func targets(i Info) (all []Who) {
	if i.Server {
		all = append(all, Server(1), Server(12), Leader())
	}
	if i.All {
		all = append(all, Servers())
	}
	if i.Client {
		all = append(all, Client(1), Client(7))
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
		"at 2.1s for 6.3s isolate client 1":              {Kind: Isolate, Who: Client(1), At: span(2100), For: span(6300)},
		"at 2.1s on acquire 3 for 6.3s isolate client 1": {Kind: Isolate, Who: Client(1), At: span(2100), For: span(6300), On: OnAcquire, Nth: 3},
		"at 0s reset leader":                             {Kind: Reset, Who: Leader()},
		"at 1s for 2s slowdisk servers by 50ms":          {Kind: SlowDisk, Who: Servers(), At: span(1000), For: span(2000), Extra: span(50)},
		"at 1s for 500ms stall server 3 stage commit":    {Kind: Stall, Who: Server(3), At: span(1000), For: span(500), Stage: "commit"},
		"at 1m0s for 1s powerloss servers":               {Kind: PowerLoss, Who: Servers(), At: span(60000), For: span(1000)},
		"at 1s for 1s slowlink client 2 by 1.5s":         {Kind: SlowLink, Who: Client(2), At: span(1000), For: span(1000), Extra: span(1500)},
	} {
		require.Equal(t, text, c.String())
	}
}

func span(ms int) clock.Span { return clock.Span(time.Duration(ms) * time.Millisecond) }

func TestParseSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                                             `fault: clause "": fault: "" selects no host; write "server 2", "client 1", "servers" or "leader"`,
		"at 1s for 1s kill everybody":                  `fault: clause "at 1s for 1s kill everybody": fault: "everybody" selects no host; write "server 2", "client 1", "servers" or "leader"`,
		"at 1s for 1s kill server 0":                   `fault: clause "at 1s for 1s kill server 0": fault: "server 0" selects no host; write "server 2", "client 1", "servers" or "leader"`,
		"at 1s for 1s explode server 1":                `fault: clause "at 1s for 1s explode server 1": no fault is called "explode"; see: zoobreak list faults`,
		"at 1s for 1s kill client 1":                   `fault: clause "at 1s for 1s kill client 1": kill cannot happen to a client`,
		"at 1s for 1s cut server 1":                    `fault: clause "at 1s for 1s cut server 1": cut cannot happen to a server`,
		"at 1s for 1s isolate servers":                 `fault: clause "at 1s for 1s isolate servers": isolate cannot happen to all servers at once`,
		"at 1s kill server 1":                          `fault: clause "at 1s kill server 1": kill needs a time: for 2s`,
		"at 1s for 1s kill server 1 by 1s":             `fault: clause "at 1s for 1s kill server 1 by 1s": kill: an extra time (by 50ms) goes with slowlink and slowdisk, and only with them`,
		"at 1s for 1s slowdisk server 1":               `fault: clause "at 1s for 1s slowdisk server 1": slowdisk: an extra time (by 50ms) goes with slowlink and slowdisk, and only with them`,
		"at 1s for 1s stall server 1":                  `fault: clause "at 1s for 1s stall server 1": stall: a stage goes with stall, and only with it`,
		"at 1s for 1s kill server 1 stage x":           `fault: clause "at 1s for 1s kill server 1 stage x": kill: a stage goes with stall, and only with it`,
		"at soon for 1s kill server 1":                 `fault: clause "at soon for 1s kill server 1": clock: "soon" is no duration such as 2.5s`,
		"at -1s for 1s kill server 1":                  `fault: clause "at -1s for 1s kill server 1": clock: "-1s" is no duration such as 2.5s`,
		"at soon on acquire 1 for 1s isolate client 1": `fault: clause "at soon on acquire 1 for 1s isolate client 1": clock: "soon" is no duration such as 2.5s`,
		"at 1s on acquire x for 1s isolate client 1":   `fault: clause "at 1s on acquire x for 1s isolate client 1": "x" is no count`,
		"at 1s on acquire 0 for 1s isolate client 1":   `fault: clause "at 1s on acquire 0 for 1s isolate client 1": isolate: a trigger needs a count from 1: on acquire 3`,
		"at 1s on sneeze 1 for 1s isolate client 1":    `fault: clause "at 1s on sneeze 1 for 1s isolate client 1": isolate: on sneeze: the triggers are acquire and read, of the client that the fault selects`,
		"at 1s on acquire 1 for 1s isolate server 1":   `fault: clause "at 1s on acquire 1 for 1s isolate server 1": isolate: on acquire: the triggers are acquire and read, of the client that the fault selects`,
		"at 1s for 1s kill server 1 and smile":         `fault: clause "at 1s for 1s kill server 1 and smile": unexpected "and"`,
	} {
		_, err := Parse(text)
		require.EqualError(t, err, want)
	}
}

func TestParseNeverPanics(t *testing.T) {
	word := rapid.SampledFrom([]string{"at", "for", "by", "stage", "kill", "reset", "server", "servers", "leader", "client", "1", "0", "2s", "-", "x"})
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
		require.True(t, i.Server || i.Client, i.Kind)
		require.True(t, i.Server || !i.All, i.Kind)
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
