package tree

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// A quota is two nodes below QuotaRoot and the path that it is for: the limits, which
// people write, and the usage, which the servers keep.
const (
	LimitsName = "zookeeper_limits"
	UsageName  = "zookeeper_stats"
)

// Quota is the content of either node. What is not said is -1: no limit.
type Quota struct{ Count, Bytes, HardCount, HardBytes int64 }

// ParseQuota reads "count=3,bytes=29", with or without "=;byteHardLimit=40;countHardLimit=5"
// behind it. What makes no sense is not said.
func ParseQuota(data []byte) Quota {
	q := Quota{-1, -1, -1, -1}
	separator := func(r rune) bool { return r == ',' || r == ';' }
	for _, field := range strings.FieldsFunc(string(data), separator) {
		name, text, _ := strings.Cut(field, "=")
		v, err := strconv.ParseInt(strings.TrimSuffix(text, "="), 10, 64)
		if err != nil {
			continue
		}
		switch name {
		case "count":
			q.Count = v
		case "bytes":
			q.Bytes = v
		case "countHardLimit":
			q.HardCount = v
		case "byteHardLimit":
			q.HardBytes = v
		}
	}
	return q
}

// Plus returns the data of a usage node that a change has been counted in.
func (q Quota) Plus(nodes, bytes int) []byte {
	return Usage(q.Count+int64(nodes), q.Bytes+int64(bytes))
}

// Usage returns the data of a usage node.
func Usage(count, bytes int64) []byte { return fmt.Appendf(nil, "count=%d,bytes=%d", count, bytes) }

// Recounted returns the path whose usage a new node is to hold, if it is a usage node: it
// is told then what there is.
func Recounted(p wire.Path) (of wire.Path, ok bool) {
	base, isUsage := strings.CutSuffix(string(p), "/"+UsageName)
	of = wire.Path(strings.TrimPrefix(base, string(QuotaRoot)))
	return of, isUsage && strings.HasPrefix(base, string(QuotaRoot)+"/")
}

// Own reports whether a path is at or below OwnRoot, where nothing is counted.
func Own(p wire.Path) bool {
	return p == OwnRoot || strings.HasPrefix(string(p), string(OwnRoot)+"/")
}

// charge keeps the usage of the nearest path, from the root down to p, that has limits.
// Versions, times and watches know nothing of it: it goes along with the change that it
// counts.
func (t *Tree) charge(p wire.Path, nodes, bytes int) {
	if nodes > 0 {
		if of, ok := Recounted(p); ok {
			t.recount(of, p)
			return
		}
	}
	if t.quota.NumChildren() == 0 || Own(p) {
		return
	}
	if at, usage := t.nearest(p); usage != nil {
		t.use(QuotaRoot+at+"/"+UsageName, usage, ParseQuota(usage.Data).Plus(nodes, bytes))
	}
}

// nearest returns the lowest of p and the paths above it that has limits, with its usage.
func (t *Tree) nearest(p wire.Path) (at wire.Path, usage *Node) {
	q := t.quota
	for i := 1; i <= len(p); i++ {
		if i < len(p) && p[i] != '/' {
			continue
		}
		if q = q.Child(p[:i].Base()); q == nil {
			break
		}
		if q.Child(LimitsName) != nil {
			at, usage = p[:i], q.Child(UsageName)
		}
	}
	return at, usage
}

func (t *Tree) recount(of, usage wire.Path) {
	if n := t.Node(of); n != nil {
		nodes, bytes := n.below()
		t.use(usage, t.Node(usage), Usage(int64(nodes+1), int64(bytes+len(n.Data))))
	}
}

func (t *Tree) use(p wire.Path, n *Node, data []byte) {
	t.digest -= t.hash(p, n)
	t.bytes += len(data) - len(n.Data)
	n.Data = data
	t.digest += t.hash(p, n)
}
