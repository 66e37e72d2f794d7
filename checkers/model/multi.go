package model

import "github.com/zoobreak/zoobreak/wire"

// inMulti are the operations that a multi may hold.
func inMulti(c wire.OpCode) bool {
	switch c {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpDelete, wire.OpSetData, wire.OpCheck:
		return true
	}
	return false
}

// multi carries out all of its operations or none. Of a failed one the client is told
// which failed and why; the header says that all is well.
func (s *State) multi(w Write) (Answer, []Change) {
	for _, op := range w.Request.Ops {
		if !inMulti(op.Type) {
			return refuse(wire.MarshallingError), nil
		}
	}
	before := s.Clone()
	t := &transaction{State: s, Write: w}
	results := []wire.Result{}
	for i, op := range w.Request.Ops {
		r := t.do(op.Request(0))
		if r.Err != wire.OK {
			s.nodes = before.nodes
			return answer(wire.Reply{Results: failure(len(w.Request.Ops), i, r.Err)}), nil
		}
		results = append(results, wire.Result{Type: op.Effective(), Path: r.Path, Stat: r.Stat})
	}
	return answer(wire.Reply{Results: results}), t.changes
}

// failure is the answer to n operations of which number failed did: before it nothing is
// wrong, and what comes after it was not looked at.
func failure(n, failed int, c wire.Code) []wire.Result {
	results := make([]wire.Result, n)
	for i := range results {
		results[i].Type = wire.OpError
		switch {
		case i == failed:
			results[i].Err = c
		case i > failed:
			results[i].Err = wire.RuntimeInconsistency
		}
	}
	return results
}
