package txnlog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/wire"
)

// Severity says how bad something in a data directory is.
type Severity uint8

// The severities.
const (
	Fine   Severity = iota // as it should be
	Crash                  // what a crash may leave; a start repairs it, and nobody misses anything
	Damage                 // something that was durable is not as it was written
)

var severityNames = [...]string{"fine", "crash", "damage"}

func (s Severity) String() string { return severityNames[s] }

// MarshalText makes it a word in JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is what Check has to say about one file.
type Finding struct {
	File     string   `json:"file"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
}

// Report is what Check finds.
type Report struct {
	Findings []Finding `json:"findings"`
	Worst    Severity  `json:"worst"`
	Starts   bool      `json:"starts"`
	Start    string    `json:"start"` // what a start would do
}

func (r *Report) say(file string, s Severity, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{file, s, fmt.Sprintf(format, args...)})
	r.Worst = max(r.Worst, s)
}

// Check reads all of a data directory, also what a start would not read, and changes nothing.
// An error says that it cannot be read.
func Check(d disk.Reader) (Report, error) {
	var r Report
	names, err := d.List()
	if err != nil {
		return r, err
	}
	c := checker{Report: &r, source: source{disk: d, names: names}}
	for _, check := range []func() error{c.epochs, c.manifestFile, c.snapshots, c.logs} {
		if err := check(); err != nil {
			return r, err
		}
	}
	c.others()
	return r, c.start()
}

type checker struct {
	*Report
	source
	manifest manifest
	known    bool // there is a manifest, and it can be read
}

// damage reports an error that is one of the content, and hands on every other.
func (c *checker) damage(file string, err error) error {
	corrupt, ok := err.(*CorruptError)
	if !ok {
		return err
	}
	where := ""
	if corrupt.At > 0 {
		where = fmt.Sprintf("at byte %d, behind %v: ", corrupt.At, corrupt.After)
	}
	c.say(file, Damage, "%s%s", where, corrupt.Why)
	return nil
}

func (c *checker) epochs() error {
	for _, name := range []string{acceptedEpochFile, currentEpochFile} {
		if !c.has(name) {
			continue
		}
		e, err := c.readEpoch(name)
		if err != nil {
			if err = c.damage(name, err); err != nil {
				return err
			}
			continue
		}
		c.say(name, Fine, "epoch %d", e)
	}
	return nil
}

func (c *checker) manifestFile() error {
	var img Image
	var f Files
	if err := img.readManifest(&c.source, &f); err != nil {
		return c.damage(manifestFile, err)
	}
	c.manifest, c.known = f.manifest, true
	if c.has(manifestFile) {
		c.say(manifestFile, Fine, "names %s and %s", plural(len(f.manifest.snapshots), "snapshot"), plural(len(f.manifest.logs), "log"))
	}
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, strings.Replace(what, "batch", "batche", 1))
}

func (c *checker) snapshots() error {
	for _, z := range c.manifest.snapshots {
		t, b, err := c.readSnapshot(z)
		if err != nil {
			if err = c.damage(snapshotName(z), err); err != nil {
				return err
			}
			continue
		}
		c.say(snapshotName(z), Fine, "the state at %v: %s, %s, %s, digest %016x", z, plural(t.Len(), "znode"), plural(len(t.Sessions()), "session"), plural(len(b), "byte"), t.Digest())
	}
	return nil
}

// logs also checks that each log goes on where the one before it ends.
func (c *checker) logs() error {
	last := wire.Zxid(0)
	if len(c.manifest.snapshots) > 0 {
		last = c.manifest.snapshots[0]
	}
	for i := range c.manifest.logs {
		l := &c.manifest.logs[i]
		content, err := c.readLogFile(l)
		if err != nil {
			if err = c.damage(l.name(), err); err != nil {
				return err
			}
			last = l.last
			continue
		}
		c.log(l, content)
		if gap := content.prev > last || i > 0 && content.prev != last; gap {
			c.say(l.name(), Damage, "it begins behind %v, and what is in front of it ends at %v", content.prev, last)
		}
		last = content.last()
	}
	return nil
}

func (c *checker) log(l *logFile, content logContent) {
	state := "closed"
	if l.open {
		state = "open"
	}
	c.say(l.name(), Fine, "log %d, %s: %v to %v, %s in %s, %s", l.number, state, l.first, content.last(),
		plural(len(content.txns), "transaction"), plural(content.batches, "batch"), plural(content.size, "byte"))
	if torn := content.torn; torn != nil {
		c.say(l.name(), Crash, "torn tail: %s from byte %d on, behind %v, that nobody was told are kept", plural(torn.Bytes, "byte"), torn.At, torn.After)
	}
}

// others are files that nobody names.
func (c *checker) others() {
	for _, name := range c.names {
		switch {
		case strings.HasSuffix(name, tmpSuffix) && ours(name):
			c.say(name, Crash, "was being written; a start removes it")
		case !ours(name):
			c.say(name, Fine, "is none of the log's files")
		case c.known && !slices.Contains([]string{acceptedEpochFile, currentEpochFile, manifestFile}, name) && !c.manifest.names(name):
			c.say(name, Crash, "is no part of the history: the manifest does not name it; a start removes it")
		}
	}
}

// start says what a start would do: what Recover does, which changes nothing by itself.
func (c *checker) start() error {
	img, f, _, err := Recover(c.disk, Config{})
	corrupt, refused := err.(*CorruptError)
	switch {
	case refused:
		c.Start = "a server does not start from this: " + corrupt.Error()
		c.Worst = Damage
		return nil
	case err != nil:
		return err
	case len(c.names) == 0:
		c.Start = "a server starts as a new one"
	default:
		c.Start = fmt.Sprintf("a server starts in epoch %d with the state at %v, and %s behind it, up to %v", img.CurrentEpoch, img.Tree.Last(), plural(len(img.Log), "transaction"), f.last)
	}
	c.Starts = true
	return nil
}
