package scenarios_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// found says what the plans under testdata/found once showed. Each was hunted with the
// line that repairs it taken out of the server, shrunk, and kept.
var found = map[string]string{
	// All servers are killed between a write and its sync; their next lives read the bytes
	// from the cache of the machine and count on them; then the power fails. Unless
	// txnlog.Recover has them written again the write is lost, although it was acknowledged.
	"log-trusted-before-sync.json": "acked-write-durable: write lost",

	// A client is heard by nobody and moves to another server, which applies the creation of
	// its session only after that: without the question whether the client waits for it
	// (node.sessionCreated) the server takes an answer from an empty queue, and dies.
	"reattach-meets-create-session.json": "worker-crashed: panic: runtime error: slice bounds out of range [#:#] [recovered, repanicked]",

	// A sync fails, and the server ends. Its next life reads from the cache what that sync
	// has dropped, syncs it with success, and logs on behind it in a new file; then the power
	// fails. Unless txnlog.Recover writes the file again, the log then has a hole, and
	// the server does not start any more.
	"log-trusted-after-failed-sync.json": "progress-after-heal: servers-behind",

	// A router forgets the connections of server 2. It notices that its leader is silent and
	// looks for one, on election links that are as dead, and that nobody else has a reason to
	// use: without electionLink.dropLink it looks for a quarter of an hour (ZOOKEEPER-1748).
	"election-link-half-open.json": "progress-after-heal: servers-behind",

	// The same happens to two of three, one after the other: nobody leads.
	"all-election-links-half-open.json": "progress-after-heal: no-leader",

	// The stage that hears of saves stands still, and its server, slow as well, goes on only
	// some time after the fault ends. The commits of that time rest on acknowledgements that
	// nobody has reported: with Process.stallFor's word that the stall is over, and without
	// the doubt of the monitor behind it, a healthy run was called broken.
	"stall-reported-over-too-early.json": "committed-log-durability: not on a quorum",
}

// What was found once stays fixed; and the plans are still worth running: every fault in
// them fires, and matters.
func TestWhatWasFoundStaysFixed(t *testing.T) {
	files, err := os.ReadDir("testdata/found")
	require.NoError(t, err)
	require.Len(t, files, len(found))
	s := scenarios.Servers()
	for _, file := range files {
		p := stored(t, "found/"+file.Name())
		out := mustRun(t, s, p, scenarios.Options{})
		require.Contains(t, found, file.Name())
		require.Empty(t, out.Findings(), "%s shows again what it was kept for, or worse; then it was %s", file.Name(), found[file.Name()])
		for _, f := range out.Faults {
			require.Positive(t, f.Mattered, "%s: %s", file.Name(), f.Clause)
		}
		if out.Verdict != outcome.Pass { // a shrunk plan may do too little for a campaign
			require.True(t, strings.HasSuffix(out.Reason, "operations succeeded, the scenario demands 10"), out.Reason)
		}
	}
}
