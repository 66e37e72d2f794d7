package host

import (
	"slices"

	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
)

// outstanding is how many requests of one client may wait for the ensemble before it is not
// read any more. ZooKeeper's globalOutstandingLimit is a thousand of all clients together.
const outstanding = 1000

// client says why a client is not read: it does not take its replies, and each request that
// is read makes another; or too many of its requests wait.
type client struct{ full, busy, paused bool }

// send gives messages to the network. Links between servers are always read, however slow:
// what comes on them is what the protocol's own timeouts wait for.
func (h *Host) send(msgs []node.Message) {
	for _, m := range msgs {
		c := net.Conn(m.Conn)
		if len(m.Data) > 0 && !h.env.Net.Send(c, m.Data) {
			h.attend(c, func(x *client) { x.full = true })
		}
		if m.Close {
			delete(h.clients, c)
			h.env.Net.Close(c)
		}
	}
}

// attend changes what is known of a client, and stops or starts reading it.
func (h *Host) attend(c net.Conn, change func(*client)) {
	x := h.clients[c]
	if x == nil {
		return
	}
	change(x)
	if stop := x.full || x.busy; stop != x.paused {
		x.paused = stop
		if stop {
			h.env.Net.Pause(c)
		} else {
			h.env.Net.Resume(c)
		}
	}
}

// watch stops reading a client of which too many requests wait.
func (h *Host) watch(c net.Conn) {
	if x := h.clients[c]; x != nil && !x.busy && h.node.Waiting(node.Conn(c)) >= outstanding {
		h.busyClients = append(h.busyClients, c)
		h.attend(c, func(x *client) { x.busy = true })
	}
}

// relieve reads those clients again of which half as many wait.
func (h *Host) relieve() {
	h.busyClients = slices.DeleteFunc(h.busyClients, func(c net.Conn) bool {
		if h.clients[c] != nil && h.node.Waiting(node.Conn(c)) > outstanding/2 {
			return false
		}
		h.attend(c, func(x *client) { x.busy = false })
		return true
	})
}
