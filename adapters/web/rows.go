package web

import (
	"cmp"
	"fmt"
	"html/template"
	"math/bits"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/look"
)

// row is a task as one line of the page. Two rows that are equal look alike, so whoever has the one need not be sent the other.
type row struct {
	Path, Name string
	Key        string // the path, unless another row has it, too
	Link       string
	Indent     string // the class that indents it
	Fold       string // "": nothing to fold; else "open" or "folded"
	FoldLink   string
	Below      string // of what is folded: how it is
	Letter     string // of its look
	Status     string
	Why        string
	WhyHelp    string
	Waits      string
	Error      string
	Next       string // what comes by itself: "starts"
	Until      int64  // when, in milliseconds since 1970
	Run        supervisor.RunNumber
	Attempts   string
	Up         int64 // since when it is up, in milliseconds since 1970; 0 if it is not
	Restarts   int   // in the last hour
	Spark      template.HTML
	Lane       template.HTML
}

// selection is which tasks a reader wants to see.
type selection struct {
	nodes  []int // of the snapshot's tree, those on the page
	found  int   // in all
	page   int
	pages  int
	folded map[int]bool
}

// selectRows finds out which tasks to show.
func (s *snapshot) selectRows(q query) selection {
	sel := selection{folded: make(map[int]bool)}
	var all []int
	for i := 0; i < len(s.tree); i++ {
		if s.matches(i, q) {
			all = append(all, i)
		}
		if q.view == "tree" && s.below[i] > 0 && q.find == "" && q.show == "" && q.isFolded(s.tree[i].Path) {
			sel.folded[i] = true
			i += s.below[i]
		}
	}
	if q.view == "list" {
		s.worstFirst(all)
	}
	sel.found = len(all)
	sel.pages = max(1, (len(all)+rowsOnPage-1)/rowsOnPage)
	sel.page = min(q.page, sel.pages)
	from := (sel.page - 1) * rowsOnPage
	sel.nodes = all[from:min(len(all), from+rowsOnPage)]
	return sel
}

func (s *snapshot) matches(i int, q query) bool {
	n := &s.tree[i]
	switch q.show {
	case "down":
		if s.states[i].isUp() {
			return false
		}
	case "restarted":
		if s.lastHour[n.Path] == 0 {
			return false
		}
	}
	return q.finds(n.Path)
}

// worstFirst sorts tasks: by how bad they are, and by about how often they were restarted, in a row and in the last hour. Otherwise
// they stay in order. Nothing in this changes all the time, so that rows do not jump about in a storm.
func (s *snapshot) worstFirst(nodes []int) {
	slices.SortStableFunc(nodes, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(s.badness(b), s.badness(a)),
			cmp.Compare(bits.Len32(s.tree[b].Attempts), bits.Len32(s.tree[a].Attempts)),
			cmp.Compare(bits.Len(uint(s.lastHour[s.tree[b].Path])), bits.Len(uint(s.lastHour[s.tree[a].Path]))),
		)
	})
}

// badness is the state of a task; one that fails again and again is as bad while it is up.
func (s *snapshot) badness(i int) state {
	if s.tree[i].Attempts > 0 && s.states[i] < stateFailed && s.states[i] >= stateUp && s.states[i] != stateMeant && s.states[i] != stateHalted {
		return stateFailed
	}
	return s.states[i]
}

// rows makes the lines of a selection. What moves is drawn such that it stays as it is for a while.
func (p *Page) rows(s *snapshot, sel selection, q query, moving bool) []row {
	rows := make([]row, len(sel.nodes))
	decisions := make([]decision, 0, decisionsOfATask)
	paths := make(map[string]int) // supervisors without a name, in one task, may have tasks of the same path
	for k, i := range sel.nodes {
		n := &s.tree[i]
		seen := p.history.glance(n.Path, s.at, decisions)
		p.fill(&rows[k], n, s.at, &seen, moving)
		rows[k].Key = n.Path
		if paths[n.Path]++; paths[n.Path] > 1 {
			rows[k].Key = fmt.Sprintf("%s/%d", n.Path, paths[n.Path])
		}
		if q.view != "tree" {
			continue
		}
		rows[k].Name, rows[k].Indent = shown(n.Name), fmt.Sprintf("in%d", min(n.Depth, 8))
		if s.below[i] > 0 && q.find == "" && q.show == "" {
			rows[k].Fold, rows[k].FoldLink = "open", q.toggled(n.Path).String()
			if sel.folded[i] {
				rows[k].Fold, rows[k].Below = "folded", s.sumUp(i)
			}
		}
	}
	return rows
}

