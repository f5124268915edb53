package report

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/look"
)

// WriteHTML writes the timeline as one page that needs no other file: a lane per task, with a colour, a pattern and a letter
// for each status, and a chart of the restarts above. The axis, which shows operator commands and outages, stays in view.
// Tasks of a group, the tasks below a supervisor, commands and outages can be folded into one lane each. The page can be
// zoomed, searched and sorted, and shows what is under the pointer. It suits five tasks and five hundred.
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
	}{t.Title, template.JS(data), template.JS(modelScript + drawScript + inputScript), template.CSS(pageStyle)})
}

//go:embed page/page.html
var pageHTML string

//go:embed page/model.js
var modelScript string

//go:embed page/draw.js
var drawScript string

//go:embed page/input.js
var inputScript string

//go:embed page/page.css
var pageStyle string

func pageTemplate() *template.Template {
	return template.Must(template.New("page").Parse(pageHTML))
}

// page is the timeline as the page's script gets it, in short words, because there may be many spans. Instants are
// nanoseconds since the beginning; as these may not fit a float64 exactly, they are only for the eye.
type page struct {
	Title    string       `json:"title"`
	Length   int64        `json:"length"`
	Origin   int64        `json:"origin,omitempty"` // the date of the beginning in milliseconds since 1970, if it is known
	Zone     string       `json:"zone,omitempty"`   // "utc" or "local", if times of day are to be shown at first
	Looks    []*look.Look `json:"looks"`            // by class
	Statuses []string     `json:"statuses"`
	Reasons  []string     `json:"reasons"`
	Exits    []string     `json:"exits"`
	Waits    []string     `json:"waits"`
	Causes   []string     `json:"causes"`
	Lanes    []pageLane   `json:"lanes"`
	Marks    []pageMark   `json:"marks"`
	Outages  []pageOutage `json:"outages"`
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
	flagsCause // what is left is the Cause of a restart, times this
)

type pageMark struct {
	At      int64  `json:"at"`
	Text    string `json:"text"`
	Command string `json:"command,omitempty"`
	Lane    string `json:"lane,omitempty"`
}

type pageOutage struct {
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Of   string `json:"of"`
	Name string `json:"name"`
}

func (t *Timeline) page() *page {
	p := &page{Title: t.Title, Length: int64(t.End - t.Begin), Marks: []pageMark{}, Outages: []pageOutage{}}
	if date, ok := (scenario.Head{Origin: t.Origin}).Date(t.Begin); ok {
		p.Origin = date.UnixMilli()
		switch t.Zone {
		case nil:
		case time.UTC:
			p.Zone = "utc"
		default:
			p.Zone = "local"
		}
	}
	for _, one := range look.All() {
		p.Looks = append(p.Looks, one)
	}
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
	for cause := range causes {
		p.Causes = append(p.Causes, cause.String())
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
		mark := pageMark{At: int64(m.At - t.Begin), Text: m.Text, Lane: m.Lane}
		if m.Command != core.EventTick {
			mark.Command = m.Command.String()
		}
		p.Marks = append(p.Marks, mark)
	}
	for i := range t.Outages {
		o := &t.Outages[i]
		p.Outages = append(p.Outages, pageOutage{int64(o.From - t.Begin), int64(o.To - t.Begin), o.Of, outageName(o)})
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
	return flags + flagsCause*int64(s.Cause)
}
