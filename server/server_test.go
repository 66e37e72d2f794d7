package server_test

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/testcert"
	"github.com/zoobreak/zoobreak/internal/testport"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/server"
)

// bound is how long what must happen may take.
const bound = 30 * time.Second

// start runs a server of the test.
func start(t *testing.T, cfg server.Config) *server.Server {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Client == "" && cfg.SecureClient == "" {
		cfg.Client = "127.0.0.1:0"
	}
	s, err := server.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	if cfg.Ensemble == nil {
		ready(t, s)
	}
	return s
}

func ready(t *testing.T, servers ...*server.Server) {
	t.Helper()
	for _, s := range servers {
		select {
		case <-s.Ready():
		case <-time.After(bound):
			require.Fail(t, "a server never serves")
		}
	}
}

// connect gives an unmodified client.
func connect(t *testing.T, servers ...string) *zk.Conn {
	t.Helper()
	c, _, err := zk.Connect(servers, 10*time.Second, zk.WithLogInfo(false), zk.WithLogger(quiet{}))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// ask sends a four-letter word.
func ask(t *testing.T, addr, word string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(bound)))
	_, err = io.WriteString(c, word)
	require.NoError(t, err)
	answer, err := io.ReadAll(c)
	require.NoError(t, err)
	return string(answer)
}

func TestAServerKeepsWhatItIsGiven(t *testing.T) {
	dir := t.TempDir()
	s, err := server.Start(server.Config{Dir: dir, Client: "127.0.0.1:0", SnapEvery: 7})
	require.NoError(t, err)
	ready(t, s)
	c := connect(t, s.Addrs().Client)
	for i := range 20 {
		_, err = c.Create(fmt.Sprintf("/n%d", i), []byte("v"), 0, zk.WorldACL(zk.PermAll))
		require.NoError(t, err)
	}
	require.NoError(t, s.Stop())
	<-s.Done()
	require.NoError(t, s.Stop(), "a second time is the same")

	s = start(t, server.Config{Dir: dir})
	again := connect(t, s.Addrs().Client)
	for i := range 20 {
		data, _, err := again.Get(fmt.Sprintf("/n%d", i))
		require.NoError(t, err)
		require.Equal(t, "v", string(data))
	}
}

// What a crash left is cut off, and said; damage is said, and ends the start.
func TestAStartReportsWhatItFinds(t *testing.T) {
	dir := t.TempDir()
	s, err := server.Start(server.Config{Dir: dir, Client: "127.0.0.1:0"})
	require.NoError(t, err)
	ready(t, s)
	c := connect(t, s.Addrs().Client)
	_, err = c.Create("/a", []byte("v"), 0, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
	require.NoError(t, s.Stop())
	<-s.Done()

	logs, err := filepath.Glob(filepath.Join(server.FilesDir(dir), "log.*"))
	require.NoError(t, err)
	require.Len(t, logs, 1)
	whole, err := os.ReadFile(logs[0])
	require.NoError(t, err)
	require.Len(t, whole, 1<<20, "room was made")
	end := len(bytes.TrimRight(whole, "\x00"))
	torn := slices.Clone(whole)
	copy(torn[end+64:], "half a record")
	require.NoError(t, os.WriteFile(logs[0], torn, 0o600))
	var said bytes.Buffer
	s, err = server.Start(server.Config{Dir: dir, Client: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(&said, nil))})
	require.NoError(t, err)
	require.NoError(t, s.Stop())
	<-s.Done()
	require.Contains(t, said.String(), `level=WARN msg="log: a torn tail is cut off" file=`+filepath.Base(logs[0]))

	cut, err := os.ReadFile(logs[0])
	require.NoError(t, err)
	cut[100] ^= 1
	require.NoError(t, os.WriteFile(logs[0], cut, 0o600))
	_, err = server.Start(server.Config{Dir: dir, Client: "127.0.0.1:0"})
	require.ErrorIs(t, err, disk.Corrupt)
	require.ErrorContains(t, err, filepath.Base(logs[0])+" is corrupt at byte ")
}

