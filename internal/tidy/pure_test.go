package tidy

import (
	"go/token"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// standard is the export data of what the fixtures import.
var standard = sync.OnceValues(func() (Exports, error) {
	listed, err := goList(".", "context", "fmt", "maps", "math/rand/v2", "os", "slices", "time")
	return exportsOf(listed), err
})

// fixture makes a package of one file.
func fixture(t *testing.T, name, source string) (*token.FileSet, *Package) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parse(fset, name, []byte(source))
	require.NoError(t, err)
	f.Built = !f.IsTest()
	return fset, &Package{Path: "fixture", Files: []File{f}}
}

func complainAboutPurity(t *testing.T, source string) []string {
	t.Helper()
	fset, p := fixture(t, "f.go", source)
	exports, err := standard()
	require.NoError(t, err)
	return sentences(checkPure(fset, p, exports.Importer(fset)))
}

func TestPureFires(t *testing.T) {
	cases := []struct{ name, source, want string }{
		{"the wall clock", `package p; import "time"; func f() time.Time { return time.Now() }`, "time.Now (the wall clock)"},
		{"under another name", `package p; import clock "time"; func f() time { clock.Sleep(1); return 0 }; type time int`, "time.Sleep (a real wait)"},
		{"dot import", `package p; import . "time"; var f = AfterFunc`, "time.AfterFunc (a real timer)"},
		{"as a value", `package p; import "time"; var now = time.Since`, "time.Since (the wall clock)"},
		{"a context's timer", `package p; import "context"; var f = context.WithTimeout`, "context.WithTimeout (a real timer)"},
		{"goroutine", `package p; func f() { go f() }`, "a goroutine is started"},
		{"select", `package p; func f() { select {} }`, "a select statement"},
		{"channel type", `package p; type t struct{ c chan int }`, "a channel type"},
		{"channel receive", `package p; import "context"; func f(c context.Context) { <-c.Done() }`, "a channel receive"},
		{"range over a channel", `package p; import "context"; func f(c context.Context) { for range c.Done() {} }`, "a range over a channel"},
		{"an address", `package p; import "fmt"; func f(x *int) string { return fmt.Sprintf("at %-8p", x) }`, "%p, which prints an address,"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, []string{"f.go:1: " + c.want + " in the pure zone (pure)"}, complainAboutPurity(t, c.source))
		})
	}
}

func TestPureFiresOnEverySend(t *testing.T) {
	require.Equal(t, []string{
		"f.go:1: a channel send in the pure zone (pure)",
		"f.go:1: a channel type in the pure zone (pure)",
	}, complainAboutPurity(t, `package p; func f(c chan<- int) { c <- 1 }`))
}

func TestEveryForbiddenTimeFunctionExists(t *testing.T) {
	names := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}
	for _, n := range names {
		all := complainAboutPurity(t, `package p; import "time"; var f = time.`+n)
		require.Equal(t, []string{"f.go:1: time." + n + " (" + forbiddenUses["time."+n] + ") in the pure zone (pure)"}, all)
	}
}

func TestForbiddenImportsFire(t *testing.T) {
	for _, path := range []string{"math/rand", "math/rand/v2", "crypto/rand", "hash/maphash", "os", "os/exec", "net", "net/http", "runtime", "runtime/debug", "sync", "sync/atomic", "syscall", "log", "unsafe"} {
		for _, form := range []string{``, `_ `, `. `, `other `} {
			fset, p := fixture(t, "f.go", `package p; import `+form+`"`+path+`"`)
			all := checkForbiddenImports(fset, p)
			require.Len(t, all, 1, "import %s%q", form, path)
			require.Equal(t, "f.go:1", all[0].Where)
			require.Contains(t, all[0].Sentence, `import of "`+path+`" in the pure zone: `)
		}
	}
}

func TestAddressesAreValues(t *testing.T) {
	fset, p := fixture(t, "f.go", `package p; import "net/netip"`)
	require.Empty(t, checkForbiddenImports(fset, p))
}

func TestPureIsSilent(t *testing.T) {
	cases := []struct{ name, source string }{
		{"durations and methods named alike", `package p; import "time"; func f(a, b time.Time) bool { return a.Add(time.Second).After(b) }`},
		{"an own function named alike", `package p; type clock struct{}; func (clock) Now() int { return 1 }; var time clock; var x = time.Now()`},
		{"an own package named alike", `package p; import time "fmt"; var s = time.Sprint(1)`},
		{"a percent sign before a p", `package p; var s = "100%%pure, 5%, p"`},
		{"a comparison that looks like an arrow", `package p; func f(x, y int) bool { return x < -y }`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { require.Empty(t, complainAboutPurity(t, c.source)) })
	}
}

func TestTestsOfThePureZoneMayDoMore(t *testing.T) {
	fset, p := fixture(t, "f_test.go", `package p; import "os"; var x = os.Args`)
	require.Empty(t, checkForbiddenImports(fset, p))
}

// A check that did not look is no pass.
func TestWhatCannotBeCheckedIsAComplaint(t *testing.T) {
	all := complainAboutPurity(t, `package p; var x int = "text"`)
	require.Len(t, all, 1)
	require.Contains(t, all[0], "package fixture could not be checked, because it does not compile: f.go:1:")

	all = complainAboutPurity(t, `package p; import "example.org/missing"; var x = missing.X`)
	require.Len(t, all, 1)
	require.Contains(t, all[0], "package example.org/missing does not compile or was not listed")

	fset, p := fixture(t, "f_plan9.go", `package p`)
	p.Files[0].Built = false
	require.Equal(t, []string{"f_plan9.go: this file is not built here, so nobody has looked at it: the pure zone is the same on every platform (pure)"},
		sentences(checkPure(fset, p, Exports{}.Importer(fset))))
}
