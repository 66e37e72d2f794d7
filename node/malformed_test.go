package node

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// What cannot be read is answered in its turn, and the connection lives; an authentication
// that cannot be read ends it without an answer, and an operation that there is not with
// one. ZooKeeper does the same.
func TestMalformedRequests(t *testing.T) {
	cases := []struct {
		name string
		op   wire.OpCode
		body []byte // behind xid and operation
		want string
	}{
		{"cut path of a write", wire.OpCreate, []byte{0, 0, 0, 200, '/'}, "  client 1: create: marshalling error (1,2)\n"},
		{"no body of a read", wire.OpGetData, nil, "  client 1: getData: marshalling error (1,1)\n"},
		{"no body of auth", wire.OpAuth, nil, "  client 1: 3 closes the connection\n"},
		{"unknown operation", 99, []byte{1, 2, 3}, "  client 1: op(99): unimplemented (-1,4294967295)\n  client 1: 3 closes the connection\n"},
		{"nothing wrong", wire.OpExists, []byte{0, 0, 0, 1, '/', 0}, "  client 1: exists: ok (1,1)\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, toldAfter(t, c.op, c.body)) })
	}
}

// toldAfter is what a client is told when it has sent these bytes.
func toldAfter(t *testing.T, op wire.OpCode, body []byte) string {
	c := newCluster(t)
	for _, command := range [][]string{{"elect"}, {"quietly", "client", "1", "connect", "3"}, {"quietly", "run"}} {
		c.command(command)
	}
	u := c.user(1)
	u.asked = append(u.asked, wire.Request{Xid: 7, Op: op})
	var e wire.Encoder
	mark := e.Begin()
	e.Int32(7)
	e.Int32(int32(op))
	e.Buf = append(e.Buf, body...)
	e.End(mark)
	c.fromClient(u, e.Buf)
	c.run()
	var told []string
	for line := range strings.Lines(c.out.String()) {
		if strings.HasPrefix(line, "  client") {
			told = append(told, line)
		}
	}
	return strings.Join(told, "")
}
