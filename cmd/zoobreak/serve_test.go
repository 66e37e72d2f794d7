package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/testport"
)

// bound is how long what must happen may take.
const bound = 30 * time.Second

// served is a process that serves.
type served struct {
	t       *testing.T
	cmd     *exec.Cmd
	stderr  *bytes.Buffer
	connect string // what it printed when it was ready
}

// launch starts a server, and wait waits until it has printed where clients connect.
func launch(t *testing.T, args ...string) *served {
	t.Helper()
	return begin(t, exec.Command(binary, append([]string{"serve"}, args...)...))
}

func begin(t *testing.T, c *exec.Cmd) *served {
	t.Helper()
	s := &served{t: t, cmd: c, stderr: &bytes.Buffer{}}
	s.cmd.Stderr = s.stderr
	out, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	})
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n')
		line <- strings.TrimSpace(text)
	}()
	t.Cleanup(func() { s.cmd.Process.Kill() })
	select {
	case s.connect = <-line:
	case <-time.After(bound):
		s.cmd.Process.Kill()
		s.cmd.Wait()
		require.Fail(t, "it is never ready", s.stderr.String())
	}
	return s
}

// end sends a signal and returns the exit code.
func (s *served) end(sig syscall.Signal) int {
	s.t.Helper()
	require.NoError(s.t, s.cmd.Process.Signal(sig))
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

func client(t *testing.T, addrs ...string) *zk.Conn {
	t.Helper()
	c, _, err := zk.Connect(addrs, 5*time.Second, zk.WithLogger(quiet{}))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestServeDev(t *testing.T) {
	s := launch(t, "--dev", "--client", "127.0.0.1:0")
	_, err := client(t, s.connect).Create("/a", nil, 0, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
	require.Equal(t, []bool{true}, zk.FLWRuok([]string{s.connect}, bound))
	require.Equal(t, 0, s.end(syscall.SIGTERM), s.stderr.String())
	dir := strings.TrimSpace(strings.Split(s.stderr.String(), " dir=")[1])
	require.NoDirExists(t, strings.Fields(dir)[0], "what nobody named goes with the server")
}

func TestServeIsReadyInJSON(t *testing.T) {
	s := launch(t, "--dev", "--client", "127.0.0.1:0", "--json", "--log", "json")
	ready := result{out: s.connect + "\n"}.lines(t)[0]
	require.Equal(t, "ready", ready["type"])
	require.NotEmpty(t, ready["connect"])
	require.NotEmpty(t, ready["admin"])
	require.Equal(t, 0, s.end(syscall.SIGINT))
	require.NotEmpty(t, result{out: s.stderr.String()}.lines(t))
}

// What was acknowledged is there after SIGKILL.
func TestServeSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	s := launch(t, "--data", dir, "--client", "127.0.0.1:0")
	c := client(t, s.connect)
	for i := range 50 {
		_, err := c.Create(fmt.Sprintf("/n%d", i), []byte("v"), 0, zk.WorldACL(zk.PermAll))
		require.NoError(t, err)
	}
	s.end(syscall.SIGKILL)
	s = launch(t, "--data", dir, "--client", "127.0.0.1:0")
	c = client(t, s.connect)
	for i := range 50 {
		_, _, err := c.Get(fmt.Sprintf("/n%d", i))
		require.NoError(t, err)
	}
}

func TestServeReadsAZooCfg(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "zoo.cfg")
	require.NoError(t, os.WriteFile(file, []byte("dataDir="+dir+"\ntickTime=500\nclientPrt=1\n"), 0o600))
	s := launch(t, file, "--client", "127.0.0.1:0", "--set", "4lw.commands.whitelist=conf")
	require.Equal(t, 0, s.end(syscall.SIGTERM))
	require.Contains(t, s.stderr.String(), file+":3: clientPrt: there is no such setting; it is ignored")
}

func TestServeRefuses(t *testing.T) {
	for sentence, args := range map[string][]string{
		"zoobreak: --set: tickTime=never: it must be a number, and at least 1\n": {"--dev", "--set", "tickTime=never"},
		"zoobreak: --set \"tickTime\" is no setting; write KEY=VALUE\n":          {"--dev", "--set", "tickTime"},
		"zoobreak: server: there is no directory for the data\n":                 {"--client", "127.0.0.1:0"},
		"zoobreak: --client \"2181\" is no HOST:PORT\n":                          {"--dev", "--client", "2181"},
		"zoobreak: --log \"loud\": it is text, json or none\n":                   {"--dev", "--log", "loud"},
		"zoobreak: open none.cfg: no such file or directory\n":                   {"none.cfg"},
	} {
		r := zoobreak(t, append([]string{"serve"}, args...)...)
		require.Equal(t, 64, r.code, args)
		require.Equal(t, sentence, r.err)
	}
}

// trio is three servers on loopback, started by the launcher that other harnesses use.
type trio struct {
	t       *testing.T
	args    [3][]string
	clients []string
	servers [3]*served
}

func newTrio(t *testing.T) *trio {
	x := &trio{t: t}
	ports, err := testport.Free(9)
	require.NoError(t, err)
	var peers []string
	for i := range 3 {
		peers = append(peers, "--peer", fmt.Sprintf("%d=127.0.0.1:%d:%d:participant", i+1, ports[3*i], ports[3*i+1]))
	}
	dir := t.TempDir()
	for i := range 3 {
		at := fmt.Sprintf("127.0.0.1:%d", ports[3*i+2])
		x.clients = append(x.clients, at)
		x.args[i] = append([]string{"--data", filepath.Join(dir, fmt.Sprint(i)), "--client", at, "--id", fmt.Sprint(i + 1),
			"--opt", "tickTime=200", "--opt", "unknown.option=1"}, peers...)
	}
	for i := range 3 {
		x.start(i)
	}
	return x
}

// start does not wait: a server alone is not ready.
func (x *trio) start(i int) {
	c := exec.Command("../../scripts/launcher.sh", x.args[i]...)
	c.Env = append(os.Environ(), "ZOOBREAK="+binary)
	s := &served{t: x.t, cmd: c, stderr: &bytes.Buffer{}}
	c.Stdout, c.Stderr = io.Discard, s.stderr
	require.NoError(x.t, c.Start())
	x.t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	x.servers[i] = s
}

// writer sets a node to 1, 2, 3, ... until it is told to stop.
type writer struct {
	path    string
	certain atomic.Int64 // the last value that was acknowledged
	may     int64        // the last that was asked for
	stop    chan struct{}
	ended   chan struct{}
}

func (w *writer) run(c *zk.Conn) {
	defer close(w.ended)
	for {
		select {
		case <-w.stop:
			return
		default:
		}
		w.may++
		if _, err := c.Set(w.path, fmt.Appendf(nil, "%d", w.may), -1); err == nil {
			w.certain.Store(w.may)
		}
	}
}

func (x *trio) startWriter(path string) *writer {
	w := &writer{path: path, stop: make(chan struct{}), ended: make(chan struct{})}
	c := client(x.t, x.clients...)
	x.until("a node is made", func() error {
		_, err := c.Create(path, []byte("0"), 0, zk.WorldACL(zk.PermAll))
		if err == zk.ErrNodeExists {
			return nil
		}
		return err
	})
	go w.run(c)
	return w
}

// progress waits until each writer has been told of some more writes.
func (x *trio) progress(writers []*writer) {
	x.t.Helper()
	for _, w := range writers {
		from := w.certain.Load()
		x.until("a writer goes on", func() error {
			if w.certain.Load() < from+5 {
				return fmt.Errorf("%s is at %d", w.path, w.certain.Load())
			}
			return nil
		})
	}
}

// Servers are killed and started again, one after the other, while clients write. No
// acknowledged write is lost, and everybody ends up with the same.
func TestAnEnsembleUnderKill(t *testing.T) {
	x := newTrio(t)
	var writers []*writer
	for i := range 4 {
		writers = append(writers, x.startWriter(fmt.Sprintf("/w%d", i)))
	}
	for round := range 4 {
		x.progress(writers)
		victim := x.find(func(mode zk.Mode) bool { return (mode == zk.ModeLeader) == (round%2 == 0) })
		x.servers[victim].end(syscall.SIGKILL)
		x.progress(writers)
		x.start(victim)
		x.until("it is back", func() error { return x.serves(victim) })
	}
	for _, w := range writers {
		close(w.stop)
		<-w.ended
		for i := range x.clients {
			x.until("a server can be asked", func() error { return x.holds(i, w) })
		}
	}
}

func (x *trio) until(what string, try func() error) {
	x.t.Helper()
	var err error
	for end := time.Now().Add(bound); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	require.NoError(x.t, err, what)
}

func (x *trio) mode(i int) zk.Mode {
	stats, _ := zk.FLWSrvr(x.clients[i:i+1], time.Second)
	return stats[0].Mode
}

func (x *trio) find(wanted func(zk.Mode) bool) (found int) {
	x.t.Helper()
	x.until("such a server", func() error {
		for i := range x.clients {
			if m := x.mode(i); (m == zk.ModeLeader || m == zk.ModeFollower) && wanted(m) {
				found = i
				return nil
			}
		}
		return fmt.Errorf("no such server")
	})
	return found
}

func (x *trio) serves(i int) error {
	if m := x.mode(i); m != zk.ModeFollower && m != zk.ModeLeader {
		return fmt.Errorf("server %d is %v", i+1, m)
	}
	return nil
}

// holds looks through one server at what a writer was told.
func (x *trio) holds(i int, w *writer) error {
	c, _, err := zk.Connect(x.clients[i:i+1], 5*time.Second, zk.WithLogger(quiet{}))
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Sync(w.path); err != nil {
		return err
	}
	data, _, err := c.Get(w.path)
	if err != nil {
		return err
	}
	var got int64
	_, err = fmt.Sscan(string(data), &got)
	if err != nil || got < w.certain.Load() || got > w.may {
		x.t.Errorf("%s is %q on server %d; %d was acknowledged, and nothing after %d was asked for", w.path, data, i+1, w.certain.Load(), w.may)
	}
	return nil
}