func TestADirectoryHasOneServer(t *testing.T) {
	dir := t.TempDir()
	start(t, server.Config{Dir: dir})
	_, err := server.Start(server.Config{Dir: dir, Client: "127.0.0.1:0"})
	require.ErrorContains(t, err, filepath.Join(dir, "zoobreak.lock")+": another server has this directory")
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	ensemble := quorum.Simple(1, 2)
	for sentence, cfg := range map[string]server.Config{
		"server: there is no directory for the data":                               {Client: "127.0.0.1:0"},
		"server: there is no address for clients":                                  {Dir: "d"},
		"server: clients are to use TLS, and there is no certificate":              {Dir: "d", SecureClient: "127.0.0.1:0"},
		"server: the id is 0; ids are 1 to 254":                                    {Dir: "d", Client: "127.0.0.1:0", Ensemble: ensemble},
		"server: this is server 3, and the ensemble has no server.3":               {Dir: "d", Client: "127.0.0.1:0", Ensemble: ensemble, ID: 3},
		"server: the shortest session timeout, 2s, is longer than the longest, 1s": {Dir: "d", Client: "127.0.0.1:0", MinSession: 2 * time.Second, MaxSession: time.Second},
	} {
		_, err := server.Start(cfg)
		require.EqualError(t, err, sentence)
	}
	taken := start(t, server.Config{}).Addrs().Client
	_, err := server.Start(server.Config{Dir: t.TempDir(), Client: taken})
	require.ErrorContains(t, err, "address already in use")
}

// A corrupt file is an error of Start, and everything is let go of.
func TestACorruptDirectory(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "zoobreak"), 0o700))
	bad := filepath.Join(dir, "zoobreak", "currentEpoch")
	require.NoError(t, os.WriteFile(bad, []byte("1"), 0o600))
	_, err := server.Start(server.Config{Dir: dir, Client: "127.0.0.1:0"})
	require.ErrorContains(t, err, "currentEpoch is corrupt")
	require.NoError(t, os.Remove(bad))
	ready(t, start(t, server.Config{Dir: dir}))
}

