package net_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/net"
)

func TestAddrSplit(t *testing.T) {
	cases := []struct {
		addr net.Addr
		host string
		port net.Port
		err  string
	}{
		{"10.0.0.1:2181", "10.0.0.1", 2181, ""},
		{"[::1]:2181", "[::1]", 2181, ""},
		{"10.0.0.1:65535", "10.0.0.1", 65535, ""},
		{"10.0.0.1", "", 0, `net: address "10.0.0.1" has no port`},
		{"", "", 0, `net: address "" has no port`},
		{"10.0.0.1:", "", 0, `net: address "10.0.0.1:" has a bad port`},
		{"10.0.0.1:65536", "", 0, `net: address "10.0.0.1:65536" has a bad port`},
		{"10.0.0.1:-1", "", 0, `net: address "10.0.0.1:-1" has a bad port`},
		{"10.0.0.1:zk", "", 0, `net: address "10.0.0.1:zk" has a bad port`},
	}
	for _, c := range cases {
		t.Run(string(c.addr), func(t *testing.T) {
			host, port, err := c.addr.Split()
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.host, host)
			require.Equal(t, c.port, port)
		})
	}
}

func TestSplitUndoesMakeAddr(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wantHost := rapid.String().Draw(t, "host")
		wantPort := net.Port(rapid.Uint16().Draw(t, "port"))
		host, port, err := net.MakeAddr(wantHost, wantPort).Split()
		require.NoError(t, err)
		require.Equal(t, wantHost, host)
		require.Equal(t, wantPort, port)
	})
}

func TestKindsForPeople(t *testing.T) {
	for k, want := range map[net.Kind]string{
		net.Accepted: "accepted", net.Connected: "connected", net.Received: "received", net.Closed: "closed", net.Writable: "writable",
		0: "net.Kind(0)", 9: "net.Kind(9)",
	} {
		require.Equal(t, want, k.String())
	}
}
