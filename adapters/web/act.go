package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Action is what an operator can have done to a task from the page, see [WithControls].
type Action string

// The actions.
const (
	ActionRestart Action = "restart" // see supervisor.Supervisor.Restart
	ActionStop    Action = "stop"    // for good, see supervisor.Supervisor.Kill
	ActionSuspend Action = "suspend" // see supervisor.Supervisor.Suspend
	ActionResume  Action = "resume"  // see supervisor.Supervisor.Resume
)

// act is a button.
type act struct {
	Action        Action
	Word          string
	Help, Warning string
}

// order is a button about a task.
type order struct {
	Act  act
	Path string
}

// actsOn returns what can be done about a task now.
func actsOn(t *supervisor.TaskStatus) []act {
	acts := []act{{Action: ActionRestart, Word: "Restart", Help: "Starts it afresh, with all its attempts. The run it has is stopped first."}}
	ended := t.Status == supervisor.StatusDead || t.Status == supervisor.StatusCompleted
	if t.Suspended || t.Intent == supervisor.IntentSuspend {
		acts = append(acts, act{Action: ActionResume, Word: "Resume", Help: "Lets it start again."})
	} else if !ended {
		acts = append(acts, act{Action: ActionSuspend, Word: "Suspend", Help: "Stops it, and keeps it down until it is resumed."})
	}
	if !ended {
		acts = append(acts, act{
			Action: ActionStop, Word: "Stop",
			Help:    "Stops it for good.",
			Warning: "It stops for good and counts as dead, until it is restarted from here. To take it down for a while, suspend it.",
		})
	}
	return acts
}

// postLimit is how large a command may be, in bytes.
const postLimit = 64 << 10

// serveAct carries out a command.
func (p *Page) serveAct(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		fail(w, r, http.StatusMethodNotAllowed, "A command is posted.")
		return
	}
	if err := p.csrf.Check(r); err != nil {
		fail(w, r, http.StatusForbidden, "A page of another origin must not give commands.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, postLimit)
	if err := r.ParseForm(); err != nil {
		fail(w, r, http.StatusBadRequest, "The command cannot be read.")
		return
	}
	action, path := Action(r.PostForm.Get("action")), r.PostForm.Get("path")
	call := p.call(action)
	if call == nil {
		fail(w, r, http.StatusBadRequest, fmt.Sprintf("There is no action %q.", shown(string(action))))
		return
	}
	if p.set.authorise != nil {
		if err := p.set.authorise(r, action, path); err != nil {
			fail(w, r, http.StatusForbidden, shown(errorOf(err)))
			return
		}
	}
	if err := call(path); err != nil {
		fail(w, r, statusFor(err), shown(errorOf(err)))
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		writeJSON(w, r, struct {
			Action Action `json:"action"`
			Path   string `json:"path"`
		}{action, path})
		return
	}
	w.Header().Set("Location", linkTo(path)+"&said="+string(action)) // relative, because the prefix may have been taken off
	w.WriteHeader(http.StatusSeeOther)
}

func (p *Page) call(action Action) func(path string) error {
	switch action {
	case ActionRestart:
		return p.sup.Restart
	case ActionStop:
		return p.sup.Kill
	case ActionSuspend:
		return p.sup.Suspend
	case ActionResume:
		return p.sup.Resume
	}
	return nil
}

// statusFor returns the HTTP status of a command that was refused.
func statusFor(err error) int {
	if errors.Is(err, supervisor.ErrUnknownTask) {
		return http.StatusNotFound
	}
	return http.StatusConflict
}

// saidOf returns what a page says of the command that led to it.
func saidOf(r *http.Request) string {
	switch Action(r.URL.Query().Get("said")) {
	case ActionRestart:
		return "Restart: done."
	case ActionStop:
		return "Stop: done."
	case ActionSuspend:
		return "Suspend: done."
	case ActionResume:
		return "Resume: done."
	}
	return ""
}
