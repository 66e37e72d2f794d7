package net

import (
	"fmt"
	"strconv"
	"strings"
)

// Addr is "host:port". Hosts of the simulator are IP literals, so that client
// libraries which resolve names do not leave the simulation.
type Addr string

// Port is the port half of an Addr.
type Port uint16

// MakeAddr joins a host and a port.
func MakeAddr(host string, port Port) Addr {
	return Addr(host + ":" + strconv.Itoa(int(port)))
}

// Split returns the two halves of the address.
func (a Addr) Split() (host string, port Port, err error) {
	i := strings.LastIndexByte(string(a), ':')
	if i < 0 {
		return "", 0, fmt.Errorf("net: address %q has no port", string(a))
	}
	n, err := strconv.ParseUint(string(a[i+1:]), 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("net: address %q has a bad port", string(a))
	}
	return string(a[:i]), Port(n), nil
}

// Conn names one end of one connection incarnation. It is never used again after the
// connection closed, so a message that names a dead incarnation can be dropped.
type Conn uint64

// Kind says what happened to a connection.
type Kind uint8

// The kinds of Event.
const (
	Accepted  Kind = 1 + iota // somebody dialed a port the owner listens on
	Connected                 // an own dial succeeded
	Received                  // bytes arrived, in order
	Closed                    // no more bytes will arrive and none can be sent; also a failed dial
	Writable                  // there is room again after Send said that there was none
)

func (k Kind) String() string {
	switch k {
	case Accepted:
		return "accepted"
	case Connected:
		return "connected"
	case Received:
		return "received"
	case Closed:
		return "closed"
	case Writable:
		return "writable"
	}
	return fmt.Sprintf("net.Kind(%d)", uint8(k))
}

// Event is one completion in an owner's inbox.
type Event struct {
	Kind Kind
	Conn Conn
	Port Port   // Accepted: the local port
	Peer Addr   // Accepted: where the other end dialed from
	Data []byte // Received: valid until the owner returns from handling the event
	Err  error  // Closed: why; nil for an orderly end, and for a killed peer that looks like one
}

// Network is what one host can do. Every call returns at once; what comes of it
// arrives later as an Event.
//
// Guarantees, the same on every implementation: bytes of one connection arrive in
// order, without loss or repetition in the middle; nothing arrives after Closed; a
// broken connection may lose any suffix of what was sent, and nobody is told which.
type Network interface {
	// Listen accepts connections on port until the owner stops.
	Listen(port Port)
	// Dial starts a connection. Connected or Closed follows; a dial into a partition
	// takes minutes to fail, so the owner keeps its own timeout and calls Close.
	Dial(to Addr) Conn
	// Send queues bytes, always all of them. The network takes ownership of b. Sending on a
	// connection that is closed, or not yet connected, is dropped.
	//
	// It returns false when so much waits for the peer that the owner should stop: then one
	// Writable follows, once there is room again, or Closed. An owner that goes on without
	// end loses the connection, because the network cannot keep everything.
	Send(c Conn, b []byte) bool
	// Pause stops reading: no byte is received until Resume, and nor is the orderly end
	// behind the bytes. What the peer sends fills the window, and then its own Send says
	// false: this is how an owner hands on the pressure on a queue of its own instead of
	// letting the queue grow. That the connection broke is still told; what was unread is
	// lost then. Pausing twice is pausing once.
	Pause(c Conn)
	// Resume undoes Pause. What waits is received in events of its own.
	Resume(c Conn)
	// Close ends the connection in an orderly way; the peer sees Closed after all
	// bytes sent before. The owner sees no further event of c.
	Close(c Conn)
}
