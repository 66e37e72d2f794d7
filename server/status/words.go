package status

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zoobreak/zoobreak/server/gate"
)

// word is a four-letter word.
type word struct {
	name    string
	always  bool // also answered while no client is served
	sayText func(*Report, *strings.Builder)
}

// words is all of them but those that change something, which the server carries out.
var words = []word{
	{"ruok", true, func(_ *Report, b *strings.Builder) { b.WriteString("imok") }},
	{"envi", true, (*Report).envi},
	{"gtmk", true, func(_ *Report, b *strings.Builder) { b.WriteString("306") }},
	{"stmk", true, func(_ *Report, b *strings.Builder) { b.WriteString("306") }}, // there is nothing to trace
	{"srvr", false, (*Report).srvr},
	{"stat", false, (*Report).stat},
	{"conf", false, (*Report).conf},
	{"cons", false, (*Report).cons},
	{"dirs", false, (*Report).dirs},
	{"dump", false, (*Report).dump},
	{"mntr", false, (*Report).mntr},
	{"wchs", false, (*Report).wchs},
	{"wchc", false, (*Report).wchc},
	{"wchp", false, (*Report).wchp},
	{"isro", false, func(_ *Report, b *strings.Builder) { b.WriteString("rw") }},
	{"crst", false, func(_ *Report, b *strings.Builder) { b.WriteString("Connection stats reset.\n") }},
	{"srst", false, func(_ *Report, b *strings.Builder) { b.WriteString("Server stats reset.\n") }},
}

// Default is the words that are answered when nobody has said which.
var Default = []string{"srvr"}

// Names returns all words.
func Names() (names []string) {
	for _, w := range words {
		names = append(names, w.name)
	}
	return names
}

// Known reports whether there is such a word.
func Known(name string) bool { return slices.Contains(Names(), name) }

// Refused is the answer to a word that is not in the whitelist.
func Refused(name string) string {
	return name + " is not executed because it is not in the whitelist.\n"
}

const notServing = "This ZooKeeper instance is not currently serving requests\n"

// Answer answers a word that is known.
func (r *Report) Answer(name string) string {
	i := slices.IndexFunc(words, func(w word) bool { return w.name == name })
	switch {
	case !words[i].always && !r.Node.Serving && name == "isro":
		return "null"
	case !words[i].always && !r.Node.Serving:
		return notServing
	}
	var b strings.Builder
	words[i].sayText(r, &b)
	return b.String()
}

func (r *Report) srvr(b *strings.Builder) {
	fmt.Fprintf(b, "Zookeeper version: %v\n", r.Version)
	r.figures(b)
}

func (r *Report) figures(b *strings.Builder) {
	t := &r.Traffic
	fmt.Fprintf(b, "Latency min/avg/max: %d/%s/%d\n", t.Latency.Min.Milliseconds(), average(t.Latency), t.Latency.Max.Milliseconds())
	fmt.Fprintf(b, "Received: %d\nSent: %d\nConnections: %d\nOutstanding: %d\n", t.Received, t.Sent, t.Connections, t.Outstanding)
	fmt.Fprintf(b, "Zxid: 0x%x\nMode: %s\nNode count: %d\n", uint64(r.Node.Zxid), r.Mode(), r.Tree.Len())
	if r.Mode() == "leader" {
		b.WriteString("Proposal sizes last/min/max: -1/-1/-1\n") // not measured
	}
}

// average is in milliseconds, as Java prints it.
func average(l gate.Latency) string {
	if l.Count == 0 {
		return "0.0"
	}
	s := strconv.FormatFloat(float64(l.Sum)/float64(l.Count)/float64(time.Millisecond), 'f', 4, 64)
	s = strings.TrimRight(s, "0")
	if strings.HasSuffix(s, ".") {
		s += "0"
	}
	return s
}

