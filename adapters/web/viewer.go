package web

import (
	"encoding/json"
	"net/http"
)

// viewer knows what a client's page shows, and makes of a snapshot what has to change there.
type viewer struct {
	page  *Page
	query query
	task  string // its path, if the page is that of a task
	fresh bool   // the client has what there was when it last heard of anything, so what that looks like need not be sent
	seen  uint64
	parts map[string]string
	rows  map[string]row
	order []string
}

// change is what has to change on a page.
type change struct {
	Now     int64             `json:"now"`
	Mood    string            `json:"mood,omitempty"`
	Heading string            `json:"heading,omitempty"`
	Spoken  string            `json:"spoken,omitempty"`
	Parts   map[string]string `json:"parts,omitempty"` // by id
	Order   []string          `json:"order"`           // the keys of all rows, if they are others, or in another order; else null
	Rows    map[string]string `json:"rows,omitempty"`  // by key
	Last    string            `json:"last"`            // the id of the event
}

func (p *Page) newViewer(r *http.Request) *viewer {
	values := r.URL.Query()
	v := &viewer{page: p, query: queryOf(values), fresh: true, parts: map[string]string{}, rows: map[string]row{}}
	if values.Get("for") == "task" {
		v.task = values.Get("path")
	}
	v.seen, _ = p.sinceOf(r)
	return v
}

func (v *viewer) next(s *snapshot) (name, id string, data []byte, err error) {
	if v.fresh && s.kept.seq < v.seen {
		return "", "", nil, nil // the client has seen more than this snapshot
	}
	c, changed, err := v.look(s)
	if err != nil || !changed {
		return "", "", nil, err
	}
	data, err = json.Marshal(c)
	return "change", c.Last, data, err
}

// look finds out what has changed since the last look.
func (v *viewer) look(s *snapshot) (c change, changed bool, err error) {
	known := v.fresh && v.seen > 0 && v.seen == s.kept.seq // nothing has happened since the page was made
	v.fresh = false
	c = change{Now: s.at.UnixMilli(), Last: v.page.eventID(s.kept.seq), Parts: map[string]string{}, Rows: map[string]string{}}
	if v.task != "" {
		err = v.lookAtTask(s, &c)
	} else {
		err = v.lookAtAll(s, &c)
	}
	changed = len(c.Parts)+len(c.Rows) > 0 || c.Order != nil
	return c, changed && !known, err
}

func (v *viewer) lookAtAll(s *snapshot, c *change) error {
	o := v.page.overview(s, v.query, true)
	v.frame(c, o.frame, "")
	for _, name := range []string{"sentence", "limits", "kept", "views", "found", "pages"} {
		if err := v.part(c, name, o); err != nil {
			return err
		}
	}
	order := make([]string, len(o.Rows))
	rows := make(map[string]row, len(o.Rows))
	same := v.order != nil && len(order) == len(v.order)
	for i := range o.Rows {
		one := &o.Rows[i]
		order[i], rows[one.Key] = one.Key, *one
		same = same && v.order[i] == one.Key
		if before, ok := v.rows[one.Key]; ok && before == *one {
			continue
		}
		text, err := part("row", line{*one, c.Now, true})
		if err != nil {
			return err
		}
		c.Rows[one.Key] = text
	}
	if !same {
		c.Order = order
	}
	v.order, v.rows = order, rows
	return nil
}

func (v *viewer) lookAtTask(s *snapshot, c *change) error {
	d := v.page.detail(s, v.task, true)
	v.frame(c, d.frame, d.Row.Name)
	for _, name := range []string{
		"sentence", "limits", "kept", "task-now", "task-acts", "task-error", "task-output", "task-past", "task-delays", "task-needs", "task-policy", "task-decisions",
	} {
		if err := v.part(c, name, d); err != nil {
			return err
		}
	}
	return nil
}

// frame fills in what is not a part.
func (v *viewer) frame(c *change, f *frame, of string) {
	c.Mood, c.Spoken, c.Heading = f.Sentence.Mood, f.Spoken, f.heading(of)
}

// part renders a part, and keeps it if it is not as it was.
func (v *viewer) part(c *change, name string, data any) error {
	text, err := part(name, data)
	if err != nil {
		return err
	}
	if v.parts[name] != text {
		v.parts[name], c.Parts[name] = text, text
	}
	return nil
}

// serveView serves once what a stream begins with, for clients that cannot have a stream.
func (p *Page) serveView(w http.ResponseWriter, r *http.Request) {
	c, _, err := p.newViewer(r).look(p.look())
	if err != nil {
		fail(w, r, http.StatusInternalServerError, shown(err.Error()))
		return
	}
	writeJSON(w, r, c)
}
