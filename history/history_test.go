package history_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// recipe is an operation of a client's own code.
func recipe(client int, k history.Kind, call, ret uint64, s history.Status) history.Op {
	return history.Op{Client: client, Kind: k, Call: call, Return: ret, Status: s}
}

func TestValidate(t *testing.T) {
	cases := []struct {
		name string
		ops  []history.Op
		want string // part of the error; empty: valid
	}{
		{"nothing", nil, ""},
		{"one after the other", []history.Op{recipe(1, history.Acquire, 1, 2, history.OK), recipe(1, history.Release, 3, 4, history.OK)}, ""},
		{"clients overlap each other", []history.Op{recipe(1, history.Acquire, 1, 4, history.OK), recipe(2, history.Acquire, 2, 3, history.Fail)}, ""},
		{"the last operation is pending", []history.Op{recipe(1, history.Acquire, 1, 2, history.OK), recipe(1, history.Release, 3, 0, history.Pending)}, ""},
		{"wire requests are pipelined", []history.Op{recipe(1, history.Wire, 1, 4, history.OK), recipe(1, history.Wire, 2, 3, history.OK)}, ""},
		{"wire requests lie within a recipe's operation", []history.Op{recipe(1, history.Acquire, 1, 4, history.OK), recipe(1, history.Wire, 2, 3, history.OK)}, ""},
		{"a note lies within a recipe's operation", []history.Op{recipe(1, history.Acquire, 1, 4, history.OK), recipe(1, history.Note, 2, 3, history.OK)}, ""},
		{"an unknown result", []history.Op{recipe(1, history.Acquire, 1, 2, history.Unknown)}, ""},

		{"never called", []history.Op{recipe(1, history.Wire, 0, 2, history.OK)},
			"operation 0 (wire of client 1) returns at 2 before its call at 0"},
		{"returns before its call", []history.Op{recipe(1, history.Acquire, 1, 2, history.OK), recipe(2, history.Acquire, 5, 3, history.OK)},
			"operation 1 (acquire of client 2) returns at 3 before its call at 5"},
		{"returned without a status", []history.Op{recipe(1, history.Wire, 1, 2, history.Pending)},
			"operation 0 (wire of client 1) returned without a status"},
		{"a status without a return", []history.Op{recipe(1, history.Release, 1, 0, history.Fail)},
			"operation 0 (release of client 1) is fail but never returned"},
		{"two at once", []history.Op{recipe(1, history.Acquire, 1, 4, history.OK), recipe(1, history.EffectRead, 3, 5, history.OK)},
			"operation 1 (effect.read of client 1, call 3) overlaps that client's acquire (call 1, return 4)"},
		{"one after a pending one", []history.Op{recipe(1, history.Acquire, 1, 0, history.Pending), recipe(1, history.Release, 2, 3, history.OK)},
			"operation 1 (release of client 1, call 2) overlaps that client's acquire (call 1, return 0)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := (&history.Log{Ops: c.ops}).Validate()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, "history: "+c.want)
		})
	}
}

func TestLives(t *testing.T) {
	dies := func(client int, at uint64) history.Fact {
		return history.Fact{Kind: history.ClientStopped, Client: client, Seq: at}
	}
	pending, next := recipe(1, history.Acquire, 1, 0, history.Pending), recipe(1, history.Acquire, 5, 6, history.OK)
	for name, c := range map[string]struct {
		facts []history.Fact
		ops   []history.Op
		want  string
	}{
		"a next life begins anew": {[]history.Fact{dies(1, 3)}, []history.Op{pending, next}, ""},
		"somebody else died": {[]history.Fact{dies(2, 3)}, []history.Op{pending, next},
			"operation 1 (acquire of client 1, call 5) overlaps that client's acquire (call 1, return 0)"},
		"it died before": {[]history.Fact{dies(1, 0)}, []history.Op{pending, next},
			"operation 1 (acquire of client 1, call 5) overlaps that client's acquire (call 1, return 0)"},
		"it died later": {[]history.Fact{dies(1, 7)}, []history.Op{pending, next},
			"operation 1 (acquire of client 1, call 5) overlaps that client's acquire (call 1, return 0)"},
		"the dead are told nothing": {[]history.Fact{dies(1, 3)}, []history.Op{recipe(1, history.Wire, 1, 4, history.OK)},
			"operation 0 (wire of client 1) is called at 1 and returns at 4, but the client died between"},
	} {
		t.Run(name, func(t *testing.T) {
			err := (&history.Log{Ops: c.ops, Facts: c.facts}).Validate()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, "history: "+c.want)
		})
	}
}

// The clock of the world counts for more than what a client believes.
func TestTheLogsClock(t *testing.T) {
	now := clock.Instant(100)
	l := history.Log{Clock: func() clock.Instant { return now }}
	h := l.Call(7, history.Op{Client: 1, Kind: history.Acquire})
	now = 200
	l.Return(h, 8, history.OK, nil)
	require.Equal(t, []clock.Instant{100, 200}, []clock.Instant{l.Ops[0].CallAt, l.Ops[0].ReturnAt})
}

