package server

import (
	"log/slog"
	"strings"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node"
)

// note counts and logs what the node reports.
func (s *Server) note(f history.Fact) {
	switch f.Kind {
	case history.Role:
		if strings.HasPrefix(f.Note, node.Looking.String()) {
			s.counts.Looking++
		}
		s.log("role", "role", f.Note)
	case history.Established:
		s.log("leads", "epoch", f.Epoch, "zxid", f.Zxid)
	case history.Synced:
		s.log("up to date", "zxid", f.Zxid)
	case history.Restored:
		s.counts.Snapshot++
		s.log("restored", "zxid", f.Zxid)
	case history.SessionExpired:
		s.counts.Expired++
		s.cfg.Log.Debug("session expires", "server", s.cfg.ID, slog.Any("session", f.Session))
	}
}

func (s *Server) log(what string, args ...any) {
	s.cfg.Log.Info(what, append([]any{"server", s.cfg.ID}, args...)...)
}
