package server

import (
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/server/status"
)

// compatible is the ZooKeeper whose protocol this server speaks; clients look at it.
const compatible = "3.8.0-zoobreak"

// built is when the sources that this program was built from were committed, if the build
// knows.
func built() time.Time {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if t, err := time.Parse(time.RFC3339, s.Value); err == nil && s.Key == "vcs.time" {
				return t
			}
		}
	}
	return time.Unix(0, 0)
}

var version = status.Version{Name: compatible, Built: built()}

// word answers a four-letter word.
func (s *Server) word(name string, _ net.Conn) (answer string, ok bool) {
	switch {
	case !status.Known(name):
		return "", false
	case !slices.Contains(s.cfg.Words, name) && !slices.Contains(s.cfg.Words, "*"):
		return status.Refused(name), true
	}
	answer = s.report().Answer(name)
	switch name {
	case "srst":
		s.gate.ResetStats()
	case "crst":
		s.gate.ResetClients()
	}
	return answer, true
}

func (s *Server) report() *status.Report {
	return &status.Report{
		Version: version, Now: s.clock.Now(), Started: s.began, Node: s.host.Node().Status(), Traffic: s.gate.Stats(), Counts: s.counts,
		Clients: s.gate.Clients, Tree: s.host.Node().Tree(), Watches: s.host.Node().Watches(), Conf: s.cfg.settings(s.addrs, s.dataDir()), Environ: environment(), DirBytes: s.dirBytes,
	}
}

func (s *Server) dirBytes() (sum int64) {
	entries, _ := os.ReadDir(s.dataDir()) // what cannot be looked at is not counted
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
	}
	return sum
}

func environment() []status.Setting {
	host, _ := os.Hostname()
	return []status.Setting{
		{Key: "host.name", Value: host}, {Key: "go.version", Value: runtime.Version()},
		{Key: "os.name", Value: runtime.GOOS}, {Key: "os.arch", Value: runtime.GOARCH},
	}
}

// settings is what conf shows.
func (c *Config) settings(at Addrs, dir string) []status.Setting {
	all := []status.Setting{
		{Key: "clientPort", Value: port(at.Client)}, {Key: "secureClientPort", Value: port(at.SecureClient)},
		{Key: "dataDir", Value: dir}, {Key: "dataLogDir", Value: dir},
		{Key: "tickTime", Value: strconv.FormatInt(c.Tick.Milliseconds(), 10)},
		{Key: "maxClientCnxns", Value: strconv.Itoa(max(c.PerAddress, 0))},
		{Key: "minSessionTimeout", Value: strconv.FormatInt(c.MinSession.Milliseconds(), 10)},
		{Key: "maxSessionTimeout", Value: strconv.FormatInt(c.MaxSession.Milliseconds(), 10)},
		{Key: "serverId", Value: strconv.Itoa(int(c.ID))},
	}
	if c.alone() {
		return all
	}
	all = append(all, status.Setting{Key: "initLimit", Value: strconv.Itoa(c.InitLimit)}, status.Setting{Key: "syncLimit", Value: strconv.Itoa(c.SyncLimit)})
	for _, m := range c.Ensemble.Members() {
		all = append(all, status.Setting{Key: "server." + strconv.Itoa(int(m.ID)), Value: m.Address()})
	}
	return all
}

func port(addr string) string {
	if _, p, err := net.Addr(addr).Split(); err == nil {
		return strconv.Itoa(int(p))
	}
	return "-1"
}