// A story told through the methods: positions count calls, returns and facts alike.
func TestPositionsAreOneOrder(t *testing.T) {
	var l history.Log
	h := l.Call(10, history.Op{Client: 1, Kind: history.Acquire, Name: "/lock"})
	l.Fact(history.Fact{At: 15, Server: 2, Kind: history.Applied, Zxid: 7})
	l.Return(h, 20, history.OK, func(op *history.Op) { op.Token = 7 })
	l.Call(30, history.Op{Client: 1, Kind: history.Release, Name: "/lock"})

	require.Equal(t, []history.Op{
		{Client: 1, Kind: history.Acquire, Name: "/lock", Status: history.OK, Call: 1, Return: 3, CallAt: 10, ReturnAt: 20, Token: 7},
		{Client: 1, Kind: history.Release, Name: "/lock", Call: 4, CallAt: 30},
	}, l.Ops)
	require.Equal(t, []history.Fact{{Seq: 2, At: 15, Server: 2, Kind: history.Applied, Zxid: 7}}, l.Facts)
	require.Equal(t, uint64(5), l.Next())
	require.NoError(t, l.Validate())
}

func TestAnOperationReturnsOnce(t *testing.T) {
	var l history.Log
	h := l.Call(1, history.Op{Client: 3, Kind: history.Wire})
	l.Return(h, 2, history.Unknown, nil)
	require.PanicsWithValue(t, "history: operation 0 of client 3 returned twice", func() { l.Return(h, 3, history.OK, nil) })
}

func TestSortedIsACopyInTheOrderOfCalls(t *testing.T) {
	late := recipe(2, history.Acquire, 1, 4, history.OK)
	early := recipe(1, history.Acquire, 2, 3, history.OK)
	l := &history.Log{Ops: []history.Op{early, late}, Facts: []history.Fact{{Seq: 5, Kind: history.Healed}}}
	s := l.Sorted()
	require.Equal(t, []history.Op{late, early}, s.Ops)
	require.Equal(t, l.Facts, s.Facts)
	require.Equal(t, []history.Op{early, late}, l.Ops, "the log itself is as it was")

	s.Ops[0].Client, s.Facts[0].Kind = 9, history.Started
	require.Equal(t, 2, l.Ops[1].Client)
	require.Equal(t, history.Healed, l.Facts[0].Kind)
}

// Whatever is recorded reads back the same, and a log read back can be continued.
func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawLog(t)
		b, err := json.Marshal(want)
		require.NoError(t, err)
		var got history.Log
		require.NoError(t, json.Unmarshal(b, &got))
		require.Equal(t, want, &got)
		require.Equal(t, want.Next(), got.Next(), "positions go on after the last")
	})
}

func drawLog(t *rapid.T) *history.Log {
	var l history.Log
	for range rapid.IntRange(0, 12).Draw(t, "entries") {
		switch rapid.IntRange(0, 2).Draw(t, "entry") {
		case 0:
			l.Fact(drawFact(t))
		case 1:
			l.Call(drawInstant(t), drawOp(t))
		case 2:
			s := rapid.SampledFrom([]history.Status{history.OK, history.Fail, history.Unknown}).Draw(t, "status")
			l.Return(l.Call(drawInstant(t), drawOp(t)), drawInstant(t), s, nil)
		}
	}
	return &l
}

func drawInstant(t *rapid.T) clock.Instant { return clock.Instant(rapid.Int64Min(0).Draw(t, "at")) }

func drawOp(t *rapid.T) history.Op {
	return history.Op{
		Client:  rapid.IntRange(1, 9).Draw(t, "client"),
		Kind:    history.Kind(rapid.SampledFrom([]string{"wire", "acquire", "effect.write", "note"}).Draw(t, "kind")),
		Name:    rapid.String().Draw(t, "name"),
		Session: wire.SessionID(rapid.Int64().Draw(t, "session")),
		Xid:     rapid.Int32().Draw(t, "xid"),
		Path:    wire.Path(rapid.String().Draw(t, "path")),
		Zxid:    wire.Zxid(rapid.Int64().Draw(t, "zxid")),
		Code:    wire.Code(rapid.Int32().Draw(t, "code")),
		Token:   rapid.Int64().Draw(t, "token"),
		Fenced:  rapid.Bool().Draw(t, "fenced"),
		Value:   rapid.Int64().Draw(t, "value"),
		Version: rapid.Int64().Draw(t, "version"),
		Error:   rapid.String().Draw(t, "error"),
	}
}

func drawFact(t *rapid.T) history.Fact {
	return history.Fact{
		At:      drawInstant(t),
		Server:  rapid.IntRange(0, 5).Draw(t, "server"),
		Kind:    rapid.SampledFrom([]history.FactKind{history.Applied, history.Restored, history.Healed}).Draw(t, "kind"),
		Epoch:   wire.Epoch(rapid.Int64().Draw(t, "epoch")),
		Zxid:    wire.Zxid(rapid.Int64().Draw(t, "zxid")),
		Hash:    rapid.Uint64().Draw(t, "hash"),
		Session: wire.SessionID(rapid.Int64().Draw(t, "session")),
		Note:    rapid.String().Draw(t, "note"),
	}
}

func TestJSONThatIsNoLog(t *testing.T) {
	var l history.Log
	require.ErrorContains(t, json.Unmarshal([]byte(`{"Ops": 1}`), &l), "history: ")
}