// The unmodified client library parses what srvr and cons say.
func TestFourLetterWords(t *testing.T) {
	s := start(t, server.Config{Words: []string{"*"}})
	at := s.Addrs().Client
	c := connect(t, at)
	_, err := c.Create("/e", nil, zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
	stats, ok := zk.FLWSrvr([]string{at}, bound)
	require.True(t, ok, "%+v", stats[0])
	require.Equal(t, zk.ModeStandalone, stats[0].Mode)
	require.EqualValues(t, 2, stats[0].Connections)
	require.Equal(t, []bool{true}, zk.FLWRuok([]string{at}, bound))
	clients, _ := zk.FLWCons([]string{at}, bound) // the line of whom asks has no session: it never parses that
	require.Len(t, clients[0].Clients, 1)
	require.Equal(t, c.SessionID(), clients[0].Clients[0].SessionID)
	_, _, _, err = c.ExistsW("/e")
	require.NoError(t, err)
	_, _, _, err = c.ChildrenW("/")
	require.NoError(t, err)
	session := fmt.Sprintf("0x%x", uint64(c.SessionID()))
	for word, want := range map[string]string{
		"isro": "rw", "gtmk": "306", "conf": "tickTime=2000\n", "envi": "zookeeper.version=3.8.0-zoobreak, built on ",
		"stat": "Clients:\n /127.0.0.1:", "dirs": "datadir_size: ", "mntr": "zk_ephemerals_count\t1\n", "dump": session + ":\n\t/e\n",
		"wchs": "1 connections watching 1 paths\nTotal watches:1\n", "wchc": session + "\n\t/e\n", "wchp": "/e\n\t" + session + "\n",
		"crst": "Connection stats reset.\n",
	} {
		require.Contains(t, ask(t, at, word), want, word)
	}
	require.Equal(t, "Server stats reset.\n", ask(t, at, "srst"))
	require.Contains(t, ask(t, at, "srvr"), "\nReceived: 1\n", "the word srst itself")
}

func TestOnlyListedWordsAreAnswered(t *testing.T) {
	at := start(t, server.Config{}).Addrs().Client
	require.Contains(t, ask(t, at, "srvr"), "Mode: standalone\n")
	require.Equal(t, "dump is not executed because it is not in the whitelist.\n", ask(t, at, "dump"))
	require.Empty(t, ask(t, at, "kill"), "no word, and no frame")
}

// A server without its ensemble serves nobody, and says so.
func TestAServerThatHasNoQuorum(t *testing.T) {
	e := members(t, 2)
	s := start(t, server.Config{ID: 1, Ensemble: e, Words: []string{"*"}})
	require.Equal(t, "imok", ask(t, s.Addrs().Client, "ruok"))
	require.Equal(t, "null", ask(t, s.Addrs().Client, "isro"))
	require.Equal(t, "This ZooKeeper instance is not currently serving requests\n", ask(t, s.Addrs().Client, "srvr"))
	select {
	case <-s.Ready():
		require.Fail(t, "it is not ready")
	default:
	}
}

func TestFramesAreLimited(t *testing.T) {
	s := start(t, server.Config{MaxFrame: 2 << 20})
	c := connect(t, s.Addrs().Client)
	big := make([]byte, 1500<<10)
	_, err := c.Create("/big", big, 0, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
	small := connect(t, start(t, server.Config{}).Addrs().Client)
	_, err = small.Create("/big", big, 0, zk.WorldACL(zk.PermAll))
	require.Error(t, err)
}

func TestConnectionsOfOneAddressAreLimited(t *testing.T) {
	at := start(t, server.Config{PerAddress: 2}).Addrs().Client
	var all []net.Conn
	for range 3 {
		c, err := net.Dial("tcp", at)
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.SetDeadline(time.Now().Add(bound)))
		all = append(all, c)
	}
	_, err := all[2].Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	_, err = io.WriteString(all[1], "srvr")
	require.NoError(t, err)
	line, err := bufio.NewReader(all[1]).ReadString('\n')
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(line, "Zookeeper version: "))
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	require.NoError(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(body)
}

func TestTheAdminEndpoint(t *testing.T) {
	s := start(t, server.Config{Admin: "127.0.0.1:0"})
	ready(t, s)
	base := "http://" + s.Addrs().Admin
	code, text := get(t, base+"/metrics")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, text, "# TYPE znode_count gauge\nznode_count ")
	require.Contains(t, text, "server_state{state=\"standalone\"} 1\n")
	var list struct{ Commands []string }
	_, text = get(t, base+"/commands")
	require.NoError(t, json.Unmarshal([]byte(text), &list))
	require.NotEmpty(t, list.Commands)
	for _, name := range list.Commands {
		code, text = get(t, base+"/commands/"+name)
		require.Equal(t, http.StatusOK, code, name)
		answer := map[string]any{}
		require.NoError(t, json.Unmarshal([]byte(text), &answer), name)
		require.Equal(t, name, answer["command"])
		require.Nil(t, answer["error"])
	}
	code, _ = get(t, base+"/commands/shutdown")
	require.Equal(t, http.StatusNotFound, code)
	r, err := http.Post(base+"/commands/ruok", "", nil)
	require.NoError(t, err)
	r.Body.Close()
	require.Equal(t, http.StatusMethodNotAllowed, r.StatusCode)
	require.Empty(t, start(t, server.Config{}).Addrs().Admin, "nobody asked for it")
}

// A page in a browser that has made its own name mean 127.0.0.1 is told nothing.
func TestTheAdminEndpointIsForThisMachine(t *testing.T) {
	s := start(t, server.Config{Admin: "127.0.0.1:0"})
	r, err := http.NewRequest(http.MethodGet, "http://"+s.Addrs().Admin+"/metrics", nil)
	require.NoError(t, err)
	r.Host = "evil.example"
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, http.StatusForbidden, answer.StatusCode)
}

// members is an ensemble on free ports.
func members(t *testing.T, n int) *quorum.Config {
	t.Helper()
	ports, err := testport.Free(2 * n)
	require.NoError(t, err)
	var all []quorum.Member
	for i := range n {
		all = append(all, quorum.Member{ID: quorum.ID(i + 1), Host: "127.0.0.1", Quorum: uint16(ports[2*i]), Election: uint16(ports[2*i+1])})
	}
	e, err := quorum.New(0, all)
	require.NoError(t, err)
	return e
}

