//go:build unix

package nettest_test

import (
	"bufio"
	"fmt"
	"io"
	stdnet "net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/nettest"
	"github.com/zoobreak/zoobreak/net/tcp"
)

func TestReal(t *testing.T) { nettest.Run(t, realWorld) }

// bound is how long what must happen may take.
const bound = 20 * time.Second

// loopback binds the suite's port to a free one.
func loopback() tcp.Config {
	return tcp.Config{Bind: map[net.Port]string{nettest.Port: "127.0.0.1:0"}}
}

// realWorld is two networks with one inbox: the owners share the test's thread, nothing else.
func realWorld(t *testing.T, client, server func(net.Event)) nettest.World {
	box := inbox.New()
	c, err := tcp.New(tcp.Config{}, box, client)
	require.NoError(t, err)
	s, err := tcp.New(loopback(), box, server)
	require.NoError(t, err)
	t.Cleanup(func() {
		box.Close()
		c.Stop()
		s.Stop()
	})
	return nettest.World{
		Client: c, Server: s, Open: net.Addr(s.Bound(nettest.Port)), Shut: unused(t), Peer: child,
		Pump: func(until func() bool) bool {
			for end := time.Now().Add(bound); !until() && time.Now().Before(end); {
				box.Step(10 * time.Millisecond)
			}
			return until()
		},
	}
}

// unused returns an address that was free a moment ago.
func unused(t *testing.T) net.Addr {
	l, err := stdnet.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return net.Addr(l.Addr().String())
}

// asPeer in the environment makes this program the process that is killed.
const asPeer = "NETTEST_PEER"

func TestMain(m *testing.M) {
	if os.Getenv(asPeer) == "" {
		os.Exit(m.Run())
	}
	if err := echo(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// echo says where it listens, and ends with its parent.
func echo() error {
	box := inbox.New()
	var owner func(net.Event)
	n, err := tcp.New(loopback(), box, func(ev net.Event) { owner(ev) })
	if err != nil {
		return err
	}
	owner = nettest.Echo(n)
	fmt.Println(n.Bound(nettest.Port))
	go func() {
		io.Copy(io.Discard, os.Stdin)
		box.Post(box.Close)
	}()
	box.Run()
	return nil
}

func child(t *testing.T) nettest.Peer {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asPeer+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // its end is the child's
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		stdin.Close()
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	signal := func(s syscall.Signal) func() {
		return func() { require.NoError(t, cmd.Process.Signal(s)) }
	}
	kill := func() {
		signal(syscall.SIGKILL)()
		cmd.Wait()
	}
	// A stopped process is the nearest to a mute one that needs no second machine.
	return nettest.Peer{Addr: net.Addr(strings.TrimSpace(addr)), Kill: kill, Mute: signal(syscall.SIGSTOP)}
}