// fill fills in what a row says of a task in every view.
func (p *Page) fill(r *row, n *supervisor.TreeNode, now time.Time, seen *glance, moving bool) {
	t := &n.TaskStatus
	r.Path, r.Name, r.Link = n.Path, shown(n.Path), linkTo(n.Path)
	r.Letter, r.Status = look.Of(t.Status, t.Wait, t.Why).Look().Letter, statusOf(t)
	if t.Why != supervisor.ReasonNone {
		r.Why, r.WhyHelp = t.Why.String(), t.Why.Help()
	}
	if t.Status == supervisor.StatusFailed || t.Status == supervisor.StatusCreated {
		if t.Wait != supervisor.WaitDelay { // for which it is said until when
			r.Waits = waits(t)
		}
	} else {
		r.Waits = strings.Join(remarks(t), ", ")
	}
	if t.LastError != nil && t.LastExit != supervisor.ExitStopped && (!stateOf(t).isUp() || t.Attempts > 0) {
		r.Error = shown(first(errorOf(t.LastError), 160))
	}
	r.Next, r.Until = next(t, now)
	r.Run, r.Attempts = t.Run, p.attempts(n.Path, t)
	if t.Status == supervisor.StatusHealthy {
		r.Up = dateOf(t, t.Since, now)
	}
	drawn := now
	if moving {
		drawn = now.Truncate(laneStep)
	}
	r.Restarts, r.Spark, r.Lane = seen.lastHour, spark(seen), lane(t, seen, drawn, laneLength, laneWidth, laneHeight, "")
}

// statusOf returns the word for where a task is, and says if it is no ordinary case of that.
func statusOf(t *supervisor.TaskStatus) string {
	switch {
	case t.Suspended && !t.Live:
		return "suspended"
	case t.Status == supervisor.StatusHealthy && t.Unready:
		return "not ready"
	case t.Status == supervisor.StatusHealthy && t.Silent:
		return "silent"
	case t.Status == supervisor.StatusDead && t.Why == supervisor.ReasonKilled:
		return "killed"
	}
	return t.Status.String()
}

// remarks returns what else is to be said of a task that does not wait.
func remarks(t *supervisor.TaskStatus) (remarks []string) {
	if t.Intent != supervisor.IntentNone {
		remarks = append(remarks, "then "+t.Intent.String())
	}
	if t.Hung {
		remarks = append(remarks, "it hangs")
	}
	if t.Misses > 0 {
		remarks = append(remarks, several(int(t.Misses), "failed probe in a row", "failed probes in a row"))
	}
	if t.Fenced != 0 {
		remarks = append(remarks, fmt.Sprintf("run %d was left behind", t.Fenced))
	}
	return remarks
}

// next says what comes of a task by itself, and when.
func next(t *supervisor.TaskStatus, now time.Time) (what string, at int64) {
	at = untilOf(t, now)
	switch {
	case at == 0:
		return "", 0
	case t.Status == supervisor.StatusFailed:
		return "starts in", at
	case t.Status == supervisor.StatusStarting:
		return "has to be ready in", at
	case t.Status == supervisor.StatusStopping:
		return "is abandoned in", at
	}
	return "", 0 // of a healthy task that is its next beat or probe
}

// attempts says how many restarts in a row a task has used of those allowed.
func (p *Page) attempts(path string, t *supervisor.TaskStatus) string {
	policy, err := p.sup.Policy(path)
	switch {
	case err != nil:
		return fmt.Sprint(t.Attempts)
	case policy.MaxAttempts == supervisor.Unlimited:
		return fmt.Sprintf("%d of ∞", t.Attempts)
	}
	return fmt.Sprintf("%d of %d", t.Attempts, policy.MaxAttempts)
}

// sumUp says how the tasks in a folded supervisor are.
func (s *snapshot) sumUp(i int) string {
	var c counts
	for j := i + 1; j <= i+s.below[i]; j++ {
		c.add(&s.tree[j], s.states[j])
	}
	if c.NotUp == 0 {
		return several(c.All, "task", "tasks") + ", all up"
	}
	return fmt.Sprintf("%s, %d not up", several(c.All, "task", "tasks"), c.NotUp)
}

// linkTo returns the relative address of a task's own page.
func linkTo(path string) string { return "task?path=" + url.QueryEscape(path) }
