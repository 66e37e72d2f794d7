package server

import "github.com/zoobreak/zoobreak/node/txnlog"

// files is how the disk is used.
func (c *Config) files() txnlog.Config {
	return txnlog.Config{KeepSnapshots: c.KeepSnapshots, Preallocate: int64(c.PreallocKiB) << 10}
}

// found reports what is not as it should be in the data directory, and harms nobody.
func (s *Server) found(img txnlog.Image) {
	if t := img.Torn; t != nil {
		s.cfg.Log.Warn("log: a torn tail is cut off", "file", t.File, "at", t.At, "bytes", t.Bytes, "after", t.After)
	}
	for _, d := range img.Damaged {
		s.cfg.Log.Error("a snapshot is damaged; an older one and the logs behind it are read", "file", d.File, "why", d.Why)
	}
	for _, name := range img.LeftOver {
		s.cfg.Log.Info("a file that is no part of the history is removed", "file", name)
	}
}
