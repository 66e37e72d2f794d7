package plots

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of the legend, in points.
const (
	swatch     = 18 * vg.Length(1)
	gap        = 14 * vg.Length(1)
	lineHeight = 15 * vg.Length(1)
)

// legend explains the kinds that occur. It stands above the axes, where no data is.
type legend struct{ lines [][]entry }

type entry struct {
	kind  kind
	label string
	left  vg.Length
}

// newLegend lays the entries out in lines of at most width.
func newLegend(c *chart, width vg.Length) legend {
	var l legend
	left := width // the first entry starts a line
	for k := range kind(kinds) {
		if c.found[k] == 0 {
			continue
		}
		e := entry{kind: k, label: c.label(k)}
		need := swatch + 4 + textStyle(9).Width(e.label)
		if left+need > width-gap {
			l.lines, left = append(l.lines, nil), gap
		}
		e.left = left
		left += need + gap
		last := len(l.lines) - 1
		l.lines[last] = append(l.lines[last], e)
	}
	return l
}

// label says how many marks of the kind are drawn, if not all are.
func (c *chart) label(k kind) string {
	if c.kept[k] == c.found[k] {
		return looks[k].label
	}
	return fmt.Sprintf("%s (%d of %d drawn)", looks[k].label, c.kept[k], c.found[k])
}

func (l legend) height() vg.Length { return 6 + lineHeight*vg.Length(len(l.lines)) }

func (l legend) draw(area draw.Canvas) {
	style := textStyle(9)
	style.YAlign = -0.5
	for i, line := range l.lines {
		middle := area.Max.Y - 4 - lineHeight*(vg.Length(i)+0.5)
		for _, e := range line {
			e.draw(area, middle)
			area.FillText(style, vg.Point{X: e.left + swatch + 4, Y: middle}, e.label)
		}
	}
}

// draw draws the sample of one kind.
func (e entry) draw(area draw.Canvas, middle vg.Length) {
	l := looks[e.kind]
	centre := vg.Point{X: e.left + swatch/2, Y: middle}
	switch {
	case e.kind == healed:
		area.StrokeLine2(healedLine, centre.X, middle-6, centre.X, middle+6)
	case l.glyph != nil:
		area.DrawGlyphNoClip(l.glyphStyle(), centre)
	case l.height > 0:
		g := geometry{area: area}
		if e.kind == fault {
			g.box(shade, e.left, e.left+swatch, middle-6, middle+6)
		}
		g.box(l.color, e.left, e.left+swatch, middle-3, middle+3)
	default:
		area.StrokeLine2(hairline(l.color), centre.X, middle-3, centre.X, middle+3)
	}
}
