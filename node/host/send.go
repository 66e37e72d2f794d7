package host

import (
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
)

// send gives messages to the network. A client that does not take its replies is not read
// any more until it does: each request that is read makes another reply, and a client that
// sends without reading would have the server keep them all. Links between servers are
// always read: what comes on them is what the protocol's own timeouts wait for.
func (h *Host) send(msgs []node.Message) {
	for _, m := range msgs {
		c := net.Conn(m.Conn)
		if len(m.Data) > 0 && !h.env.Net.Send(c, m.Data) && h.heard[c] {
			h.heard[c] = false
			h.env.Net.Pause(c)
		}
		if m.Close {
			delete(h.heard, c)
			h.env.Net.Close(c)
		}
	}
}

// hearAgain reads a client again that has taken its replies.
func (h *Host) hearAgain(c net.Conn) {
	if heard, client := h.heard[c]; client && !heard {
		h.heard[c] = true
		h.env.Net.Resume(c)
	}
}
