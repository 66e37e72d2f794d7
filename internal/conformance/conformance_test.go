package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/conformance"
)

const recording = `{"meta":{"script":"hand","opts":["tickTime=500"]}}
{"n":1,"kind":"connect","s":"A","desc":"new session","req":"00001f40","resp":"0000000000001f40<sid:A>00000010<pw:A>00"}
{"n":2,"kind":"req","s":"A","desc":"exists /","req":"0000000100000003000000012f00","resp":"00000001<hz+2>00000000<z0><z+1><t0><t>000000000000000000000000<sid:A>0000000000000000<z-3>","err":0,"events":[{"s":"A","at":"before","hex":"ffffffffffffffffffffffff000000000000000300000003000000012f"}]}
{"n":3,"kind":"drop","s":"A"}
{"n":4,"kind":"req","s":"A","desc":"exists /","req":"0000000200000003000000012f00","no_conn":true}
{"n":5,"kind":"4lw","req":"72756f6b","resp":"text:imok"}
{"n":6,"kind":"wait","wait_ms":250}
`

func read(t *testing.T) *conformance.Recording {
	t.Helper()
	r, err := conformance.Read(strings.NewReader(recording))
	require.NoError(t, err)
	return r
}

// canned is a server with one connection and canned frames.
type canned struct {
	frames []string // in the order in which they are asked for; "pong" is a ping's answer
	sent   []string
	passed time.Duration
}

func (c *canned) Dial() (conformance.Link, error) { return c, nil }
func (c *canned) Pass(d time.Duration)            { c.passed += d }
func (c *canned) NowMillis() int64                { return 1_000_000 }
func (c *canned) Write(p []byte)                  { c.sent = append(c.sent, string(p)) }
func (c *canned) Rest() []byte                    { return []byte("imok\n") }
func (c *canned) Close()                          {}

func (c *canned) Frame() ([]byte, conformance.Status) {
	if len(c.frames) == 0 {
		return nil, conformance.Silent
	}
	f := c.frames[0]
	c.frames = c.frames[1:]
	switch f {
	case "pong":
		f = "\xff\xff\xff\xfe" + zxid(100) + "\x00\x00\x00\x00"
	case "end":
		return nil, conformance.Ended
	}
	return []byte(f), conformance.Came
}

func zxid(low byte) string { return "\x00\x00\x00\x01\x00\x00\x00" + string([]byte{low}) }

const (
	accepted = "\x00\x00\x00\x00\x00\x00\x1f\x40" + "\x01\x00\x00\x00\x00\x00\x00\x07" + "\x00\x00\x00\x10" + "0123456789abcdef" + "\x00"
	event    = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x03\x00\x00\x00\x01/"
	noTime   = "\x00\x00\x00\x00\x00\x00\x00\x00"
	someTime = "\x00\x00\x00\x00\x00\x0f\x42\x40" // 1,000,000
)

func stat() string {
	return "\x00\x00\x00\x01" + zxid(102) + "\x00\x00\x00\x00" + noTime + zxid(101) + noTime + someTime +
		strings.Repeat("\x00", 12) + "\x01\x00\x00\x00\x00\x00\x00\x07" + strings.Repeat("\x00", 8) + zxid(97)
}

func TestARecordingThatIsKeptHasNoDifference(t *testing.T) {
	r := read(t)
	w := &canned{frames: []string{accepted, "pong", event, stat(), "pong"}}
	got, err := conformance.Play(w, r.Steps)
	require.NoError(t, err)
	require.Empty(t, conformance.Compare(r.Steps, got))
	require.Equal(t, []string{"tickTime=500"}, r.Options)
	require.Equal(t, 250*time.Millisecond, w.passed)
	require.Equal(t, "\x00\x00\x00\x04\x00\x00\x1f\x40", w.sent[0], "requests go out as frames")
}

// Each deviation of a server is a difference of the step in which it shows.
func TestDeviationsShow(t *testing.T) {
	for name, c := range map[string]struct {
		frames []string
		step   int
	}{
		"another code":           {[]string{accepted, "pong", event, strings.Replace(stat(), "f\x00\x00\x00\x00", "f\xff\xff\xff\x9b", 1), "pong"}, 2},
		"another zxid":           {[]string{accepted, "pong", event, strings.Replace(stat(), zxid(102), zxid(103), 1), "pong"}, 2},
		"no event":               {[]string{accepted, "pong", stat(), "pong"}, 2},
		"an event too late":      {[]string{accepted, "pong", stat(), event, "pong"}, 2},
		"an event too many":      {[]string{accepted, "pong", event, event, stat(), "pong"}, 2},
		"closed":                 {[]string{accepted, "pong", event, "end"}, 2},
		"closed behind":          {[]string{accepted, "pong", event, stat(), "end"}, 2},
		"silence":                {[]string{accepted, "pong", event}, 2},
		"a frame nobody asked":   {[]string{accepted, "pong", event, stat(), "????", "pong"}, 2},
		"a time out of the run":  {[]string{accepted, "pong", event, strings.Replace(stat(), someTime, zxid(0), 1), "pong"}, 2},
		"refused":                {[]string{strings.Repeat("\x00", 16) + "\x00\x00\x00\x10" + strings.Repeat("\x00", 17), "pong", event, stat(), "pong"}, 1},
		"an answer that is none": {[]string{"??", "pong", event, stat(), "pong"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t)
			got, err := conformance.Play(&canned{frames: c.frames}, r.Steps)
			require.NoError(t, err)
			different := conformance.Compare(r.Steps, got)
			require.NotEmpty(t, different)
			require.Equal(t, c.step, different[0].Want.N, different[0])
		})
	}
}

func TestStepsThatWereNotPlayedAreDifferences(t *testing.T) {
	r := read(t)
	require.Len(t, conformance.Compare(r.Steps, r.Steps[:4]), 2)
}

func TestBadRecordingsAreNamed(t *testing.T) {
	_, err := conformance.Read(strings.NewReader("{}\n{}\n{\"n\": \"x\"}\n"))
	require.ErrorContains(t, err, "line 3: ")
	for req, sentence := range map[string]string{
		"00<sid:A": `step 1 (): template "00<sid:A": a token has no end`,
		"0x":       `step 1 (): template "0x": encoding/hex: invalid byte: U+0078 'x'`,
		"<day>":    `step 1 (): no request has a token <day>`,
		"<at:x>":   `step 1 (): token <at:x>: strconv.Atoi: parsing "x": invalid syntax`,
	} {
		_, err := conformance.Play(&canned{}, []conformance.Step{{N: 1, Kind: conformance.Connect, Conn: "A", Req: req}})
		require.EqualError(t, err, sentence)
	}
	_, err = conformance.Play(&canned{}, []conformance.Step{{N: 1, Kind: "sing"}})
	require.EqualError(t, err, `step 1 (): there is no kind of step called "sing"`)
}
