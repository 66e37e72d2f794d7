package server

import (
	"crypto/tls"
	"fmt"
	stdnet "net"
	"strconv"

	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/host"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/server/gate"
)

// bind gives the ports of the host their real addresses. A server that is alone listens
// for no other.
func (c *Config) bind() (map[net.Port]string, error) {
	bind := map[net.Port]string{}
	if c.Client != "" {
		bind[host.ClientPort] = c.Client
	}
	if c.SecureClient != "" {
		bind[gate.SecurePort] = c.SecureClient
	}
	if c.alone() {
		return bind, nil
	}
	m, ok := c.Ensemble.Member(quorum.ID(c.ID))
	if !ok {
		return nil, fmt.Errorf("server: the ensemble has no server.%d", c.ID)
	}
	at := m.Host
	if c.AllAddresses {
		at = ""
	}
	bind[host.QuorumPort], bind[host.ElectionPort] = join(at, m.Quorum), join(at, m.Election)
	return bind, nil
}

func join(host string, port uint16) string {
	return stdnet.JoinHostPort(host, strconv.Itoa(int(port)))
}

func (c *Config) peers() map[node.ID]host.Peer {
	peers := map[node.ID]host.Peer{}
	if c.Ensemble == nil {
		return peers
	}
	for _, m := range c.Ensemble.Members() {
		peers[node.ID(m.ID)] = host.Peer{Quorum: net.Addr(join(m.Host, m.Quorum)), Election: net.Addr(join(m.Host, m.Election))}
	}
	return peers
}

func (c *Config) secured() map[net.Port]*tls.Config {
	secured := map[net.Port]*tls.Config{gate.SecurePort: c.ClientTLS}
	if c.PeerTLS != nil {
		secured[host.QuorumPort], secured[host.ElectionPort] = c.PeerTLS, c.PeerTLS
	}
	return secured
}

func (c *Config) dialTLS() func(net.Addr) *tls.Config {
	if c.PeerTLS == nil {
		return nil
	}
	return func(net.Addr) *tls.Config { return c.PeerTLS }
}

// outstanding is how many requests may wait here: the limit is for the leader, to which the
// others hand theirs on, so each has its part.
func (c *Config) outstanding() int {
	if c.Outstanding < 0 {
		return 0
	}
	if n := len(c.ensemble().Members()); n > 2 {
		return max(c.Outstanding/(n-1), 1)
	}
	return c.Outstanding
}
