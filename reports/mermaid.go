package reports

import (
	"fmt"
	"slices"
	"strings"
)

// sequence draws the steps as a Mermaid sequence diagram: clients to the left, the
// servers, then the resources; faults and what servers do as notes.
func sequence(steps []Step) string {
	d := diagram{ids: map[string]string{}}
	d.line("sequenceDiagram")
	d.participants(steps)
	for _, s := range steps {
		d.step(s, mark(s, steps))
	}
	return d.b.String()
}

type diagram struct {
	b     strings.Builder
	ids   map[string]string // label to the identifier that the diagram uses
	order []string          // identifiers from left to right
}

func (d *diagram) line(format string, args ...any) {
	fmt.Fprintf(&d.b, format+"\n", args...)
}

func (d *diagram) participants(steps []Step) {
	var clients, resources []string
	for _, s := range steps {
		if isClient(s.Who) {
			clients = append(clients, s.Who)
		}
		if s.To != "" && s.To != servers {
			resources = append(resources, s.To)
		}
	}
	slices.Sort(clients)
	slices.Sort(resources)
	for _, label := range slices.Compact(clients) {
		d.declare("C", label)
	}
	d.declare("S", servers)
	for _, label := range slices.Compact(resources) {
		d.declare("R", label)
	}
}

func (d *diagram) declare(prefix, label string) {
	id := fmt.Sprintf("%s%d", prefix, len(d.order)+1)
	d.ids[label] = id
	d.order = append(d.order, id)
	d.line("  participant %s as %s", id, mermaid(label))
}

// step draws one step; contradicting ones stand on a coloured ground.
func (d *diagram) step(s Step, mark string) {
	if s.Contradiction {
		d.line("  rect rgba(213, 94, 0, 0.25)")
		defer d.line("  end")
	}
	from, acts := d.ids[s.Who]
	text := s.Text
	if !acts {
		text = s.Sentence()
	}
	text = s.At.String() + " " + mermaid(text)
	if mark != "" {
		text += " (" + mark + ")"
	}
	d.line("  %s: %s", d.link(s, from), text)
}

// link is what a step is drawn as: an arrow, or a note over those whom it concerns.
func (d *diagram) link(s Step, from string) string {
	switch {
	case s.Fault:
		return "Note over " + d.across()
	case from == "":
		return "Note over " + d.ids[servers]
	case s.To == "":
		return "Note over " + from
	case s.Refused:
		return from + "-x" + d.ids[s.To]
	}
	return from + "->>" + d.ids[s.To]
}

// across names the outermost participants.
func (d *diagram) across() string {
	if len(d.order) == 1 {
		return d.order[0]
	}
	return d.order[0] + "," + d.order[len(d.order)-1]
}

func isClient(who string) bool { return strings.HasPrefix(who, "client ") }
