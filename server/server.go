package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/wall"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/osdisk"
	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/tcp"
	"github.com/zoobreak/zoobreak/node/host"
	"github.com/zoobreak/zoobreak/server/gate"
	"github.com/zoobreak/zoobreak/server/status"
)

// Server is one server that runs. What is not said to be otherwise belongs to its thread.
type Server struct {
	cfg   Config
	addrs Addrs // of anybody, once it runs
	box   *inbox.Inbox
	clock *wall.Clock
	net   *tcp.Network
	gate  *gate.Gate
	disk  *osdisk.Disk
	host  *host.Host
	lock  *os.File
	admin *admin

	began  clock.Now
	due    clock.Instant // when the host wants to be woken
	counts status.Counts
	// submitted is when the disk was given the batch that it works on.
	submitted clock.Instant
	ready     chan struct{}
	served    bool // once
	ended     chan struct{}
	failed    error // of anybody, once it ended
}

// Addrs is where a server can be reached.
type Addrs struct{ Client, SecureClient, Quorum, Election, Admin string }

// Start starts a server. When it returns, clients can connect; whether they are served
// depends on the other servers.
func Start(cfg Config) (*Server, error) {
	s, err := open(cfg)
	if err != nil {
		return nil, err
	}
	return s, s.begin()
}

// open takes what a server needs of the machine: its directory and its ports.
func open(cfg Config) (*Server, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, box: inbox.New(), due: clock.Never, ready: make(chan struct{}), ended: make(chan struct{})}
	s.clock = wall.New(s.box, s.wake)
	s.began = s.clock.Now()
	for _, step := range []func() error{s.openDisk, s.openNet, s.openAdmin} {
		if err := step(); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// directory is where the data is, in the directory that the server is given: which may have
// a myid, and a ZooKeeper's own files, which are others.
const directory = "zoobreak"

func (s *Server) openDisk() (err error) {
	if err := os.MkdirAll(s.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	if s.lock, err = lock(filepath.Join(s.cfg.Dir, "zoobreak.lock")); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	s.disk, err = osdisk.Open(s.dataDir(), s.box, s.diskDone)
	return err
}

func (s *Server) dataDir() string { return FilesDir(s.cfg.Dir) }

// FilesDir is where in its data directory a server keeps its log and snapshots.
func FilesDir(dir string) string { return filepath.Join(dir, directory) }

func (s *Server) openNet() (err error) {
	bind, err := s.cfg.bind()
	if err != nil {
		return err
	}
	s.net, err = tcp.New(tcp.Config{Bind: bind, TLS: s.cfg.secured(), DialTLS: s.cfg.dialTLS()}, s.box, s.netEvent)
	if err != nil {
		return err
	}
	cfg := gate.Config{
		PerAddress: max(s.cfg.PerAddress, 0), Total: max(s.cfg.Total, 0), Sessionless: sessionless,
		Outstanding: s.cfg.outstanding(), Now: func() clock.Instant { return s.clock.Now().Mono }, Word: s.word,
	}
	for p := range bind {
		cfg.Ports = append(cfg.Ports, p)
	}
	s.gate = gate.New(cfg, s.net, func(ev net.Event) { s.host.NetEvent(s.clock.Now(), ev) })
	s.addrs = s.bound(bind)
	return nil
}

func (s *Server) bound(bind map[net.Port]string) (a Addrs) {
	for p, at := range map[net.Port]*string{host.ClientPort: &a.Client, gate.SecurePort: &a.SecureClient, host.QuorumPort: &a.Quorum, host.ElectionPort: &a.Election} {
		if bind[p] != "" {
			*at = s.net.Bound(p)
		}
	}
	return a
}

// begin boots the server and gives it a thread.
func (s *Server) begin() error {
	booted := make(chan error)
	go func() {
		defer close(s.ended)
		defer s.close()
		err := s.boot()
		booted <- err
		if err == nil {
			s.box.Run()
		}
	}()
	if err := <-booted; err != nil {
		<-s.ended
		return err
	}
	s.cfg.Log.Info("running", "server", s.cfg.ID, "clients", s.addrs.Client, "secure", s.addrs.SecureClient, "admin", s.addrs.Admin, "dir", s.cfg.Dir)
	s.admin.serve()
	return nil
}

func (s *Server) boot() (err error) {
	s.host, err = host.Boot(s.cfg.nodeConfig(), host.Env{
		Net: s.gate, Disk: timed{s.disk, s}, Log: s.cfg.files(), Found: s.found, Alarm: s, Peers: s.cfg.peers(), Evidence: s.note, Halted: s.halted,
	}, s.clock.Now())
	return err
}

// close lets go of everything that was opened.
func (s *Server) close() {
	s.box.Close()
	if s.admin != nil {
		s.admin.stop()
	}
	if s.net != nil {
		s.net.Stop()
	}
	if s.disk != nil {
		s.disk.Stop()
	}
	if s.lock != nil {
		s.lock.Close()
	}
	s.clock.Stop()
}

// Set implements clock.Alarm for the host: the gate wants to be woken too.
func (s *Server) Set(at clock.Instant) {
	s.due = at
	s.clock.Set(min(at, s.gate.Due()))
	if !s.served && s.host != nil && s.host.Node().Status().Serving {
		s.served = true
		close(s.ready)
	}
}

func (s *Server) wake() {
	s.gate.Wake()
	if now := s.clock.Now(); s.due <= now.Mono {
		s.host.Wake(now)
	} else {
		s.Set(s.due)
	}
}

// netEvent hands on what happened on the network. A client that arrives may have to go
// before the host wants to be woken, who is not told of it yet.
func (s *Server) netEvent(ev net.Event) {
	s.gate.NetEvent(ev)
	if ev.Kind == net.Accepted {
		s.Set(s.due)
	}
}

func (s *Server) diskDone(d disk.Done) {
	now := s.clock.Now()
	took := now.Mono.Sub(s.submitted)
	s.counts.Batches++
	s.counts.Syncing += took
	s.counts.MaxSync = max(s.counts.MaxSync, took)
	s.host.DiskDone(now, d)
}

// timed is the disk of the host, which gives it one batch at a time.
type timed struct {
	*osdisk.Disk
	s *Server
}

// Submit implements disk.Disk.
func (t timed) Submit(id uint64, ops []disk.Op) {
	t.s.submitted = t.s.clock.Now().Mono
	t.Disk.Submit(id, ops)
}

// halted ends the server, which has stopped itself.
func (s *Server) halted(why string) {
	s.failed = errors.New("server: stopped itself: " + why)
	s.cfg.Log.Error("stopped itself", "server", s.cfg.ID, "why", why)
	s.box.Close()
}

// Addrs returns where the server can be reached.
func (s *Server) Addrs() Addrs { return s.addrs }

// Ready is closed when clients are served for the first time.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.ended }

// Err returns why the server stopped itself, if it did, once it has ended.
func (s *Server) Err() error {
	<-s.ended
	return s.failed
}

// Stop ends the server. What the disk is at is finished; clients and other servers see
// their connections end.
func (s *Server) Stop() error {
	s.box.Post(func() {
		s.cfg.Log.Info("stopping", "server", s.cfg.ID, "running", s.clock.Now().Mono.Sub(s.began.Mono).Round(time.Millisecond))
		s.box.Close()
	})
	return s.Err()
}
