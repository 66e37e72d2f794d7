package native

import "github.com/zoobreak/zoobreak/internal/invariant"

var declared invariant.Declared

// Marks are the rare branches of a session that a campaign must reach.
func Marks() []*invariant.Mark { return declared.All() }

var (
	reattached     = declared.Mark("client: attached again", "a session goes on at another connection")
	replaced       = declared.Mark("client: session replaced", "a session is gone, and the client starts a new one")
	unknownOutcome = declared.Mark("client: unknown outcome", "a connection breaks with a request on its way")
	silentServer   = declared.Mark("client: silent server", "a server says nothing for so long that the client leaves it")
)

func (s *Session) sometimes(ok bool, m *invariant.Mark) { invariant.Sometimes(s.cfg.Marks, ok, m) }
