package campaign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// The files of a finding.
const (
	PlanFile     = "plan.json"     // the shrunk plan: what replay needs
	OriginalFile = "original.json" // as drawn
	FindingFile  = "finding.json"  // Record
	OutcomeFile  = "outcome.json"  // of the shrunk plan, with history
)

// Record is what is kept about a finding, beside its plan.
type Record struct {
	Version    int             `json:"version"`
	Scenario   string          `json:"scenario"`
	Program    string          `json:"program,omitempty"` // a test function of somebody else's module
	Finding    outcome.Finding `json:"finding"`
	Digest     string          `json:"digest"`
	Exact      bool            `json:"exact"`
	Tier       string          `json:"tier"`
	Reproduced int             `json:"reproduced"`
	Of         int             `json:"of"`
	ShrunkFrom scenarios.Size  `json:"shrunk_from"`
	ShrunkTo   scenarios.Size  `json:"shrunk_to"`
	ShrinkRuns int             `json:"shrink_runs"`
	Go         string          `json:"go"`
}

// Record returns what is kept about the finding.
func (f *Found) Record() Record {
	return Record{
		Version: 1, Scenario: f.Scenario.Name, Finding: f.Finding, Digest: f.Outcome.Digest, Exact: f.Scenario.Exact(),
		Tier: f.Scenario.Tier(), Reproduced: f.Reproduced, Of: f.Of, ShrunkFrom: f.Original.Size(), ShrunkTo: f.Plan.Size(),
		ShrinkRuns: f.Runs, Go: runtime.Version(),
	}
}

// ID is a short hash of the finding's signature.
func (f *Found) ID() string {
	h := fnv.New32a()
	h.Write([]byte(f.Finding.Signature))
	return fmt.Sprintf("%04x", h.Sum32()&0xffff)
}

// Name is a short name for the finding: the scenario, the rule and its ID.
func (f *Found) Name() string {
	return fmt.Sprintf("%s-%s-%s", f.Scenario.Name, strings.ToLower(f.Finding.Rule), f.ID())
}

// Save writes the finding's directory under out, and returns it.
func (f *Found) Save(out string) (dir string, err error) {
	return filepath.Join(out, f.Name()), f.SaveAs(out, f.Name())
}

// SaveAs writes the finding's directory of that name. Each file appears whole or not at
// all.
func (f *Found) SaveAs(out, name string) error {
	if err := MakeOut(out); err != nil {
		return err
	}
	dir := filepath.Join(out, name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		data []byte
	}{
		{PlanFile, f.Plan.JSON()}, {OriginalFile, f.Original.JSON()},
		{FindingFile, Encode(f.Record())}, {OutcomeFile, Encode(f.Outcome)},
	} {
		if err := WriteFile(filepath.Join(dir, file.name), file.data); err != nil {
			return err
		}
	}
	return nil
}

// Encode returns indented JSON.
func Encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("campaign: a finding cannot be encoded: " + err.Error())
	}
	return b.Bytes()
}

// MakeOut makes an output directory that version control ignores.
func MakeOut(out string) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	ignore := filepath.Join(out, ".gitignore")
	if _, err := os.Stat(ignore); err == nil {
		return nil
	}
	return os.WriteFile(ignore, []byte("*\n"), 0o666)
}

// WriteFile writes a file whole: a reader sees the old one or the new one.
func WriteFile(name string, data []byte) error {
	tmp := name + ".tmp"
	if err := os.WriteFile(tmp, data, 0o666); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// LoadPlan reads a plan from a file, or from the directory of a finding; record is nil if
// there is no finding.json beside it.
func LoadPlan(path string) (p *scenarios.Plan, record *Record, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, PlanFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if p, err = scenarios.ParsePlan(b); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	b, err = os.ReadFile(filepath.Join(filepath.Dir(path), FindingFile))
	if err != nil || filepath.Base(path) != PlanFile {
		return p, nil, nil
	}
	record = &Record{}
	if err := json.Unmarshal(b, record); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", filepath.Join(filepath.Dir(path), FindingFile), err)
	}
	return p, record, nil
}
