package web

import (
	"errors"
	"fmt"
	"html/template"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// detail is what the page of one task shows.
type detail struct {
	*frame
	Row       row
	Parent    string // the path of the supervisor; "" for the root's
	StatusIs  string // the help of the status
	Facts     []fact
	Error     string
	Stack     string
	Output    []string // the last lines that it has written
	Writes    bool     // it is known what it writes
	Policy    policyView
	Delays    delays
	Needs     []needLink
	NeededBy  []needLink
	Decisions []decisionView // latest first
	Forgotten uint64
	Lane      template.HTML
	Acts      []act
	Removed   bool // there is no such task, or not any more
}

// fact is something known of a task. At and From are instants to count to or from, in milliseconds since 1970.
type fact struct {
	Name, Text string
	At, From   int64
}

type needLink struct {
	Name, Link, Status string
	Bound              bool
}

// decisionView is a decision as a line of a table.
type decisionView struct {
	At       string
	Date     string
	Run      supervisor.RunNumber
	Letter   string
	Status   string
	Why      string
	WhyHelp  string
	What     string
	Error    string
	Attempts uint32
}

// serveTask serves the page of a task, or the same as JSON.
func (p *Page) serveTask(w http.ResponseWriter, r *http.Request, asJSON bool) {
	s, path := p.look(), r.URL.Query().Get("path")
	if asJSON {
		p.taskJSON(w, r, s, path)
		return
	}
	d := p.detail(s, path, false)
	status := http.StatusOK
	if d.Removed {
		status = http.StatusNotFound
	}
	p.render(w, r, "task", status, struct {
		detail
		Said, Heading string
	}{d, saidOf(r), d.heading(d.Row.Name)})
}

// find returns the task of a path; nil if there is none.
func (s *snapshot) find(path string) *supervisor.TreeNode {
	i := slices.IndexFunc(s.tree, func(n supervisor.TreeNode) bool { return n.Path == path })
	if i < 0 {
		return nil
	}
	return &s.tree[i]
}

func (p *Page) detail(s *snapshot, path string, moving bool) detail {
	d := detail{frame: p.frame(s, moving), Row: row{Path: path, Name: shown(path), Link: linkTo(path)}}
	n := s.find(path)
	seen := p.history.glance(path, s.at, nil)
	d.Decisions, d.Forgotten = decisionViews(seen.decisions), seen.forgotten
	if n == nil {
		d.Removed = true
		return d
	}
	t := &n.TaskStatus
	p.fill(&d.Row, n, s.at, &seen, moving)
	if i := strings.LastIndexByte(path, '/'); i >= 0 && s.find(path[:i]) != nil {
		d.Parent = path[:i]
	}
	if d.StatusIs = t.Status.Help(); d.StatusIs == d.Row.WhyHelp {
		d.StatusIs = ""
	}
	d.Facts = facts(n, s)
	if t.LastError != nil {
		d.Error = shown(errorOf(t.LastError))
		if panicked := (*supervisor.PanicError)(nil); errors.As(t.LastError, &panicked) {
			d.Stack = shown(panicked.Stack.String())
		}
	}
	d.Output, d.Writes = p.tail(path)
	if policy, err := p.sup.Policy(path); err == nil {
		d.Policy, d.Delays = viewPolicy(policy), predict(&policy, t.Attempts)
	}
	if needs, neededBy, err := p.sup.Needs(path); err == nil {
		d.Needs, d.NeededBy = p.needLinks(s, path, needs), p.needLinks(s, path, neededBy)
	}
	drawn := s.at
	if moving {
		drawn = drawn.Truncate(laneStep)
	}
	d.Lane = lane(t, &seen, drawn, longLane, longLaneWidth, longLaneHeight, "long")
	if p.set.controls {
		d.Acts = actsOn(t)
	}
	return d
}

// How much of what a task has written is shown at most.
const (
	tailLines = 100
	tailBytes = 1000 // of one line
)

// tail returns the last lines that a task has written, and whether it is known.
func (p *Page) tail(path string) (lines []string, known bool) {
	if p.set.tail == nil {
		return nil, false
	}
	all := p.set.tail(path)
	if all == nil {
		return nil, false
	}
	lines = make([]string, 0, tailLines)
	for _, line := range all[max(0, len(all)-tailLines):] {
		cut := line[:min(len(line), tailBytes)]
		if len(cut) < len(line) {
			cut += " …"
		}
		lines = append(lines, shown(cut))
	}
	return lines, true
}

// facts lists what is known of a task beside its row.
func facts(n *supervisor.TreeNode, s *snapshot) (facts []fact) {
	t := &n.TaskStatus
	add := func(name, text string) { facts = append(facts, fact{Name: name, Text: text}) }
	facts = append(facts, fact{Name: "in this status for", From: dateOf(t, t.Since, s.at)})
	if t.Suspended {
		add("suspended", "an operator keeps it from starting")
	}
	if t.Held {
		add("not to start", held(t))
	}
	if t.ClearsAt != supervisor.Never && t.Attempts > 0 {
		facts = append(facts, fact{Name: "restarts in a row are forgotten in", At: dateOf(t, t.ClearsAt, s.at)})
	}
	if t.LastExit != supervisor.ExitNone {
		add("last run ended", t.LastExit.String())
	}
	if t.Fenced != 0 {
		facts = append(facts, fact{Name: fmt.Sprintf("run %d left behind for", t.Fenced), From: dateOf(t, t.FencedSince, s.at)})
	}
	totals := &n.Totals
	add("runs in all", fmt.Sprint(totals.Starts))
	if ends := words(totals.Exits.All()); ends != nil {
		add("runs ended", strings.Join(ends, ", "))
	}
	if restarts := words(totals.Restarts.All()); restarts != nil {
		add("restarts by reason", strings.Join(restarts, ", "))
	}
	if totals.Failures > 0 {
		add("failures in all", fmt.Sprintf("%d, down for %s", totals.Failures, duration(totals.Downtime)))
	}
	if n.Inside != nil {
		add("supervisor", n.Phase.String()+", "+several(s.below[indexOf(s, n)], "task below", "tasks below"))
		add("strategy", n.Strategy.String()+", stops "+stopOrder(n.Strategy, n.StopOrder))
	}
	return facts
}

// stopOrder says in which order a supervisor stops its tasks.
func stopOrder(strategy supervisor.Strategy, order supervisor.StopOrder) string {
	if order == supervisor.StopTogether || order == supervisor.StopByStrategy && strategy == supervisor.OneForOne {
		return "all together"
	}
	return "one at a time, the last first"
}

// words lists what was counted by a word.
func words[K fmt.Stringer](all iter.Seq2[K, uint64]) (list []string) {
	for kind, n := range all {
		list = append(list, fmt.Sprintf("%s %d", kind, n))
	}
	return list
}

func indexOf(s *snapshot, n *supervisor.TreeNode) int {
	return slices.IndexFunc(s.tree, func(other supervisor.TreeNode) bool { return other.Path == n.Path })
}

// needLinks leads to tasks of the same supervisor.
func (p *Page) needLinks(s *snapshot, path string, needs []supervisor.Need) (links []needLink) {
	prefix := path[:strings.LastIndexByte(path, '/')+1]
	for _, need := range needs {
		link := needLink{Name: shown(need.Task), Link: linkTo(prefix + need.Task), Bound: need.Bound}
		if n := s.find(prefix + need.Task); n != nil {
			link.Status = statusOf(&n.TaskStatus)
		}
		links = append(links, link)
	}
	return links
}

// decisionViews returns the decisions as lines, latest first.
func decisionViews(decisions []decision) (views []decisionView) {
	for i := range slices.Backward(decisions) {
		d := &decisions[i]
		v := decisionView{
			At: d.date.Format("15:04:05.000"), Date: d.date.UTC().Format(time.RFC3339Nano), Run: d.run, Why: d.why.String(), WhyHelp: d.why.Help(),
			Error: shown(d.err), Attempts: d.attempts, Status: d.to.String(), Letter: letterOf(d),
		}
		v.What = d.what()
		views = append(views, v)
	}
	return views
}

// what says what else a decision says.
func (d *decision) what() string {
	var parts []string
	if d.from != d.to && d.from != supervisor.StatusNone {
		parts = append(parts, "was "+d.from.String())
	}
	if d.exit != supervisor.ExitNone {
		parts = append(parts, "run ended: "+d.exit.String())
	}
	if d.to == supervisor.StatusFailed && d.until != supervisor.Never {
		parts = append(parts, "starts in "+duration(time.Duration(d.until-d.at)))
	}
	if d.failures > 0 {
		parts = append(parts, fmt.Sprintf("recovered after %s, down %s", several(int(d.failures), "failure", "failures"), duration(d.down)))
	}
	if d.kind == supervisor.ActionHalt {
		parts = append(parts, "the supervisor has stopped")
	}
	return strings.Join(parts, ", ")
}
