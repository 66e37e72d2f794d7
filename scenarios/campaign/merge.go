package campaign

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/scenarios"
)

// UnfitError says that two results are not of one campaign.
type UnfitError struct{ What, One, Other string }

func (e *UnfitError) Error() string {
	return fmt.Sprintf("%s differs, %s and %s: these are not shards of one campaign", e.What, e.One, e.Other)
}

// MismatchError says that two results have the same run of an exact scenario, and it did
// not run alike.
type MismatchError struct {
	Scenario string
	Seed     scenarios.Seed
	What     string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s, seed %v: an exact scenario ran differently: %s; see: zoobreak doctor %s --seeds %v", e.Scenario, e.Seed, e.What, e.Scenario, e.Seed.Alone())
}

// Merge joins two results as sets: what is in both counts once. Merging is idempotent,
// commutative and associative, so shards may come in any order, twice, and piece by piece.
func Merge(a, b *Result) (*Result, error) {
	if err := fits(a.Program, b.Program); err != nil {
		return nil, err
	}
	out := &Result{Program: a.Program, Ranges: joinRanges(a.Ranges, b.Ranges)}
	if err := out.joinRuns(a.Runs, b.Runs); err != nil {
		return nil, err
	}
	if err := out.joinFindings(a.Findings, b.Findings); err != nil {
		return nil, err
	}
	out.sort()
	return out, nil
}

func fits(a, b Program) error {
	for _, x := range []struct {
		what       string
		one, other any
	}{
		{"the version of zoobreak", a.Version, b.Version},
		{"the revision of zoobreak's source", a.Revision, b.Revision},
		{"the list of scenarios", a.Scenarios, b.Scenarios},
		{"what bugs were switched on", a.Bugs, b.Bugs},
		{"what rules were accepted", a.Accept, b.Accept},
	} {
		if one, other := fmt.Sprintf("%q", x.one), fmt.Sprintf("%q", x.other); one != other {
			return &UnfitError{x.what, one, other}
		}
	}
	return nil
}

// joinRanges returns the same seeds in as few ranges as possible.
func joinRanges(a, b []Range) (all []Range) {
	sorted := append(slices.Clone(a), b...)
	slices.SortFunc(sorted, func(a, b Range) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for _, x := range sorted {
		if n := len(all); n > 0 && (x.From <= all[n-1].To || x.From-all[n-1].To == 1) {
			all[n-1].To = max(all[n-1].To, x.To)
			continue
		}
		all = append(all, x)
	}
	return all
}

// runKey names a run.
type runKey struct {
	scenario string
	seed     string // a Seed is no key
}

func (r *Result) joinRuns(a, b []Run) error {
	r.Runs = slices.Clone(a)
	at := map[runKey]int{}
	for i, x := range a {
		at[runKey{x.Scenario, x.Seed.String()}] = i
	}
	for _, x := range b {
		i, both := at[runKey{x.Scenario, x.Seed.String()}]
		if !both {
			r.Runs = append(r.Runs, x)
			continue
		}
		var err error
		if r.Runs[i], err = sameRun(r.Runs[i], x); err != nil {
			return err
		}
	}
	return nil
}

// sameRun returns what two results say of one run. An exact run is the same in both; of a
// run with guests, which need not be, the worse one stays. The time that it took is never
// the same, and the longer one stays.
func sameRun(a, b Run) (Run, error) {
	wall := max(a.WallNS, b.WallNS)
	a.WallNS, b.WallNS = 0, 0
	one, other := encode(a), encode(b)
	if a.Exact && !bytes.Equal(one, other) {
		return a, &MismatchError{a.Scenario, a.Seed, differenceOf(a, b)}
	}
	if c := a.Verdict.Compare(b.Verdict); c < 0 || c == 0 && bytes.Compare(one, other) < 0 {
		a = b
	}
	a.WallNS = wall
	return a, nil
}

func differenceOf(a, b Run) string {
	switch {
	case a.Digest != b.Digest:
		return fmt.Sprintf("digest %s after %d events, and %s after %d", a.Digest, a.Events, b.Digest, b.Events)
	case a.Verdict != b.Verdict:
		return fmt.Sprintf("the digest is the same, and it was judged %v, and %v", a.Verdict, b.Verdict)
	}
	return "the digest is the same, and what was counted is not"
}

// toldKey names a finding: one hunt tells it once.
type toldKey struct {
	runKey
	signature string
}

func (r *Result) joinFindings(a, b []Told) error {
	r.Findings = slices.Clone(a)
	at := map[toldKey]int{}
	for i, f := range a {
		at[toldKey{runKey{f.Scenario, f.Seed.String()}, f.Finding.Signature}] = i
	}
	for _, f := range b {
		i, both := at[toldKey{runKey{f.Scenario, f.Seed.String()}, f.Finding.Signature}]
		if !both {
			r.Findings = append(r.Findings, f)
			continue
		}
		var err error
		if r.Findings[i], err = sameFinding(r.Findings[i], f); err != nil {
			return err
		}
	}
	return nil
}

// sameFinding returns what two hunts told of one finding. If both shrank it and the
// scenario is exact, they have the same; else the one that was confirmed more often stays.
func sameFinding(a, b Told) (Told, error) {
	if a.Exact && a.Of > 0 && b.Of > 0 && (a.Digest != b.Digest || !bytes.Equal(a.Plan, b.Plan)) {
		return a, &MismatchError{a.Scenario, a.Seed, fmt.Sprintf("%q was shrunk to different plans", a.Finding.Signature)}
	}
	if c := cmp.Or(a.Of-b.Of, a.Reproduced-b.Reproduced, bytes.Compare(encode(a), encode(b))); c < 0 {
		return b, nil
	}
	return a, nil
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("campaign: a result cannot be encoded: " + err.Error())
	}
	return b
}
