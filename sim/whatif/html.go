package whatif

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// WriteHTML writes the outcomes side by side as one page that needs no other file, with a picture of the restarts per
// second under each case, all at the same scale.
func WriteHTML(w io.Writer, title string, outcomes []*Outcome) error {
	table := rows(outcomes)
	return template.Must(template.New("page").Parse(pageHTML)).Execute(w, struct {
		Title     string
		Span      string
		Head      []string
		Rows      [][]string
		Tasks     [][]string
		TasksHead []string
		Notes     []string
		Pictures  []picture
		Style     template.CSS
	}{
		Title: title, Span: Span(outcomes), Head: table[0], Rows: table[1:],
		TasksHead: taskRows(outcomes, nil)[0], Tasks: taskRows(outcomes, longestDown(outcomes, 20))[1:],
		Notes: notes(outcomes), Pictures: pictures(outcomes), Style: template.CSS(pageStyle),
	})
}

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageStyle string

type picture struct {
	Case string
	SVG  template.HTML
}

// The size of a picture. The bars are in a box within.
const (
	width, height            = 1100, 150
	left, right, top, bottom = 46, 26, 10, 22
)

// pictures draws the restarts per second of each outcome.
func pictures(outcomes []*Outcome) []picture {
	seconds, most := 1, 1
	for _, o := range outcomes {
		seconds = max(seconds, len(o.Rate))
		for _, n := range o.Rate {
			most = max(most, n)
		}
	}
	var all []picture
	for _, o := range outcomes {
		all = append(all, picture{o.Case, draw(o.Rate, seconds, most)})
	}
	return all
}

// draw draws one bar per second; where several share a pixel, the highest of them.
func draw(rate []int, seconds, most int) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="restarts per second">`, width, height)
	wide, tall := float64(width-left-right), float64(height-top-bottom)
	for _, n := range []int{most, most / 2} {
		if y := top + tall*(1-float64(n)/float64(most)); n > 0 {
			fmt.Fprintf(&b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, left, width-right, y, y)
			fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">%d</text>`, left-6, y+4, n)
		}
	}
	fmt.Fprintf(&b, `<line class="axis" x1="%d" x2="%d" y1="%d" y2="%d"/>`, left, width-right, height-bottom, height-bottom)
	step := secondsStep(seconds)
	for at := 0; at <= seconds; at += step {
		x := left + wide*float64(at)/float64(seconds)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x, height-5, clock(at))
	}
	b.WriteString(`<path class="bars" d="`)
	columns := min(seconds, int(wide))
	bar := wide / float64(columns)
	for c := range columns {
		n := 0
		for s := c * seconds / columns; s < (c+1)*seconds/columns && s < len(rate); s++ {
			n = max(n, rate[s])
		}
		if n > 0 {
			h := tall * float64(n) / float64(most)
			fmt.Fprintf(&b, "M%.1f %.1fh%.2fV%dh-%.2fz", left+bar*float64(c), top+tall-h, max(1, bar), height-bottom, max(1, bar))
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String())
}

// secondsStep is how far apart the labels of the time axis are.
func secondsStep(seconds int) int {
	for _, step := range []int{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200} {
		if seconds/step <= 12 {
			return step
		}
	}
	return max(1, seconds/12)
}

func clock(seconds int) string {
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds%60 == 0 && seconds < 7200:
		return fmt.Sprintf("%d min", seconds/60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
