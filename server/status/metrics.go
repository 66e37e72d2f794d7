package status

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// metric is one figure, named as in mntr without its prefix.
type metric struct {
	name, kind, help string
	value            string
}

func gauge[T int | int64](name, help string, v T) metric {
	return metric{name, "gauge", help, strconv.FormatInt(int64(v), 10)}
}

func counter(name, help string, v int64) metric {
	return metric{name, "counter", help, strconv.FormatInt(v, 10)}
}

func (r *Report) metrics() []metric {
	t, c := &r.Traffic, &r.Counts
	_, _, watches := r.Watches.Counts()
	all := []metric{
		{"avg_latency", "gauge", "mean time from a request's last byte to its reply, in milliseconds", average(t.Latency)},
		gauge("min_latency", "shortest of these times, in milliseconds", t.Latency.Min.Milliseconds()),
		gauge("max_latency", "longest of these times, in milliseconds", t.Latency.Max.Milliseconds()),
		counter("packets_received", "frames and four-letter words from clients", t.Received),
		counter("packets_sent", "frames to clients", t.Sent),
		counter("bytes_received_count", "bytes from clients", t.BytesReceived),
		counter("response_bytes", "bytes to clients", t.BytesSent),
		gauge("num_alive_connections", "connections of clients", t.Connections),
		gauge("outstanding_requests", "requests that wait for their reply", t.Outstanding),
		counter("connection_request_count", "connections of clients that were let in", t.Accepted),
		counter("connection_rejected", "connections of clients that were one too many", t.Rejected),
		counter("sessionless_connections_expired", "connections that never asked for a session", t.Sessionless),
		counter("request_throttle_wait_count", "times a client was not read because too many requests waited", t.Held),
		gauge("znode_count", "nodes", r.Tree.Len()),
		gauge("approximate_data_size", "bytes of data", r.Tree.Bytes()),
		gauge("watch_count", "watches", watches),
		gauge("ephemerals_count", "ephemeral nodes", r.ephemerals()),
		gauge("global_sessions", "sessions", len(r.Tree.Sessions())),
		gauge("uptime", "since the start, in milliseconds", r.uptime().Milliseconds()),
		counter("looking_count", "times the server began to look for a leader", c.Looking),
		counter("stale_sessions_expired", "sessions that this server, as the leader, has ended because their time ran out", c.Expired),
		counter("cnt_fsynctime", "batches that the disk has made durable", c.Batches),
		counter("sum_fsynctime", "time of that, in milliseconds", c.Syncing.Milliseconds()),
		gauge("max_fsynctime", "longest of it, in milliseconds", c.MaxSync.Milliseconds()),
	}
	if r.Mode() == "leader" {
		all = append(all,
			gauge("learners", "servers that follow", r.Node.Learners),
			gauge("synced_followers", "those that are up to date", r.Node.Synced),
			gauge("outstanding_proposals", "proposals that are not committed yet", r.Node.Proposals))
	}
	return all
}

// Metrics is the report in the text format of Prometheus.
func (r *Report) Metrics() string {
	var b strings.Builder
	for _, m := range r.metrics() {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n%s %s\n", m.name, m.help, m.name, m.kind, m.name, m.value)
	}
	fmt.Fprintf(&b, "# HELP server_state 1 for the part that this server has\n# TYPE server_state gauge\nserver_state{state=%q} 1\n", r.Mode())
	fmt.Fprintf(&b, "# HELP serving 1 if clients are served\n# TYPE serving gauge\nserving %d\n", number(r.Node.Serving))
	return b.String()
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// abbreviation is what cons calls an operation.
func abbreviation(op wire.OpCode) string {
	if s, ok := abbreviations[op]; ok {
		return s
	}
	return "NA"
}

var abbreviations = map[wire.OpCode]string{
	wire.OpCreate: "CREA", wire.OpCreate2: "CREA", wire.OpDelete: "DELE", wire.OpExists: "EXIS", wire.OpGetData: "GETD",
	wire.OpSetData: "SETD", wire.OpGetACL: "GETA", wire.OpSetACL: "SETA", wire.OpGetChildren: "GETC",
	wire.OpGetChildren2: "GETC", wire.OpSync: "SYNC", wire.OpPing: "PING", wire.OpMulti: "MULT", wire.OpMultiRead: "MULTIR",
	wire.OpCheck: "CHEC", wire.OpReconfig: "RECO", wire.OpSetWatches: "SETW", wire.OpSetWatches2: "SETW2",
	wire.OpAddWatch: "ADDW", wire.OpCheckWatches: "CHKW", wire.OpRemoveWatches: "REMW", wire.OpAuth: "AUTH",
	wire.OpGetEphemerals: "GETE", wire.OpGetAllChildrenNumber: "GACN", wire.OpCreateContainer: "CREC", wire.OpCreateTTL: "CRTT",
	wire.OpWhoAmI: "WHOA", wire.OpSASL: "SASL", wire.OpCreateSession: "SESS", wire.OpCloseSession: "CLOS",
}
