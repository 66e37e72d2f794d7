package simdisk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// crashes are histories, and all that a power failure may leave of each, by hand; sectors
// have four bytes. A line is the files with their bytes, a zero is written 0.
var crashes = []struct {
	name string
	ops  []disk.Op
	left []string
}{
	{"nothing at all", nil, []string{""}},
	{"nothing was synced", []disk.Op{create, add("ab")}, []string{"", "log:", "log:00", "log:ab"}},
	{"the name was synced", []disk.Op{create, syncDir, add("ab")}, []string{"log:", "log:00", "log:ab"}},
	{"the bytes, but not the name", []disk.Op{create, add("ab"), sync}, []string{"", "log:ab"}},
	{"both", kept("ab"), []string{"log:ab"}},
	{"two writes to one sector", append(kept(""), add("a"), add("b")), []string{"log:", "log:0", "log:a", "log:00", "log:a0", "log:ab"}},
	{"the end of a sector", append(kept("ab"), add("cd")), []string{"log:ab", "log:ab00", "log:abcd"}},
	{"and the next one", append(kept("ab"), add("cdefg")), []string{
		"log:ab", "log:ab00", "log:abcd", // none or one of the two sizes
		"log:ab00000", "log:abcd000", "log:ab00efg", "log:abcdefg", // both, and any of the sectors
	}},
	{"the second of three sectors alone", append(kept(""), add("abcdefghi")), []string{
		"log:", "log:0000", "log:abcd", "log:00000000", "log:abcd0000", "log:0000efgh", "log:abcdefgh",
		"log:000000000", "log:abcd00000", "log:0000efgh0", "log:abcdefgh0",
		"log:00000000i", "log:abcd0000i", "log:0000efghi", "log:abcdefghi",
	}},
	{"a cut inside a sector", append(kept("abcd"), cut(1)), []string{
		"log:abcd", "log:a",
		"log:a000", // the end of the sector was zeroed, and the size is the old one
	}},
	{"a synced cut does not come back", append(kept("abcd"), cut(1), sync), []string{"log:a"}},
	{"a cut between sectors", append(kept("abcdefgh"), cut(4)), []string{"log:abcdefgh", "log:abcd"}},
	{"what was cut does not show behind the cut", append(kept("abcdefgh"), cut(2), add("XYZ")), []string{
		"log:abcdefgh", "log:ab00efgh", "log:abXYefgh", // the old size
		"log:ab", "log:ab00", "log:abXY", // cut, and one sector longer
		"log:ab000", "log:ab00Z", "log:abXY0", "log:abXYZ", // and two
	}},
	{"a file that is emptied", append(kept("abcd"), create), []string{"log:abcd", "log:"}},
	{"and written anew", append(kept("abcd"), create, add("xy")), []string{"log:abcd", "log:", "log:00", "log:xy"}},
	{"reserved room", append(kept("a"), room(6)), []string{"log:a", "log:a00000"}},
	{"writes to reserved room leave the size", append(kept("a"), room(6), sync, add("bcde")), []string{
		"log:a00000", "log:abcd00", "log:a000e0", "log:abcde0",
	}},
	{"a removal", append(kept("ab"), disk.Op{Kind: disk.Remove, Name: "log"}), []string{"log:ab", ""}},
	{"removed and created again", append(kept("ab"), disk.Op{Kind: disk.Remove, Name: "log"}, create), []string{"log:ab", "", "log:"}},
	{"a rename before any sync", []disk.Op{{Kind: disk.Create, Name: "a"}, {Kind: disk.Append, Name: "a", Data: []byte("x")}, {Kind: disk.Rename, Name: "a", To: "b"}}, []string{
		"", "a:", "a:0", "a:x", "b:", "b:0", "b:x",
	}},
	{"names in the order they were made", []disk.Op{{Kind: disk.Create, Name: "b"}, {Kind: disk.Create, Name: "a"}}, []string{"", "b:", "a: b:"}},
	{"files in any order", append([]disk.Op{{Kind: disk.Create, Name: "a"}}, append(kept(""), add("x"), disk.Op{Kind: disk.Append, Name: "a", Data: []byte("y")})...), []string{
		"a: log:", "a: log:0", "a: log:x", "a:0 log:", "a:0 log:0", "a:0 log:x", "a:y log:", "a:y log:0", "a:y log:x",
	}},
	{"a replacement is whole", append(kept("old"), disk.Replace("log", []byte("new"))...), []string{"log:new"}},
	{"or not there yet", append(kept("old"), disk.Replace("log", []byte("new"))[:4]...), []string{"log:old", "log:old log.tmp:new", "log:new"}},
}

