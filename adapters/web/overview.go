package web

import (
	"fmt"
	"net/http"
	"strconv"
)

// overview is what the page of all tasks shows.
type overview struct {
	*frame
	View   string
	Find   string
	Toggle toggles
	Rows   []row
	Found  string // how many tasks there are to show
	Pages  []pageLink
	Show   []choice
}

// toggles are the links that change what is shown.
type toggles struct{ Tree, List, Fold, Unfold string }

type pageLink struct {
	Text, Link string
	Here       bool
}

type choice struct {
	Value, Text string
	Chosen      bool
}

func (p *Page) overview(s *snapshot, q query, moving bool) overview {
	q = q.settle(len(s.tree))
	sel := s.selectRows(q)
	o := overview{frame: p.frame(s, moving), View: q.view, Find: q.find}
	o.Rows = p.rows(s, sel, q, moving)
	o.Found = several(sel.found, "task", "tasks")
	if sel.found != len(s.tree) {
		o.Found += " of " + several(len(s.tree), "task", "tasks")
	}
	o.Toggle = toggles{
		Tree:   q.with(func(q *query) { q.view = "tree" }).String(),
		List:   q.with(func(q *query) { q.view = "list" }).String(),
		Fold:   q.with(func(q *query) { q.folded, q.folds = true, nil }).String(),
		Unfold: q.with(func(q *query) { q.folded, q.folds = false, nil }).String(),
	}
	for _, c := range []choice{{"", "all tasks", false}, {"down", "those not up", false}, {"restarted", "restarted in the last hour", false}} {
		c.Chosen = c.Value == q.show
		o.Show = append(o.Show, c)
	}
	if sel.pages > 1 {
		o.Pages = pageLinks(q, sel)
	}
	return o
}

// pageLinks leads to the first and last page, and those around this one.
func pageLinks(q query, sel selection) (links []pageLink) {
	add := func(text string, page int) {
		to := q
		to.page = page
		links = append(links, pageLink{text, to.String(), text != "next" && text != "previous" && page == sel.page})
	}
	if sel.page > 1 {
		add("previous", sel.page-1)
	}
	for page := 1; page <= sel.pages; page++ {
		if page == 1 || page == sel.pages || page >= sel.page-2 && page <= sel.page+2 {
			add(strconv.Itoa(page), page)
		}
	}
	if sel.page < sel.pages {
		add("next", sel.page+1)
	}
	return links
}

// frame is what all pages have around them.
type frame struct {
	Title     string
	Sentence  sentence
	Spoken    string
	Now       int64 // in milliseconds since 1970
	Moving    bool  // a script counts down
	Event     string
	Kept      kept
	NotUp     int
	Limits    []limit
	Controls  bool
	Recording bool
}

func (p *Page) frame(s *snapshot, moving bool) *frame {
	title := p.set.title
	if title == "" {
		title = p.sup.Path()
	}
	if title == "" {
		title = "tasks"
	}
	said := s.sentence()
	return &frame{
		Title: shown(title), Sentence: said, Spoken: said.String(), Now: s.at.UnixMilli(), Moving: moving, Event: p.eventID(s.kept.seq), Kept: s.kept, NotUp: s.counts.NotUp,
		Limits: p.limits(s), Controls: p.set.controls, Recording: p.set.recording != nil,
	}
}

// heading is what a browser calls the page.
func (f *frame) heading(of string) string {
	text := f.Title
	if of != "" {
		text = of + " · " + text
	}
	if f.NotUp > 0 {
		text = fmt.Sprintf("(%d not up) %s", f.NotUp, text)
	}
	return text
}

// serveOverview serves the page of all tasks, or the same as JSON.
func (p *Page) serveOverview(w http.ResponseWriter, r *http.Request, asJSON bool) {
	s, q := p.look(), queryOf(r.URL.Query())
	if asJSON {
		p.overviewJSON(w, r, s, q)
		return
	}
	o := p.overview(s, q, false)
	p.render(w, r, "overview", http.StatusOK, struct {
		overview
		Said, Heading string
	}{o, saidOf(r), o.heading("")})
}
