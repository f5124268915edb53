package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The keys written here are listed in docs/page.md, and are a promise. Objects may gain keys.

func writeJSON(w http.ResponseWriter, r *http.Request, value any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(value); err != nil {
		fail(w, r, http.StatusInternalServerError, "This cannot be written: "+shown(err.Error()))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Vary", "Accept")
	if r.Method != http.MethodHead {
		_, _ = w.Write(out.Bytes())
	}
}

type overviewObject struct {
	At         time.Time                   `json:"at"`
	Supervisor string                      `json:"supervisor,omitempty"`
	Phase      supervisor.Phase            `json:"phase"`
	Strategy   supervisor.Strategy         `json:"strategy"`
	StopOrder  supervisor.StopOrder        `json:"stop_order"`
	StopsIn    float64                     `json:"shutdown_in_seconds,omitempty"`
	Cause      *supervisor.StopCause       `json:"cause,omitempty"`
	Sentence   string                      `json:"sentence"`
	Total      int                         `json:"total"`
	NotUp      int                         `json:"not_up"`
	Usage      map[string]supervisor.Usage `json:"usage,omitempty"`
	Since      time.Time                   `json:"since"`
	Lost       uint64                      `json:"lost,omitempty"`
	Dropped    uint64                      `json:"dropped,omitempty"`
	Page       int                         `json:"page,omitempty"`
	Pages      int                         `json:"pages,omitempty"`
	Tasks      []json.RawMessage           `json:"tasks"`
}

// overviewJSON writes all tasks, or those that are asked for: in order, unless the list is asked for; a page of them, if one is
// asked for.
func (p *Page) overviewJSON(w http.ResponseWriter, r *http.Request, s *snapshot, q query) {
	object := overviewObject{
		At: s.at.UTC(), Supervisor: p.sup.Path(), Phase: s.phase, Sentence: s.sentence().String(), Total: s.counts.All, NotUp: s.counts.NotUp,
		Usage: p.usage(s), Since: s.kept.Since.UTC(), Lost: s.kept.Lost, Dropped: s.kept.Dropped, Tasks: []json.RawMessage{},
	}
	object.Strategy, object.StopOrder, object.StopsIn = p.sup.Strategy(), p.sup.StopOrder(), s.stopsIn.Seconds()
	if s.cause != (supervisor.StopCause{}) {
		object.Cause = &s.cause
	}
	var all []int
	if r.URL.Query().Has("page") {
		q = q.settle(len(s.tree))
		sel := s.selectRows(q)
		all, object.Page, object.Pages = sel.nodes, sel.page, sel.pages
	} else {
		for i := range s.tree {
			if s.matches(i, q) {
				all = append(all, i)
			}
		}
		if q.view == "list" {
			s.worstFirst(all)
		}
	}
	for _, i := range all {
		task, err := s.taskJSON(&s.tree[i])
		if err != nil {
			fail(w, r, http.StatusInternalServerError, shown(err.Error()))
			return
		}
		object.Tasks = append(object.Tasks, task)
	}
	writeJSON(w, r, object)
}

// taskJSON writes a task as its tree node does, with its restarts in the last hour.
func (s *snapshot) taskJSON(n *supervisor.TreeNode) (json.RawMessage, error) {
	text, err := json.Marshal(n)
	if restarts := s.lastHour[n.Path]; err == nil && restarts > 0 {
		var more []byte
		more, err = json.Marshal(map[string]int{"restarts_last_hour": restarts})
		text = append(append(text[:len(text)-1], ','), more[1:]...)
	}
	return text, err
}

type taskObject struct {
	Task      json.RawMessage    `json:"task"`
	Policy    *supervisor.Policy `json:"policy,omitempty"`
	Delays    []float64          `json:"delays_seconds,omitempty"`
	Needs     []supervisor.Need  `json:"needs,omitempty"`
	NeededBy  []supervisor.Need  `json:"needed_by,omitempty"`
	Minutes   []uint16           `json:"restarts_by_minute,omitempty"`
	Decisions []decisionJSON     `json:"decisions,omitempty"`
	Forgotten uint64             `json:"forgotten,omitempty"`
	Tail      []string           `json:"tail,omitempty"`
}

// taskJSON writes all that is known of a task.
func (p *Page) taskJSON(w http.ResponseWriter, r *http.Request, s *snapshot, path string) {
	n := s.find(path)
	if n == nil {
		fail(w, r, http.StatusNotFound, "There is no task of this path.")
		return
	}
	task, err := s.taskJSON(n)
	if err != nil {
		fail(w, r, http.StatusInternalServerError, shown(err.Error()))
		return
	}
	seen := p.history.glance(path, s.at, nil)
	object := taskObject{Task: task, Forgotten: seen.forgotten}
	object.Tail, _ = p.tail(path)
	if policy, err := p.sup.Policy(path); err == nil {
		object.Policy = &policy
		for n := uint32(1); n <= min(policy.MaxAttempts, delaysShown); n++ {
			object.Delays = append(object.Delays, policy.Delay(n).Seconds())
		}
	}
	object.Needs, object.NeededBy, _ = p.sup.Needs(path)
	if seen.lastHour > 0 {
		object.Minutes = seen.minutes[:]
	}
	for i := range seen.decisions {
		object.Decisions = append(object.Decisions, seen.decisions[i].json())
	}
	writeJSON(w, r, object)
}

type decisionJSON struct {
	ID          uint64                `json:"id"`
	Path        string                `json:"path"`
	Date        time.Time             `json:"date"`
	Kind        supervisor.ActionKind `json:"kind"`
	From        supervisor.Status     `json:"from,omitempty"`
	To          supervisor.Status     `json:"to,omitempty"`
	Why         supervisor.Reason     `json:"why,omitempty"`
	Run         supervisor.RunNumber  `json:"run,omitempty"`
	Exit        supervisor.ExitKind   `json:"exit,omitempty"`
	Attempts    uint32                `json:"attempts,omitempty"`
	Until       *float64              `json:"until_seconds,omitempty"`
	Failures    uint32                `json:"failures,omitempty"`
	DownSeconds float64               `json:"down_seconds,omitempty"`
	Error       string                `json:"error,omitempty"`
}

func (d *decision) json() decisionJSON {
	object := decisionJSON{
		ID: d.seq, Path: d.of.path, Date: d.date.UTC(), Kind: d.kind, From: d.from, To: d.to, Why: d.why, Run: d.run, Exit: d.exit, Attempts: d.attempts,
		Failures: d.failures, DownSeconds: d.down.Seconds(), Error: d.err,
	}
	if d.until != supervisor.Never && d.kind != supervisor.ActionHalt {
		left := time.Duration(d.until - d.at).Seconds()
		object.Until = &left
	}
	return object
}

// serveRecording serves what WithRecording writes.
func (p *Page) serveRecording(w http.ResponseWriter, r *http.Request) {
	if p.set.recording == nil {
		fail(w, r, http.StatusNotFound, "Nothing is recorded for this page: see WithRecording.")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="tasks-`+time.Now().UTC().Format("20060102T150405Z")+`.recording"`)
	if r.Method == http.MethodHead {
		return
	}
	var out bytes.Buffer // a dump that fails half-way is not taken for a whole one
	if err := p.set.recording(&out); err != nil {
		h.Del("Content-Disposition")
		fail(w, r, http.StatusInternalServerError, "The recording cannot be written: "+shown(errorOf(err)))
		return
	}
	_, _ = w.Write(out.Bytes())
}
