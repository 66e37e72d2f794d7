package zoocfg

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/server"
)

// builder gathers what settings say until all have been read.
type builder struct {
	cfg                  server.Config
	id                   Setting
	clientHost, client   Setting
	secureHost, secure   Setting
	adminHost, adminPort Setting
	adminOn              bool
	members              []Setting
	client509, quorum509 certificates
	warnings             []string
	sslQuorum            bool
}

// Build makes a configuration of settings; of two with one key the later counts. Warnings
// say which settings have no effect, each with its place.
func Build(settings []Setting) (cfg server.Config, warnings []string, err error) {
	b := &builder{adminHost: Setting{Value: "127.0.0.1"}, adminPort: Setting{Value: "8080"}}
	for _, s := range settings {
		if err := b.take(s); err != nil {
			return cfg, nil, err
		}
	}
	if err := b.finish(); err != nil {
		return cfg, nil, err
	}
	return b.cfg, b.warnings, nil
}

func (b *builder) take(s Setting) error {
	s.Key = strings.TrimPrefix(s.Key, "zookeeper.") // as system properties are called
	if strings.HasPrefix(s.Key, "server.") || strings.HasPrefix(s.Key, "group.") || strings.HasPrefix(s.Key, "weight.") {
		b.members = append(b.members, s)
		return nil
	}
	if set, ok := keys[s.Key]; ok {
		return set(b, s)
	}
	why, known := without(s)
	if !known {
		why = "there is no such setting; it is ignored"
	}
	if why != "" {
		b.warnings = append(b.warnings, fmt.Sprintf("%s: %s: %s", s.Where, s.Key, why))
	}
	return nil
}

func (b *builder) finish() error {
	for _, step := range []func() error{b.ensemble, b.identity, b.addresses, b.certificates} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// ensemble reads the lines about members. A single one is a server alone, as in ZooKeeper.
func (b *builder) ensemble() error {
	if len(b.members) == 0 {
		return nil
	}
	var lines []string
	for _, s := range b.members {
		if strings.HasPrefix(s.Key, "server.") {
			if _, err := quorum.ParseMember(s.Key + "=" + s.Value); err != nil {
				return fmt.Errorf("%s: %w", s.Where, err)
			}
		}
		lines = append(lines, s.Key+"="+s.Value)
	}
	e, err := quorum.Parse(strings.Join(lines, "\n"))
	if err != nil {
		return fmt.Errorf("%s: %w", b.members[0].Where, err)
	}
	b.cfg.Ensemble = e
	return nil
}

func (b *builder) identity() error {
	s := b.id
	if s.Value == "" && b.cfg.Dir != "" {
		id, where, err := readID(b.cfg.Dir)
		if err != nil {
			return err
		}
		s = Setting{"myid", id, where}
	}
	if s.Value == "" {
		if b.cfg.Ensemble != nil && len(b.cfg.Ensemble.Members()) > 1 {
			return fmt.Errorf("%s: which of the servers is this? There is no file myid in the dataDir, and no --id", b.members[0].Where)
		}
		return nil
	}
	n, err := strconv.Atoi(s.Value)
	if err != nil || n < 1 || n > 255 {
		return s.wrong("an id is a number from 1 to 255")
	}
	b.cfg.ID = node.ID(n)
	return b.ownAddress()
}

// ownAddress takes the client's address from behind the ";" of the server's own line.
func (b *builder) ownAddress() error {
	if b.cfg.Ensemble == nil || b.client.Value != "" {
		return nil
	}
	m, ok := b.cfg.Ensemble.Member(quorum.ID(b.cfg.ID))
	if !ok || m.Client == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(m.Client)
	if err != nil {
		host, port = "", m.Client
	}
	s := Setting{"server." + strconv.Itoa(int(m.ID)), host, b.members[0].Where}
	b.client = Setting{s.Key, port, s.Where}
	if b.clientHost.Value == "" {
		b.clientHost = s
	}
	return nil
}

func (b *builder) addresses() (err error) {
	if b.cfg.Client, err = address(b.clientHost, b.client); err != nil {
		return err
	}
	if b.cfg.SecureClient, err = address(b.secureHost, b.secure); err != nil {
		return err
	}
	if b.adminOn {
		b.cfg.Admin, err = address(b.adminHost, b.adminPort)
	}
	return err
}

func address(host, port Setting) (string, error) {
	if port.Value == "" {
		return "", nil
	}
	if n, err := strconv.ParseUint(port.Value, 10, 16); err != nil {
		return "", port.wrong("a port is a number from 0 to 65535")
	} else if n == 0 && !strings.HasPrefix(port.Where, "--") {
		return "", port.wrong("port 0 is no place to find a server; leave the setting out")
	}
	return net.JoinHostPort(host.Value, port.Value), nil
}