func (r *Report) stat(b *strings.Builder) {
	fmt.Fprintf(b, "Zookeeper version: %v\nClients:\n", r.Version)
	for _, c := range r.Clients() {
		brief(b, c)
		b.WriteString(")\n")
	}
	b.WriteString("\n")
	r.figures(b)
}

// brief begins a client's line; the number says what is waited for, where 1 is reading.
func brief(b *strings.Builder, c gate.Client) {
	interest := 0
	if c.Session != 0 {
		interest = 1
	}
	fmt.Fprintf(b, " /%s[%d](queued=%d,recved=%d,sent=%d", c.Peer, interest, c.Waiting, c.Received, c.Sent)
}

func (r *Report) cons(b *strings.Builder) {
	for _, c := range r.Clients() {
		brief(b, c)
		if c.Session != 0 {
			r.details(b, c)
		}
		b.WriteString(")\n")
	}
	b.WriteString("\n")
}

func (r *Report) details(b *strings.Builder, c gate.Client) {
	fmt.Fprintf(b, ",sid=0x%x,lop=%s,est=%d,to=%d", uint64(c.Session), abbreviation(c.LastOp), r.millis(c.Since), c.Timeout.Milliseconds())
	if c.LastOp != 0 {
		fmt.Fprintf(b, ",lcxid=0x%x", uint32(c.LastXid))
	}
	fmt.Fprintf(b, ",lzxid=0x%x,lresp=%d,llat=%d,minlat=%d,avglat=%d,maxlat=%d", uint64(c.LastZxid), time.Duration(c.LastReply).Milliseconds(),
		c.LastLatency.Milliseconds(), c.Latency.Min.Milliseconds(), c.Latency.Mean().Milliseconds(), c.Latency.Max.Milliseconds())
}

func (r *Report) conf(b *strings.Builder) { list(b, r.Conf) }

func (r *Report) envi(b *strings.Builder) {
	fmt.Fprintf(b, "Environment:\nzookeeper.version=%v\n", r.Version)
	list(b, r.Environ)
}

func list(b *strings.Builder, settings []Setting) {
	for _, s := range settings {
		fmt.Fprintf(b, "%s=%s\n", s.Key, s.Value)
	}
}

func (r *Report) dirs(b *strings.Builder) {
	n := r.DirBytes()
	fmt.Fprintf(b, "datadir_size: %d\nlogdir_size: %d\n", n, n) // one directory has both
}

func (r *Report) dump(b *strings.Builder) {
	sessions := r.Tree.Sessions()
	fmt.Fprintf(b, "SessionTracker dump:\nGlobal Sessions(%d):\n", len(sessions))
	owners := 0
	for _, s := range sessions {
		ms, _ := r.Tree.SessionTimeout(s)
		fmt.Fprintf(b, "0x%x\t%dms\n", uint64(s), ms)
		if len(r.Tree.Ephemerals(s)) > 0 {
			owners++
		}
	}
	fmt.Fprintf(b, "ephemeral nodes dump:\nSessions with Ephemerals (%d):\n", owners)
	for _, s := range sessions {
		if paths := r.Tree.Ephemerals(s); len(paths) > 0 {
			fmt.Fprintf(b, "0x%x:\n", uint64(s))
			for _, p := range paths {
				fmt.Fprintf(b, "\t%s\n", p)
			}
		}
	}
	clients := r.Clients()
	fmt.Fprintf(b, "Connections dump:\nConnections (%d):\n", len(clients))
	for _, c := range clients {
		fmt.Fprintf(b, "\tip: /%s sessionId: 0x%x\n", c.Peer, uint64(c.Session))
	}
}

func (r *Report) mntr(b *strings.Builder) {
	fmt.Fprintf(b, "zk_version\t%v\nzk_server_state\t%s\n", r.Version, r.Mode())
	for _, m := range r.metrics() {
		fmt.Fprintf(b, "zk_%s\t%s\n", m.name, m.value)
	}
}
