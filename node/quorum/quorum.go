package quorum

import "slices"

// Quorum reports whether those are enough: any two sets that are share a participant.
// Without groups that is a majority; with groups, a majority of the groups that weigh
// something, each by more than half of its weight. Observers and strangers do not count.
func (c *Config) Quorum(has func(ID) bool) bool {
	if !c.groups {
		count, voters := 0, 0
		for i := range c.members {
			if c.members[i].Role != Participant {
				continue
			}
			voters++
			if has(c.members[i].ID) {
				count++
			}
		}
		return count > voters/2
	}
	won := 0
	total := c.weights()
	for group, weight := range total { //tidy:order-free a sum
		got := 0
		for _, m := range c.members {
			if m.Role == Participant && m.Group == group && has(m.ID) {
				got += m.Weight
			}
		}
		if got > weight/2 {
			won++
		}
	}
	return won > len(total)/2
}

// weights returns the weight of each group that has one.
func (c *Config) weights() map[int]int {
	total := map[int]int{}
	for _, m := range c.members {
		if m.Role == Participant && m.Weight > 0 {
			total[m.Group] += m.Weight
		}
	}
	return total
}

// Joint is the configurations that all must agree: the one in force, and while a change
// is under way the next one as well (A19, A28.33).
type Joint []*Config

// Quorum reports whether those are enough for each of them.
func (j Joint) Quorum(has func(ID) bool) bool {
	return !slices.ContainsFunc(j, func(c *Config) bool { return !c.Quorum(has) })
}
