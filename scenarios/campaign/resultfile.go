package campaign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// resultFormat is the version of the files that this code writes and reads.
const resultFormat = 1

// resultHead is the first line of a file.
type resultHead struct {
	Type   string  `json:"type"` // campaign
	Format int     `json:"format"`
	Ranges []Range `json:"ranges"`
	Program
}

// resultLine is any other line.
type resultLine struct {
	Run     *Run  `json:"run,omitempty"`
	Finding *Told `json:"finding,omitempty"`
}

// Save writes the result as JSON lines: the program, the runs, the findings. The file
// appears whole or not at all.
func (r *Result) Save(file string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(resultHead{"campaign", resultFormat, r.Ranges, r.Program})
	for i := range r.Runs {
		err = errors.Join(err, e.Encode(resultLine{Run: &r.Runs[i]}))
	}
	for i := range r.Findings {
		err = errors.Join(err, e.Encode(resultLine{Finding: &r.Findings[i]}))
	}
	if err != nil {
		return err
	}
	return WriteFile(file, b.Bytes())
}

// LoadResult reads what Save has written, and says what is wrong with it, if anything is.
func LoadResult(file string) (*Result, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := readResult(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

func readResult(in *bufio.Reader) (*Result, error) {
	var head resultHead
	if err := readLine(in, &head); err != nil || head.Type != "campaign" {
		return nil, fmt.Errorf("line 1: not the result of a hunt, which hunt --result writes")
	}
	if head.Format != resultFormat {
		return nil, fmt.Errorf("line 1: format is %d; this zoobreak reads %d", head.Format, resultFormat)
	}
	r := &Result{Program: head.Program, Ranges: head.Ranges}
	for n := 2; ; n++ {
		var l resultLine
		err := readLine(in, &l)
		switch {
		case err == io.EOF:
			r.sort()
			return r, r.unique()
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", n, err)
		case l.Run != nil:
			r.Runs = append(r.Runs, *l.Run)
		case l.Finding != nil:
			r.Findings = append(r.Findings, *l.Finding)
		default:
			return nil, fmt.Errorf("line %d: neither a run nor a finding", n)
		}
	}
}

// unique says which run the result has twice, if any: it would count twice.
func (r *Result) unique() error {
	for i := 1; i < len(r.Runs); i++ {
		if a, b := r.Runs[i-1], r.Runs[i]; a.Scenario == b.Scenario && a.Seed.Compare(b.Seed) == 0 {
			return fmt.Errorf("seed %v of scenario %s is there twice", a.Seed, a.Scenario)
		}
	}
	return nil
}

// readLine decodes one line; io.EOF is the end of the file, and half a line an error.
func readLine(in *bufio.Reader, v any) error {
	line, err := in.ReadBytes('\n')
	switch {
	case err == io.EOF && len(line) == 0:
		return io.EOF
	case err != nil:
		return fmt.Errorf("the line has no end: %w", io.ErrUnexpectedEOF)
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// compact returns JSON in one line.
func compact(b []byte) json.RawMessage {
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		panic("campaign: a plan is no JSON: " + err.Error())
	}
	return out.Bytes()
}
