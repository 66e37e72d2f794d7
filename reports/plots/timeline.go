package plots

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Sizes of the drawing. Its height grows with the number of rows.
const (
	width     = 10 * vg.Inch
	rowHeight = 26 * vg.Length(1) // points
	margins   = 70 * vg.Length(1)
	pngDPI    = 144
)

// Timeline draws the run as SVG with its fonts embedded: virtual time to the right, one
// row for each client and server, faults as shaded bands. An outcome without a history
// gives empty axes.
func Timeline(o *outcome.Outcome) ([]byte, error) {
	return render(o, func(w, h vg.Length) vg.CanvasWriterTo {
		return vgsvg.NewWith(vgsvg.UseWH(w, h), vgsvg.EmbedFonts(true))
	})
}

// TimelinePNG draws the same as PNG.
func TimelinePNG(o *outcome.Outcome) ([]byte, error) {
	return render(o, func(w, h vg.Length) vg.CanvasWriterTo {
		return vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(pngDPI))}
	})
}

func render(o *outcome.Outcome, newCanvas func(w, h vg.Length) vg.CanvasWriterTo) ([]byte, error) {
	c := collect(o)
	l := newLegend(c, width)
	canvas := newCanvas(width, margins+l.height()+rowHeight*vg.Length(len(c.rows)))
	area := draw.New(canvas)
	c.draw(draw.Crop(area, 0, -10, 0, -l.height()), heading(o, c))
	l.draw(area)
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("plots: timeline of %s: %w", heading(o, c), err)
	}
	return b.Bytes(), nil
}

func heading(o *outcome.Outcome, c *chart) string {
	s := fmt.Sprintf("%s, seed %s: %s", shown(o.Scenario), shown(o.Seed), o.Verdict)
	if c.hiddenRows > 0 {
		s += fmt.Sprintf(" (%d rows not shown)", c.hiddenRows)
	}
	return s
}

// shown makes a name from outside safe to draw: one line, not too long, and no character
// that XML forbids.
func shown(s string) string {
	const longest = 50
	runes := []rune(strings.Join(strings.Fields(s), " "))
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '?'
		}
	}
	if len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return string(runes)
}
