package model

import (
	"fmt"
	"strconv"
	"strings"
)

// A quota is two nodes below /zookeeper/quota and the path that it is for: the limits,
// which people write, and the usage, which the server keeps.
const (
	quotaRoot  = "/zookeeper/quota"
	limitsName = "/zookeeper_limits"
	usageName  = "/zookeeper_stats"
)

// limited returns the path, the node itself or the nearest one above it, that has limits.
// Nothing below /zookeeper is counted.
func (s *State) limited(path string) (string, bool) {
	if path == "/zookeeper" || strings.HasPrefix(path, "/zookeeper/") {
		return "", false
	}
	for p := path; p != "/"; p = parent(p) {
		if s.nodes[quotaRoot+p+limitsName] != nil {
			return p, true
		}
	}
	return "", false
}

// count keeps the usage. It changes data only: the server writes it beside all order, so
// version, mzxid and watches know nothing of it. When the node of the usage is made, it
// is told what there is.
func (t *transaction) count(path string, nodes, bytes int) {
	if base, ok := strings.CutSuffix(path, usageName); ok && nodes > 0 && strings.HasPrefix(base, quotaRoot+"/") {
		t.recount(strings.TrimPrefix(base, quotaRoot))
		return
	}
	p, ok := t.limited(path)
	if !ok {
		return
	}
	usage := t.nodes[quotaRoot+p+usageName]
	if usage == nil {
		return
	}
	had := parseUsage(usage.data)
	usage.data = usageText(had.count+int64(nodes), had.bytes+int64(bytes))
}

// recount sets the usage to what is found at and below a path.
func (t *transaction) recount(path string) {
	var nodes, bytes int64
	for _, p := range t.Paths() {
		if p == path || strings.HasPrefix(p, path+"/") {
			nodes++
			bytes += int64(len(t.nodes[p].data))
		}
	}
	if nodes > 0 {
		t.nodes[quotaRoot+path+usageName].data = usageText(nodes, bytes)
	}
}

type usage struct{ count, bytes, countHard, bytesHard int64 }

func usageText(count, bytes int64) []byte { return fmt.Appendf(nil, "count=%d,bytes=%d", count, bytes) }

// parseUsage reads "count=3,bytes=29", with optional hard limits; -1 is no limit.
func parseUsage(b []byte) usage {
	u := usage{-1, -1, -1, -1}
	into := map[string]*int64{"count": &u.count, "bytes": &u.bytes, "countHardLimit": &u.countHard, "byteHardLimit": &u.bytesHard}
	for _, field := range strings.FieldsFunc(string(b), func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, _ := strings.Cut(field, "=")
		if to := into[name]; to != nil {
			if n, err := strconv.ParseInt(strings.TrimSuffix(value, "="), 10, 64); err == nil {
				*to = n
			}
		}
	}
	return u
}

// overQuota reports whether a change would pass a hard limit, if those are enforced.
func (s *State) overQuota(path string, nodes, bytes int) bool {
	p, ok := s.limited(path)
	if !ok || !s.cfg.EnforceQuota {
		return false
	}
	limits := parseUsage(s.nodes[quotaRoot+p+limitsName].data)
	had := usage{}
	if u := s.nodes[quotaRoot+p+usageName]; u != nil {
		had = parseUsage(u.data)
	}
	return nodes > 0 && limits.countHard > -1 && had.count+int64(nodes) > limits.countHard ||
		bytes > 0 && limits.bytesHard > -1 && had.bytes+int64(bytes) > limits.bytesHard
}
