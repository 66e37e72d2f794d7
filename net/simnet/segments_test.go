package simnet_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/net"
)

// reader notes each read by itself.
type reader struct {
	*party
	reads []string
}

func (r *reader) NetEvent(ev net.Event) {
	if ev.Kind == net.Received {
		r.reads = append(r.reads, string(ev.Data))
	}
	r.party.NetEvent(ev)
}

// spoken is what a server reads of the writes of a client that then closes.
func spoken(t require.TestingT, seed, percent uint64, writes []string) *reader {
	w := build(seed)
	w.net.Mix(percent)
	r := &reader{party: w.server}
	w.server.h.Run(r)
	w.server.h.Listen(1)
	c := w.client.h.Dial("b:1")
	require.NoError(t, w.k.Run(50*ms))
	for _, s := range writes {
		w.client.h.Send(c, []byte(s))
	}
	w.client.h.Close(c)
	require.NoError(t, w.k.Run(500*ms))
	return r
}

func TestEachWriteArrivesAsItIsByDefault(t *testing.T) {
	writes := []string{"one", "two", "three", "four"}
	require.Equal(t, writes, spoken(t, 1, 0, writes).reads)
}

func TestMixedWritesAreCutAndJoined(t *testing.T) {
	writes := []string{"one", "two", "three", "four"}
	cut, joined := false, false
	for seed := uint64(1); seed <= 50; seed++ {
		for _, read := range spoken(t, seed, 50, writes).reads {
			cut = cut || strings.HasSuffix("two", read) && read != "two"
			joined = joined || len(read) > len("three")
		}
	}
	require.True(t, cut, "no write was cut")
	require.True(t, joined, "no two writes were read as one")
}

// Whatever the reads are, the bytes are those that were written, in order, all before the
// end of the connection.
func TestMixedWritesKeepTheirBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		writes := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,9}`), 0, 20).Draw(t, "writes")
		percent := rapid.Uint64Range(0, 100).Draw(t, "percent")
		r := spoken(t, rapid.Uint64().Draw(t, "seed"), percent, writes)
		require.Equal(t, strings.Join(writes, ""), r.got)
		require.Equal(t, []string{"accepted", "closed <nil>"}, r.seen)
	})
}
