package simnet

// Connections returns how many connections take memory, and how many ever did at one time.
func (n *Net) Connections() (inUse, slots int) { return len(n.slots) - len(n.free), len(n.slots) }
