package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Health returns a handler for the checks of whatever runs the process, modelled on Kubernetes' own endpoints. A path that ends in
// /livez is answered by [supervisor.Supervisor.Health]: 200 as long as the tree can go on by itself, whether or not what it depends
// on is there. One that ends in /readyz is answered by [supervisor.Supervisor.Ready]: 200 if all that is significant is up, and not as
// soon as it stops. The answer is 503 otherwise. Only the status code is for machines.
//
//   - ?verbose lists what is the matter, a line each, also what does not count
//   - ?exclude=PATH leaves out a task, or a supervisor and all below it. It can be given several times
//
// A text says nothing of tasks without ?verbose, because these endpoints are often open to all. Errors of tasks are never in it, nor why one is held. GET
// and HEAD are answered, and anything else with 405.
func Health(sup *supervisor.Supervisor) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if !isRead(r.Method) {
			h.Set("Allow", "GET, HEAD")
			fail(w, r, http.StatusMethodNotAllowed, "This can only be read.")
			return
		}
		var found supervisor.Health
		check := lastPart(r.URL.Path)
		switch check {
		case "livez":
			found = sup.Health()
		case "readyz":
			found = sup.Ready()
		default:
			fail(w, r, http.StatusNotFound, "There are /livez and /readyz.")
			return
		}
		query := r.URL.Query()
		answer(w, r, check, judge(found.Problems, query["exclude"]), query.Has("verbose"))
	})
}

// verdict is a health from which something may be left out.
type verdict struct {
	ok       bool
	problems []supervisor.Problem
	excluded []bool
	unknown  []string // what was to be left out and has no problem
}

// judge decides, with some paths left out.
func judge(problems []supervisor.Problem, exclude []string) verdict {
	v := verdict{ok: true, problems: problems, excluded: make([]bool, len(problems))}
	used := make([]bool, len(exclude))
	for i := range problems {
		for k, path := range exclude {
			if isBelow(problems[i].Path, path) {
				v.excluded[i], used[k] = true, true
			}
		}
		v.ok = v.ok && (v.excluded[i] || problems[i].Minor)
	}
	for k, path := range exclude {
		if !used[k] {
			v.unknown = append(v.unknown, path)
		}
	}
	slices.Sort(v.unknown)
	v.unknown = slices.Compact(v.unknown)
	return v
}

// isBelow reports whether a path is that of something, or leads through it.
func isBelow(path, of string) bool {
	return of != "" && (path == of || strings.HasPrefix(path, of+"/"))
}

// answer says how a check ended.
func answer(w http.ResponseWriter, r *http.Request, check string, v verdict, verbose bool) {
	status := http.StatusOK
	if !v.ok {
		status = http.StatusServiceUnavailable
	}
	var text strings.Builder
	if verbose {
		for i := range v.problems {
			p := &v.problems[i]
			switch {
			case v.excluded[i]:
				fmt.Fprintf(&text, "[+]%s excluded: ok\n", nameOf(p))
			case p.Minor:
				fmt.Fprintf(&text, "[+]%s %s: not significant\n", nameOf(p), matterOf(p))
			default:
				fmt.Fprintf(&text, "[-]%s failed: %s\n", nameOf(p), matterOf(p))
			}
		}
		for _, path := range v.unknown {
			fmt.Fprintf(&text, "warn: excluded and not found, or well: %s\n", shown(path))
		}
	}
	switch {
	case !v.ok:
		fmt.Fprintf(&text, "%s check failed", check)
	case verbose:
		fmt.Fprintf(&text, "%s check passed", check)
	default:
		text.WriteString("ok")
	}
	fail(w, r, status, text.String())
}

func nameOf(p *supervisor.Problem) string {
	if p.Path == "" {
		return "supervisor"
	}
	return shown(p.Path)
}

// matterOf says what is the matter, without errors of tasks.
func matterOf(p *supervisor.Problem) string {
	t := &p.Task
	if t.Status == supervisor.StatusNone {
		return p.Kind.String()
	}
	text := fmt.Sprintf("%v: %v (%v)", p.Kind, t.Status, t.Why)
	switch by, _ := t.Holder(); {
	case t.Wait == supervisor.WaitHeld && by == "operator":
		text += ", is held by an operator"
	case t.Wait == supervisor.WaitHeld:
		text += ", is held by its gate"
	case t.Wait != supervisor.WaitNone:
		text += ", " + waits(t)
	}
	return text
}
