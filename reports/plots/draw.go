package plots

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/zoobreak/zoobreak/clock"
)

// textStyle is one typeface for everything, so that a drawing embeds one font.
func textStyle(size vg.Length) text.Style {
	return text.Style{
		Color:   color.Black,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		Handler: plot.DefaultTextHandler,
	}
}

// restyle gives s the common typeface and keeps its alignment.
func restyle(s *text.Style, size vg.Length) { s.Font = textStyle(size).Font }

func seconds(i clock.Instant) float64 { return float64(i) / 1e9 }

// draw draws axes and marks on the canvas.
func (c *chart) draw(area draw.Canvas, title string) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "virtual time (s)", "process"
	restyle(&p.Title.TextStyle, 11)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		restyle(&a.Label.TextStyle, 10)
		restyle(&a.Tick.Label, 9)
	}
	p.X.Min, p.X.Max = 0, seconds(c.end)
	p.Y.Min, p.Y.Max = -float64(len(c.rows))+0.5, 0.5
	p.Y.Tick.Marker, p.Y.Tick.Length = plot.ConstantTicks(c.rowTicks()), 0
	p.Add(c)
	p.Draw(area)
}

func (c *chart) rowTicks() []plot.Tick {
	var ticks []plot.Tick
	for i, label := range c.rows {
		ticks = append(ticks, plot.Tick{Value: -float64(i), Label: label})
	}
	return ticks
}

// Plot draws the marks: it makes a chart a plot.Plotter.
func (c *chart) Plot(area draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&area)
	g := geometry{area: area, x: func(i clock.Instant) vg.Length { return x(seconds(i)) }, y: y}
	g.bands(c.marks)
	g.layer(c.marks, false)
	g.layer(c.marks, true)
	g.faultNumbers(c.marks)
}

// layer draws either the points or everything else, kind after kind: no bar hides a point.
func (g geometry) layer(marks []mark, points bool) {
	for k := range kind(kinds) {
		if (looks[k].glyph != nil) != points {
			continue
		}
		for _, m := range marks {
			if m.kind == k {
				g.mark(m)
			}
		}
	}
}

// geometry places marks on a canvas.
type geometry struct {
	area draw.Canvas
	x    func(clock.Instant) vg.Length
	y    func(float64) vg.Length
}

// bands shades the whole height under each fault.
func (g geometry) bands(marks []mark) {
	for _, m := range marks {
		if m.kind == fault {
			g.box(shade, g.x(m.from), g.x(m.to), g.area.Min.Y, g.area.Max.Y)
		}
	}
}

func (g geometry) mark(m mark) {
	l := looks[m.kind]
	middle := -float64(m.row) + l.offset
	switch {
	case m.kind == healed:
		g.area.StrokeLine2(healedLine, g.x(m.from), g.area.Min.Y, g.x(m.from), g.area.Max.Y)
	case l.glyph != nil:
		g.area.DrawGlyphNoClip(l.glyphStyle(), vg.Point{X: g.x(m.from), Y: g.y(middle)})
	case l.height > 0:
		g.box(l.color, g.x(m.from), g.x(m.to), g.y(middle-l.height/2), g.y(middle+l.height/2))
	default:
		g.area.StrokeLine2(hairline(l.color), g.x(m.from), g.y(middle-0.1), g.x(m.from), g.y(middle+0.1))
	}
}

// box fills a rectangle that is at least visible: the shortest interval is an event too.
func (g geometry) box(c color.Color, x0, x1, y0, y1 vg.Length) {
	x1 = max(x1, x0+0.8)
	g.area.FillPolygon(c, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

// faultNumbers writes which fault each bar is, counted from the first to begin, where
// there is room for it.
func (g geometry) faultNumbers(marks []mark) {
	style := textStyle(8)
	style.YAlign = -0.5
	free := g.area.Min.X
	n := 0
	for _, m := range marks {
		if m.kind != fault {
			continue
		}
		n++
		label := fmt.Sprint(n)
		at := g.x(m.from) + 2
		if at < free || at+style.Width(label) > g.area.Max.X {
			continue
		}
		g.area.FillText(style, vg.Point{X: at, Y: g.y(-float64(m.row))}, label)
		free = at + style.Width(label) + 2
	}
}
