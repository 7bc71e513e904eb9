package rows

import (
	"bytes"
	"fmt"
	"math"
)

// The chart's measures, in pixels.
const (
	chartWidth, chartHeight   = 720, 360
	chartLeft, chartRight     = 60, 190
	chartTop, chartBottom     = 30, 50
	chartPlotWide, chartPlotH = chartWidth - chartLeft - chartRight, chartHeight - chartTop - chartBottom
)

// chart draws what a row costs at each size, as a part of what it costs at the first, in SVG.
func chart(all []aSize) []byte {
	series := []struct {
		name, color string
		of          func(aSize) float64
	}{
		{"memory", "#1f77b4", func(s aSize) float64 { return s.memory }},
		{"batch", "#d62728", func(s aSize) float64 { return s.batch }},
		{"restart", "#2ca02c", func(s aSize) float64 { return s.restart }},
		{"filter", "#9467bd", func(s aSize) float64 { return s.filter }},
	}
	top := 2.0
	for _, s := range series {
		for _, at := range all {
			top = max(top, math.Ceil(s.of(at)/s.of(all[0])))
		}
	}
	y := func(v float64) float64 { return chartTop + chartPlotH*(1-v/top) }
	x := func(i int) float64 { return chartLeft + chartPlotWide*float64(i)/float64(max(len(all)-1, 1)) }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", chartWidth, chartHeight)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", chartWidth, chartHeight)
	fmt.Fprintf(&b, `<text x="%d" y="18">cost of a row, as a multiple of its cost among %s rows</text>`+"\n", chartLeft, millions(all[0].rows))
	for v := 0.0; v <= top; v += 0.5 {
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%.1f x</text>`+"\n",
			chartLeft, chartLeft+chartPlotWide, y(v), y(v), chartLeft-8, y(v)+4, v)
	}
	for i, at := range all {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(i), chartHeight-chartBottom+20, millions(at.rows))
	}
	for k, s := range series {
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" points="`, s.color)
		for i, at := range all {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(i), y(s.of(at)/s.of(all[0])))
		}
		last := s.of(all[len(all)-1]) / s.of(all[0])
		fmt.Fprintf(&b, `"/><text x="%d" y="%d" fill="%s">%s: %.2f x in the end</text>`+"\n", chartLeft+chartPlotWide+15, chartTop+20*(k+1), s.color, s.name, last)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func millions(rows int) string { return fmt.Sprintf("%g million", float64(rows)/1e6) }
