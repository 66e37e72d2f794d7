package status

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// commands is what the admin endpoint answers, as values to be encoded in JSON.
var commands = map[string]func(*Report) map[string]any{
	"configuration": func(r *Report) map[string]any { return settings(r.Conf) },
	"environment":   func(r *Report) map[string]any { return settings(r.Environ) },
	"connections":   func(r *Report) map[string]any { return map[string]any{"connections": r.connections()} },
	"is_read_only":  func(*Report) map[string]any { return map[string]any{"read_only": false} },
	"leader":        (*Report).leaderCommand,
	"monitor":       (*Report).monitor,
	"ruok":          func(*Report) map[string]any { return map[string]any{} },
	"server_stats":  (*Report).serverStats,
	"sessions":      (*Report).sessionsCommand,
	"zabstate":      (*Report).zabState,
}

// Commands returns the names of all.
func Commands() []string { return slices.Sorted(maps.Keys(commands)) }

// Command answers a command; ok is false if there is none of the name.
func (r *Report) Command(name string) (answer map[string]any, ok bool) {
	c := commands[name]
	if c == nil {
		return nil, false
	}
	answer = c(r)
	answer["command"], answer["error"] = name, nil
	return answer, true
}

func settings(all []Setting) map[string]any {
	m := map[string]any{}
	for _, s := range all {
		m[s.Key] = s.Value
	}
	return m
}

func hex(v uint64) string { return "0x" + strconv.FormatUint(v, 16) }

func (r *Report) connections() []map[string]any {
	all := []map[string]any{}
	for _, c := range r.Clients() {
		all = append(all, map[string]any{
			"remote_socket_address": string(c.Peer), "secure": c.Secure, "session_id": hex(uint64(c.Session)),
			"session_timeout": c.Timeout.Milliseconds(), "established": r.millis(c.Since), "outstanding_requests": c.Waiting,
			"packets_received": c.Received, "packets_sent": c.Sent, "last_operation": abbreviation(c.LastOp),
			"last_zxid": hex(uint64(c.LastZxid)), "last_latency": c.LastLatency.Milliseconds(), "min_latency": c.Latency.Min.Milliseconds(),
			"avg_latency": c.Latency.Mean().Milliseconds(), "max_latency": c.Latency.Max.Milliseconds(),
		})
	}
	return all
}

func (r *Report) leaderCommand() map[string]any {
	return map[string]any{"is_leader": r.Mode() == "leader", "leader_id": int(r.Node.Leader)}
}

func (r *Report) monitor() map[string]any {
	m := map[string]any{"version": r.Version.String(), "server_state": r.Mode()}
	for _, x := range r.metrics() {
		if n, err := strconv.ParseFloat(x.value, 64); err == nil {
			m[x.name] = n
		}
	}
	return m
}

func (r *Report) serverStats() map[string]any {
	t := &r.Traffic
	return map[string]any{
		"version": r.Version.String(), "read_only": false, "node_count": r.Tree.Len(),
		"server_stats": map[string]any{
			"packets_sent": t.Sent, "packets_received": t.Received, "num_alive_client_connections": t.Connections,
			"outstanding_requests": t.Outstanding, "last_processed_zxid": uint64(r.Node.Zxid), "server_state": r.Mode(),
			"min_latency": t.Latency.Min.Milliseconds(), "avg_latency": t.Latency.Mean().Milliseconds(), "max_latency": t.Latency.Max.Milliseconds(),
			"data_dir_size": r.DirBytes(), "uptime": r.uptime().Milliseconds(),
		},
	}
}

func (r *Report) sessionsCommand() map[string]any {
	all := []map[string]any{}
	for _, s := range r.Tree.Sessions() {
		ms, _ := r.Tree.SessionTimeout(s)
		all = append(all, map[string]any{"session_id": hex(uint64(s)), "timeout": ms, "ephemerals": r.Tree.Ephemerals(s)})
	}
	return map[string]any{"sessions": all}
}

func (r *Report) zabState() map[string]any {
	s := r.Node
	return map[string]any{
		"id": int(s.ID), "role": s.Role.String(), "serving": s.Serving, "voting": r.Mode() != "observer", "last_zxid": hex(uint64(s.Logged)),
		"committed_zxid": hex(uint64(s.Committed)), "epoch": fmt.Sprint(s.Epoch), "learners": s.Learners, "synced_learners": s.Synced,
	}
}
