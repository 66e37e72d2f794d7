package node

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/node/quorum"
)

var rewrite = flag.Bool("rewrite", false, "write the transcripts instead of comparing with them")

// The transcripts are conversations of servers, three if nothing else is said. A line that begins with ">" is a
// command, what follows it indented is what the servers then did, and the rest is comment.
//
//	ensemble LINE...         other servers instead, as in zoo.cfg: server.4=:observer, group.1=1:2, weight.2=0
//	start [ID...]            boots servers from their disks; all of them without ID
//	elect                    starts all and runs them until everybody serves, unseen
//	deliver 1->2 [COUNT]     hands over the oldest messages on their way
//	lose 1->2                takes away the oldest, as no network does: a bug of the sender
//	save 2 [COUNT]           the disk completes the oldest saves
//	fail 2                   the disk fails
//	run                      delivers and saves whatever is not held, until all is quiet
//	hold 1->2, hold 2        run leaves these messages, or this disk, alone; release ends it
//	wait 5s                  lets time pass, and runs
//	crash 3, cut 1-2         power fails; all connections between two servers break
//	stall 2 commit           a stage is not scheduled; resume ends it
//	bug 2 ack-before-sync    before start; so is
//	syncalone 3              its leader answers a sync without asking anybody
//	commitlog 2 1            how many committed transactions a leader keeps for learners
//	quietly COMMAND          without writing down what happens
//	client 1 connect 2       and: leave, close, create [-e] [-s] PATH [DATA], set, delete, sync,
//	                         get [-w] PATH, exists [-w], children [-w],
//	                         rewatch data PATH... exists PATH... children PATH...
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			got := play(t, string(want))
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(want), got)
		})
	}
}

// play carries out the commands of a transcript and returns it with what really happens.
func play(t *testing.T, script string) string {
	c := newCluster(t)
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		c.out.WriteString(line)
		if command, ok := strings.CutPrefix(line, "> "); ok {
			c.command(strings.Fields(command))
		}
	}
	return c.out.String()
}

func (c *cluster) command(words []string) {
	verb, args := words[0], words[1:]
	switch verb {
	case "quietly":
		c.muted = true
		c.command(args)
		c.muted = false
	case "client":
		c.clientCommand(c.user(number(c.t, args[0])), args[1], args[2:])
	case "start":
		c.startCommand(args)
	case "elect":
		c.muted = true
		c.startCommand(nil)
		c.wait(time.Second)
		c.muted = false
	case "ensemble":
		e, err := quorum.Parse(strings.ReplaceAll(strings.Join(args, "\n"), "=:", "=h:0:0:"))
		require.NoError(c.t, err)
		c.ensemble(e)
	case "run":
		c.run()
	case "wait":
		d, err := time.ParseDuration(args[0])
		require.NoError(c.t, err)
		c.wait(d)
	default:
		c.serverCommand(verb, args)
	}
}

func (c *cluster) startCommand(args []string) {
	ids := c.ids
	if len(args) > 0 {
		ids = nil
	}
	for _, a := range args {
		ids = append(ids, ID(number(c.t, a)))
	}
	for _, id := range ids {
		if c.servers[id].node == nil {
			c.start(c.servers[id])
		}
	}
}

func (c *cluster) serverCommand(verb string, args []string) {
	from, to := c.pair(args[0])
	r := c.servers[from]
	switch verb {
	case "deliver":
		for range count(c.t, args) {
			require.True(c.t, c.deliver(from, to), "nothing is on its way %s", args[0])
		}
	case "save":
		for range count(c.t, args) {
			require.NotEmpty(c.t, r.waiting, "server %d saves nothing", from)
			c.saved(r)
		}
	case "hold", "release":
		c.held[from][to] = verb == "hold"
	case "lose":
		c.queues[from][to] = c.queues[from][to][1:]
	case "fail":
		c.step(r, Event{Kind: SaveFailed, Reason: "no space left"})
	case "crash":
		c.crash(r)
	case "cut":
		c.cutAll(from, to)
	case "stall", "resume":
		s, err := ParseStage(args[1])
		require.NoError(c.t, err)
		c.step(r, Event{Kind: map[string]EventKind{"stall": Stalled, "resume": Resumed}[verb], Stage: s})
	case "syncalone":
		r.cfg.SyncAlone = true
	case "commitlog":
		r.cfg.CommitLog = number(c.t, args[1])
	case "bug":
		c.plant(r, args[1])
	default:
		c.t.Fatalf("no command is called %q", verb)
	}
}

func (c *cluster) cutAll(a, b ID) {
	c.queues[a][b], c.queues[b][a] = nil, nil
	for conn := Conn(1); conn <= c.last; conn++ {
		if e := c.ends[conn]; e != nil && e.owner == a && e.peer == b {
			c.posted = append(c.posted, post{a, Event{Kind: Closed, Conn: conn}})
			c.cut(conn)
		}
	}
	c.settle()
}

func (c *cluster) clientCommand(u *user, verb string, args []string) {
	switch verb {
	case "connect":
		c.connect(u, ID(number(c.t, args[0])))
	case "leave":
		c.leave(u)
	default:
		c.ask(u, verb, args)
	}
}

// pair reads "1->2", "1-2", or "1" for both.
func (c *cluster) pair(s string) (from, to ID) {
	a, b, two := strings.Cut(strings.Replace(s, "->", "-", 1), "-")
	from = ID(number(c.t, a))
	if !two {
		return from, from
	}
	return from, ID(number(c.t, b))
}

func count(t *testing.T, args []string) int {
	if len(args) < 2 {
		return 1
	}
	return number(t, args[1])
}

func number(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}
