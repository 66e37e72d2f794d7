package server

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/server/status"
	"github.com/zoobreak/zoobreak/wire"
)

// Config is what a server is told. What is zero is ZooKeeper's default, unless said otherwise.
type Config struct {
	ID       node.ID        // 1, if there is no Ensemble
	Ensemble *quorum.Config // nil: this server alone
	Dir      string         // where it keeps its data; made if it is not there

	Client       string // where clients connect, such as "127.0.0.1:2181"; port 0 picks a free one
	SecureClient string // the same with TLS; empty: nowhere
	Admin        string // where metrics and commands are served over HTTP; empty: nowhere
	AllAddresses bool   // listen for other servers on all addresses, not only on the own one

	ClientTLS *tls.Config // for SecureClient
	PeerTLS   *tls.Config // between servers, both as a server and as a client; nil: no TLS

	Tick       time.Duration
	InitLimit  int           // ticks
	SyncLimit  int           // ticks
	MinSession time.Duration // 0: 2 ticks
	MaxSession time.Duration // 0: 20 ticks
	SnapEvery  int           // transactions

	KeepSnapshots int // with the logs behind the oldest of them
	PreallocKiB   int // room is made for so much of the log at a time; 0: 1024. ZooKeeper's default is 65536

	ExtendedTypes   bool // TTL nodes may be made
	EnforceQuota    bool // hard limits of quotas refuse writes
	SkipACL         bool // everybody may do everything
	ReconfigEnabled bool
	SuperDigest     string        // "super:hash" of who is above all ACLs; empty: nobody
	ContainerCheck  time.Duration // between looks for containers and TTL nodes that are due

	// Limits. Negative is none.
	PerAddress  int // connections of clients from one address
	Total       int // connections of clients; 0 is none
	Outstanding int // requests of clients that wait, all together
	MaxFrame    int // bytes of a request

	Words []string // four-letter words that are answered; nil is srvr alone

	Log *slog.Logger // nil: nobody reads it
}

// sessionless is how long a connection may go without a session (A20).
const sessionless = 10 * time.Second

// complete puts the defaults in, or says what cannot be.
func (c Config) complete() (Config, error) {
	c.Tick = cmp.Or(c.Tick, 2*time.Second)
	c.InitLimit, c.SyncLimit = cmp.Or(c.InitLimit, 10), cmp.Or(c.SyncLimit, 5)
	c.MinSession, c.MaxSession = cmp.Or(c.MinSession, 2*c.Tick), cmp.Or(c.MaxSession, 20*c.Tick)
	c.SnapEvery, c.PreallocKiB = cmp.Or(c.SnapEvery, 100_000), cmp.Or(c.PreallocKiB, 1024)
	c.PerAddress, c.Outstanding = cmp.Or(c.PerAddress, 60), cmp.Or(c.Outstanding, 1000)
	c.ContainerCheck = cmp.Or(c.ContainerCheck, time.Minute)
	c.MaxFrame = cmp.Or(c.MaxFrame, wire.MaxFrame)
	if c.Words == nil {
		c.Words = status.Default
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c.place()
}

func (c Config) place() (Config, error) {
	if c.Ensemble == nil {
		c.ID = cmp.Or(c.ID, 1)
	}
	switch {
	case c.Dir == "":
		return c, errors.New("server: there is no directory for the data")
	case c.Client == "" && c.SecureClient == "":
		return c, errors.New("server: there is no address for clients")
	case c.SecureClient != "" && c.ClientTLS == nil:
		return c, errors.New("server: clients are to use TLS, and there is no certificate")
	case c.ID < 1 || c.ID > 254:
		return c, fmt.Errorf("server: the id is %d; ids are 1 to 254", c.ID)
	case c.MinSession > c.MaxSession:
		return c, fmt.Errorf("server: the shortest session timeout, %v, is longer than the longest, %v", c.MinSession, c.MaxSession)
	case c.Ensemble == nil:
		return c, nil
	}
	if _, ok := c.Ensemble.Member(quorum.ID(c.ID)); !ok {
		return c, fmt.Errorf("server: this is server %d, and the ensemble has no server.%d", c.ID, c.ID)
	}
	return c, nil
}

// alone reports whether there is no other server.
func (c *Config) alone() bool { return c.Ensemble == nil || len(c.Ensemble.Members()) == 1 }

// ensemble is that of the configuration, or this server's own.
func (c *Config) ensemble() *quorum.Config {
	if c.Ensemble == nil {
		return quorum.Simple(quorum.ID(c.ID))
	}
	return c.Ensemble
}

func (c *Config) nodeConfig() node.Config {
	return node.Config{
		ID: c.ID, Ensemble: c.ensemble(), Tick: c.Tick, InitLimit: c.InitLimit, SyncLimit: c.SyncLimit,
		MinSession: c.MinSession, MaxSession: c.MaxSession, SnapEvery: c.SnapEvery, MaxFrame: c.MaxFrame,
		Standalone: c.Ensemble == nil, ExtendedTypes: c.ExtendedTypes, EnforceQuota: c.EnforceQuota, SkipACL: c.SkipACL,
		SuperDigest: c.SuperDigest, ReconfigEnabled: c.ReconfigEnabled, ContainerCheck: c.ContainerCheck,
	}
}