// An observer serves, and is not needed: without it the others go on.
func TestAnObserver(t *testing.T) {
	all := members(t, 4).Members()
	all[3].Role = quorum.Observer
	e, err := quorum.New(0, all)
	require.NoError(t, err)
	var servers []*server.Server
	for id := range 4 {
		servers = append(servers, start(t, server.Config{ID: node.ID(id + 1), Ensemble: e, Tick: 200 * time.Millisecond}))
	}
	ready(t, servers...)
	observer := servers[3].Addrs().Client
	stats, ok := zk.FLWSrvr([]string{observer}, bound)
	require.True(t, ok)
	require.Equal(t, zk.ModeUnknown, stats[0].Mode, "the library knows no observers")
	require.Contains(t, ask(t, observer, "srvr"), "\nMode: observer\n")
	_, err = connect(t, observer).Create("/a", nil, 0, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
	require.NoError(t, servers[3].Stop())
	_, err = connect(t, servers[0].Addrs().Client).Create("/b", nil, 0, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
}

func ensemble(t *testing.T, cfg server.Config) (servers []*server.Server, addrs []string) {
	t.Helper()
	cfg.Ensemble, cfg.Tick = members(t, 3), cmp.Or(cfg.Tick, 200*time.Millisecond)
	for id := range 3 {
		cfg.ID, cfg.Dir = node.ID(id+1), t.TempDir()
		s := start(t, cfg)
		servers, addrs = append(servers, s), append(addrs, s.Addrs().Client)
	}
	ready(t, servers...)
	return servers, addrs
}

func TestAnEnsemble(t *testing.T) {
	_, addrs := ensemble(t, server.Config{})
	c := connect(t, addrs[0])
	_, err := c.Create("/a", []byte("x"), 0, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
	modes := map[string]int{}
	for _, at := range addrs {
		d := connect(t, at)
		_, err := d.Sync("/a")
		require.NoError(t, err)
		data, _, err := d.Get("/a")
		require.NoError(t, err)
		require.Equal(t, "x", string(data))
		stats, ok := zk.FLWSrvr([]string{at}, bound)
		require.True(t, ok)
		modes[stats[0].Mode.String()]++
	}
	require.Equal(t, map[string]int{"leader": 1, "follower": 2}, modes)
}

// With certificates on both sides, between servers and with clients. Who has none, or one
// of another authority, is neither a client nor a server.
func TestMutualTLS(t *testing.T) {
	a, err := testcert.New()
	require.NoError(t, err)
	mine, err := a.Issue("server")
	require.NoError(t, err)
	yours, err := a.Issue("client")
	require.NoError(t, err)
	both := &tls.Config{Certificates: []tls.Certificate{mine}, RootCAs: a.Pool(), ClientCAs: a.Pool(), ClientAuth: tls.RequireAndVerifyClientCert}
	servers, _ := ensemble(t, server.Config{SecureClient: "127.0.0.1:0", ClientTLS: both, PeerTLS: both})

	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addrs().SecureClient)
		for _, at := range []string{s.Addrs().Quorum, s.Addrs().Election, s.Addrs().SecureClient} {
			_, err := tls.Dial("tcp", at, &tls.Config{RootCAs: a.Pool(), MaxVersion: tls.VersionTLS12})
			require.ErrorContains(t, err, "tls: ", "without a certificate")
		}
	}
	dial := func(_, at string, wait time.Duration) (net.Conn, error) {
		return tls.DialWithDialer(&net.Dialer{Timeout: wait}, "tcp", at, &tls.Config{Certificates: []tls.Certificate{yours}, RootCAs: a.Pool()})
	}
	c, _, err := zk.Connect(addrs, 10*time.Second, zk.WithDialer(dial), zk.WithLogger(quiet{}))
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Create("/secret", make([]byte, 500_000), 0, zk.WorldACL(zk.PermAll))
	require.NoError(t, err)
	data, _, err := c.Get("/secret")
	require.NoError(t, err)
	require.Len(t, data, 500_000)
}
