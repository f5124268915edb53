package report

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"io"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WriteHTML writes the timeline as one page that needs no other file: a lane per task, coloured by status, with a chart
// of the restarts above. It can be zoomed, searched and sorted, and shows what is under the pointer. It suits five
// tasks and five hundred.
func (t *Timeline) WriteHTML(w io.Writer) error {
	t.Finish()
	data, err := json.Marshal(t.page())
	if err != nil {
		return err
	}
	return pageTemplate().Execute(w, struct {
		Title  string
		Data   template.JS
		Script template.JS
		Style  template.CSS
	}{t.Title, template.JS(data), template.JS(pageScript), template.CSS(pageStyle)})
}

//go:embed page.html
var pageHTML string

//go:embed page.js
var pageScript string

//go:embed page.css
var pageStyle string

func pageTemplate() *template.Template {
	return template.Must(template.New("page").Parse(pageHTML))
}

// page is the timeline as the page's script gets it, in short words, because there may be many spans. Instants are
// nanoseconds since the beginning; as these may not fit a float64 exactly, they are only for the eye.
type page struct {
	Title    string     `json:"title"`
	Length   int64      `json:"length"`
	Classes  []string   `json:"classes"`
	Statuses []string   `json:"statuses"`
	Reasons  []string   `json:"reasons"`
	Exits    []string   `json:"exits"`
	Waits    []string   `json:"waits"`
	Lanes    []pageLane `json:"lanes"`
	Marks    []pageMark `json:"marks"`
}

type pageLane struct {
	Name string `json:"name"`

	// Spans are flat: from, length, class, status, run, attempts, reason, exit, waits, flags, and again.
	Spans []int64 `json:"spans"`

	// Notes are flat: at, reason, exit, and again.
	Notes []int64 `json:"notes,omitempty"`
}

// The flags of a span.
const (
	flagStarted = 1 << iota
	flagDown
)

type pageMark struct {
	At   int64  `json:"at"`
	Text string `json:"text"`
}

func (t *Timeline) page() *page {
	p := &page{Title: t.Title, Length: int64(t.End - t.Begin), Classes: classNames[:]}
	waits := map[string]int64{}
	for status := range core.ValuesFrom(core.StatusNone) {
		p.Statuses = append(p.Statuses, status.String())
	}
	for why := range core.ValuesFrom(core.ReasonNone) {
		p.Reasons = append(p.Reasons, why.String())
	}
	for exit := range core.ValuesFrom(core.ExitNone) {
		p.Exits = append(p.Exits, exit.String())
	}
	for _, lane := range t.Lanes {
		l := pageLane{Name: lane.Name}
		for _, s := range lane.Spans {
			words := s.waits()
			if _, known := waits[words]; !known {
				waits[words] = int64(len(p.Waits))
				p.Waits = append(p.Waits, words)
			}
			l.Spans = append(l.Spans, int64(s.From-t.Begin), int64(s.To-s.From), int64(s.class()), int64(s.Status), int64(s.Run),
				int64(s.Attempts), int64(s.Why), int64(s.Exit), waits[words], s.flags())
		}
		for _, n := range lane.Notes {
			l.Notes = append(l.Notes, int64(n.At-t.Begin), int64(n.Why), int64(n.Exit))
		}
		p.Lanes = append(p.Lanes, l)
	}
	for _, m := range t.Marks {
		p.Marks = append(p.Marks, pageMark{int64(m.At - t.Begin), m.Text})
	}
	return p
}

func (s *Span) flags() (flags int64) {
	if s.Started {
		flags |= flagStarted
	}
	if s.Down() {
		flags |= flagDown
	}
	return flags
}