// brief writes an image as the table does.
func brief(i simdisk.Image) string {
	return strings.TrimSpace(strings.NewReplacer(` "`, ":", "\"\n", " ", `\x00`, "0").Replace(string(i)))
}

func briefs(all []simdisk.Image) (s []string) {
	for _, i := range all {
		s = append(s, brief(i))
	}
	return s
}

func TestImagesAreAllThatACrashMayLeave(t *testing.T) {
	for _, c := range crashes {
		t.Run(c.name, func(t *testing.T) {
			p := start().must(c.ops...)
			require.ElementsMatch(t, c.left, briefs(p.d.Images()))
			require.Len(t, slices.Compact(p.d.Images()), len(c.left), "sorted, each once")
		})
	}
}

// The choice lands in the set, and over many keys everywhere in it.
func TestAPowerFailureLeavesAnyOfTheImages(t *testing.T) {
	for _, c := range crashes {
		t.Run(c.name, func(t *testing.T) {
			found := map[string]bool{}
			for i := range uint64(800) {
				p := start().must(c.ops...)
				before := p.d.Image()
				lost := p.d.PowerOff(rng.New(i))
				require.Equal(t, before != p.d.Image(), lost > 0)
				require.Equal(t, []simdisk.Image{p.d.Image()}, p.d.Images(), "a second failure has nothing to take")
				found[brief(p.d.Image())] = true
			}
			var left []string
			for s := range found {
				left = append(left, s)
			}
			require.ElementsMatch(t, c.left, left)
		})
	}
}

// The same for histories that nobody has thought of.
func TestAnyPowerFailureLeavesAnImage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := start().must(kept("abcdef")...)
		ops := []disk.Op{add("gh"), add("ijklm"), cut(0), cut(1), cut(4), room(10), create, sync, syncDir,
			{Kind: disk.Rename, Name: "log", To: "b"}, {Kind: disk.Remove, Name: "b"}, {Kind: disk.Append, Name: "b", Data: []byte("!")}}
		for range rapid.IntRange(0, 5).Draw(t, "operations") {
			p.do(rapid.SampledFrom(ops).Draw(t, "operation")) // some do not fit, and fail
		}
		all := p.d.Images()
		if rapid.Bool().Draw(t, "killed before") {
			p = p.restart()
		}
		require.Equal(t, all, p.d.Images(), "a process that is killed changes nothing")
		require.Contains(t, all, p.d.Image(), "everything may be there")
		p.d.PowerOff(rng.New(rapid.Uint64().Draw(t, "crash")))
		require.Contains(t, all, p.d.Image())
	})
}

func TestASectorIs512Bytes(t *testing.T) {
	c := usual
	c.Sector = 0
	long := strings.Repeat("x", 512) + "y"
	for size := range len(long) + 1 {
		whole := startOn(c, 0).must(create, add(long[:size]), sync, syncDir)
		require.Len(t, whole.d.Images(), 1)
	}
	torn := startOn(c, 0).must(create, sync, syncDir, add(long))
	zeroes := strings.Repeat("0", 513)
	require.ElementsMatch(t, []string{"log:", "log:" + zeroes[:512], "log:" + long[:512], "log:" + zeroes, "log:" + long[:512] + "0", "log:" + zeroes[:512] + "y", "log:" + long}, briefs(torn.d.Images()))
}

func TestImagesAreForSmallStates(t *testing.T) {
	p := start().must(create, add(strings.Repeat("abcd", 20)))
	require.PanicsWithValue(t, "simdisk: Images is for small states, and this one has more than 100000 combinations", func() { p.d.Images() })
}
