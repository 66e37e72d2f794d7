package plots

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// kind is how a mark looks. Points are drawn over bars, later kinds over earlier ones.
// When there are too many marks, later kinds are dropped last.
type kind uint8

const (
	request kind = iota
	running
	read
	leading
	belief
	accepted
	unanswered
	refused
	phantom
	fault
	healed
	kinds = int(healed) + 1
)

// The palette of Okabe and Ito, which colour-blind readers can tell apart. Shapes differ too.
var (
	black      = color.NRGBA{A: 255}
	orange     = color.NRGBA{R: 230, G: 159, B: 0, A: 255}
	sky        = color.NRGBA{R: 86, G: 180, B: 233, A: 255}
	green      = color.NRGBA{R: 0, G: 158, B: 115, A: 255}
	blue       = color.NRGBA{R: 0, G: 114, B: 178, A: 255}
	vermillion = color.NRGBA{R: 213, G: 94, B: 0, A: 255}
	purple     = color.NRGBA{R: 204, G: 121, B: 167, A: 255}
	grey       = color.NRGBA{R: 190, G: 190, B: 190, A: 255}
	shade      = color.NRGBA{R: 230, G: 159, B: 0, A: 48}
)

// look is the style of a kind. Bars have a height, points a glyph, ticks neither.
type look struct {
	label  string
	color  color.Color
	height float64 // of a bar, in rows
	offset float64 // of the mark's middle above the row's, in rows
	glyph  draw.GlyphDrawer
}

var looks = [kinds]look{
	request:    {label: "request sent", color: black, offset: -0.34},
	running:    {label: "server runs", color: grey, height: 0.25},
	leading:    {label: "server leads", color: green, height: 0.5},
	belief:     {label: "believes to hold the lock", color: sky, height: 0.42},
	read:       {label: "reads", color: black, glyph: draw.RingGlyph{}},
	accepted:   {label: "write accepted", color: blue, glyph: draw.CircleGlyph{}},
	unanswered: {label: "write unanswered", color: black, glyph: draw.SquareGlyph{}},
	refused:    {label: "write refused", color: vermillion, glyph: boldCross{}},
	phantom:    {label: "phantom grant", color: purple, glyph: draw.PyramidGlyph{}},
	fault:      {label: "fault", color: orange, height: 0.5},
	healed:     {label: "healed", color: green},
}

const glyphRadius = 3.5 * vg.Length(1)

func (l look) glyphStyle() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.color, Radius: glyphRadius, Shape: l.glyph}
}

var healedLine = draw.LineStyle{Color: green, Width: 1.5, Dashes: []vg.Length{5, 3}}

func hairline(c color.Color) draw.LineStyle { return draw.LineStyle{Color: c, Width: 0.5} }

// boldCross is a cross that can be seen on a bar.
type boldCross struct{}

// DrawGlyph draws it: boldCross is a draw.GlyphDrawer.
func (boldCross) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	line, r := draw.LineStyle{Color: sty.Color, Width: 1.6}, sty.Radius
	c.StrokeLine2(line, at.X-r, at.Y-r, at.X+r, at.Y+r)
	c.StrokeLine2(line, at.X-r, at.Y+r, at.X+r, at.Y-r)
}
