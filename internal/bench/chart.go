package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// picture is a chart of a figure over the number of tasks. Both axes are logarithmic.
type picture struct {
	file, title string
	curves      []string // their names, in the order of the colours
	points      func(r *results) (curves map[string][]point, unit unit)
}

func pictures() []picture {
	events := []string{"heap", "event-beat", "step", "event-restart", "event-add-remove"}
	return []picture{
		{"growth-core.svg", "an event in the core", events, ofEvents(events)},
		{"growth-restart.svg", "a restart without delay", runtimes().columns, ofContests("restart", "time")},
		{"growth-start.svg", "the start of an idle task", runtimes().columns, ofContests("start", "cold start")},
		{"growth-memory.svg", "memory of an idle task", runtimes().columns, ofContests("start", "memory")},
	}
}

// point is the median of a figure at a number of tasks.
type point struct {
	size  int
	value float64
}

// ofContests returns a curve for each contestant: its figure in the contests that are points of curves.
func ofContests(name, metric string) func(r *results) (curves map[string][]point, unit unit) {
	return func(r *results) (curves map[string][]point, unit unit) {
		curves = make(map[string][]point)
		for _, c := range runtimes().contests {
			row := r.find(c.name, metric)
			if c.curve != name || row == nil {
				continue
			}
			unit = row.unit
			for entrant, values := range row.values {
				if v := median(values); v > 0 {
					curves[entrant] = append(curves[entrant], point{c.size, v})
				}
			}
		}
		for _, curve := range curves {
			slices.SortFunc(curve, func(a, b point) int { return a.size - b.size })
		}
		return curves, unit
	}
}

// ofEvents returns a curve for each contest of the core.
func ofEvents(contests []string) func(r *results) (curves map[string][]point, unit unit) {
	return func(r *results) (curves map[string][]point, unit unit) {
		curves = make(map[string][]point)
		for _, contest := range contests {
			row := r.find(contest, "time")
			for _, n := range sizes() {
				if row != nil && len(row.values[thousands(n)]) > 0 {
					curves[contest] = append(curves[contest], point{n, median(row.values[thousands(n)])})
				}
			}
		}
		return curves, nanoseconds
	}
}

const (
	chartWidth, chartHeight = 720, 400
	left, right             = 70, 110
	top, bottom             = 40, 40
)

// draw returns the picture as SVG, or nothing if nothing was measured of it. Its colours stand out on white and on black, and
// its background is what it stands on.
func (p picture) draw(r *results) string {
	curves, unit := p.points(r)
	if len(curves) == 0 {
		return ""
	}
	x, y := axesOf(curves)
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", chartWidth, chartHeight)
	svg.WriteString(`<style>text{fill:#808080}.grid{stroke:#808080;stroke-opacity:.3}.title{font-size:14px}path{fill:none;stroke-width:2}</style>` + "\n")
	fmt.Fprintf(&svg, `<text class="title" x="%d" y="20">%s, by number of tasks</text>`+"\n", left, p.title)
	for size := x.from; size <= x.to; size *= 10 {
		at := x.place(size)
		fmt.Fprintf(&svg, `<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, at, at, top, chartHeight-bottom)
		fmt.Fprintf(&svg, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", at, chartHeight-bottom+18, thousands(int(size)))
	}
	for value := y.from; value <= y.to*1.001; value = next(value) {
		at := y.place(value)
		fmt.Fprintf(&svg, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, left, chartWidth-right, at, at)
		fmt.Fprintf(&svg, `<text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left-6, at+4, unit.print(value))
	}
	colours := []string{"#8a8a8a", "#c98500", "#b5489a", "#2f7fd6", "#2e9d5b", "#d1495b"}
	var labels []label
	for i, name := range p.curves {
		curve := curves[name]
		if len(curve) == 0 {
			continue
		}
		line, colour := make([]string, len(curve)), colours[i%len(colours)]
		for j, at := range curve {
			line[j] = fmt.Sprintf("%.1f %.1f", x.place(float64(at.size)), y.place(at.value))
			fmt.Fprintf(&svg, `<circle fill="%s" cx="%.1f" cy="%.1f" r="3"/>`, colour, x.place(float64(at.size)), y.place(at.value))
		}
		fmt.Fprintf(&svg, "\n"+`<path stroke="%s" d="M%s"/>`+"\n", colour, strings.Join(line, "L"))
		last := curve[len(curve)-1]
		labels = append(labels, label{strings.TrimPrefix(name, "event-"), colour, x.place(float64(last.size)) + 8, y.place(last.value) + 4})
	}
	for _, l := range apart(labels) {
		fmt.Fprintf(&svg, `<text x="%.1f" y="%.1f" style="fill:%s">%s</text>`+"\n", l.x, l.y, l.colour, l.text)
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}

// label is the name of a curve, at its end.
type label struct {
	text, colour string
	x, y         float64
}

// apart moves labels down so that none covers another.
func apart(labels []label) []label {
	slices.SortFunc(labels, func(a, b label) int { return cmp.Compare(a.y, b.y) })
	for i := 1; i < len(labels); i++ {
		labels[i].y = max(labels[i].y, labels[i-1].y+14)
	}
	return labels
}

// axis is a logarithmic axis.
type axis struct {
	from, to   float64
	start, end float64 // where these two are
}

func (a axis) place(v float64) float64 {
	return a.start + (a.end-a.start)*math.Log(v/a.from)/math.Log(a.to/a.from)
}

// axesOf returns axes that all points lie on. Those of the figures end with 1, 2 or 5.
func axesOf(curves map[string][]point) (x, y axis) {
	all := slices.Concat(slices.Collect(maps.Values(curves))...)
	bySize := func(a, b point) int { return a.size - b.size }
	x = axis{float64(slices.MinFunc(all, bySize).size), float64(slices.MaxFunc(all, bySize).size), left, chartWidth - right}
	x.to = max(x.to, 10*x.from)
	low, high := math.Inf(1), 0.0
	for _, at := range all {
		low, high = min(low, at.value), max(high, at.value)
	}
	y = axis{math.Pow(10, math.Floor(math.Log10(low))), 0, chartHeight - bottom, top}
	for next(y.from) <= low {
		y.from = next(y.from)
	}
	for y.to = next(y.from); y.to < high; {
		y.to = next(y.to)
	}
	return x, y
}

// next returns what follows in 1, 2, 5, 10, 20, 50 and so on.
func next(v float64) float64 {
	if power := math.Pow(10, math.Floor(math.Log10(v*1.001))); v/power > 1.5 && v/power < 3 {
		return v * 2.5
	}
	return v * 2
}

// thousands prints a number with a comma before each three digits.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
