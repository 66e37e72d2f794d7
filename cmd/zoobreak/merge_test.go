package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A hunt in three shards, merged, prints the table and ends with the code of one hunt.
func TestShardsMergeToOneHunt(t *testing.T) {
	dir := t.TempDir()
	hunt := []string{"hunt", "register", "--bug", "deposed-serves", "--seeds", "1..180"}
	whole := zoobreakIn(t, dir, append(hunt, "--keep-going")...)
	require.Equal(t, 1, whole.code, whole.err)
	for _, shard := range []string{"1", "2", "3"} {
		r := zoobreakIn(t, dir, append(hunt, "--shard", shard+"/3", "--result", shard+".json", "--out", shard)...)
		require.NotEqual(t, 64, r.code, r.err)
		require.Contains(t, r.out, "shard "+shard+" of 3")
	}
	table := func(out string) string {
		_, table, _ := strings.Cut(out, "\nruns that pass")
		table, _, _ = strings.Cut(table, "\nread ")
		return strings.TrimSpace(table)
	}
	part := zoobreakIn(t, dir, "merge", "3.json", "1.json", "--result", "part.json")
	require.Equal(t, 1, part.code, part.err)
	require.Contains(t, part.out, "incomplete: of 60 runs there is no result\n")
	merged := zoobreakIn(t, dir, "merge", "1.json", "2.json", "part.json")
	require.Equal(t, whole.code, merged.code, merged.err)
	require.Equal(t, table(whole.out), table(merged.out))
	require.NotEmpty(t, table(merged.out))
	require.Contains(t, merged.out, "180 runs from 3 files")

	all := zoobreakIn(t, dir, "merge", "1.json", "2.json", "part.json", "--json").lines(t)
	require.Equal(t, findingFields, all[0].fields())
	require.Equal(t, summaryFields, all[len(all)-1].fields())
}

// A campaign is not clean as long as a shard is missing.
func TestMergeOfTooLittleIsUndecided(t *testing.T) {
	dir := t.TempDir()
	for _, shard := range []string{"1", "2"} {
		r := zoobreakIn(t, dir, "hunt", "servers", "--seeds", "1..120", "--shard", shard+"/2", "--result", shard+".json")
		require.Zero(t, r.code, r.out)
	}
	require.Equal(t, 2, zoobreakIn(t, dir, "merge", "1.json").code)
	require.Zero(t, zoobreakIn(t, dir, "merge", "1.json", "2.json").code)
}

func TestMergeRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"register", "--seeds", "1..3", "--result", "a.json"},
		{"register", "--seeds", "2..4", "--result", "b.json"},
		{"servers-calm", "--seeds", "1..3", "--result", "c.json"},
	} {
		r := zoobreakIn(t, dir, append([]string{"hunt"}, args...)...)
		require.Contains(t, []int{0, 2}, r.code, r.err) // so few runs do not see each fault
	}
	t.Run("another scenario", func(t *testing.T) {
		r := zoobreakIn(t, dir, "merge", "a.json", "c.json")
		require.Equal(t, 64, r.code)
		require.Equal(t, "zoobreak: c.json: the list of scenarios differs, [\"register\"] and [\"servers-calm\"]: these are not shards of one campaign\n", r.err)
	})
	t.Run("a run that did not repeat", func(t *testing.T) {
		b, err := os.ReadFile(filepath.Join(dir, "b.json"))
		require.NoError(t, err)
		r := zoobreakIn(t, dir, "run", "register", "--seed", "3", "--json")
		forged := strings.Replace(string(b), r.lines(t)[0]["digest"].(string), "0123456789abcdef", 1)
		require.NotEqual(t, string(b), forged)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "b.json"), []byte(forged), 0o666))
		r = zoobreakIn(t, dir, "merge", "a.json", "b.json")
		require.Equal(t, 70, r.code)
		require.Contains(t, r.err, "b.json: register, seed 3: an exact scenario ran differently: digest ")
	})
	t.Run("no result", func(t *testing.T) {
		r := zoobreakIn(t, dir, "merge", "none.json")
		require.Equal(t, 64, r.code)
		require.Contains(t, r.err, "none.json: no such file")
	})
	r := zoobreakIn(t, dir, "hunt", "register", "--shard", "1/2", "--seeds", "3@9:1")
	require.Equal(t, "zoobreak: --shard 1/2: there is only one seed, 3@9:1, to split\n", r.err)
	for shard, want := range map[string]string{
		"0/3": `--shard "0/3": the shards are 1/3 to 3/3`, "4/3": `--shard "4/3": the shards are 1/3 to 3/3`,
		"2": `--shard "2" is no shard; write 2/4`, "1/2x": `--shard "1/2x" is no shard; write 2/4`,
	} {
		r := zoobreakIn(t, dir, "hunt", "register", "--shard", shard)
		require.Equal(t, 64, r.code)
		require.Equal(t, "zoobreak: "+want+"\n", r.err)
	}
}
