package convert

import (
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// availability says when a task is started again.
func (c *compose) availability(p *process, t *taskfile.Task) {
	n := c.mapping(p.node.get("availability"))
	if n == nil {
		return
	}
	restart := ""
	backoff := n.get("backoff_seconds")
	if e := n.get("restart"); e != nil {
		restart, _ = c.text(e)
		c.restart(e, t, restart, backoff != nil)
	}
	if backoff != nil {
		if d, ok := c.number(backoff); ok {
			t.BaseDelay, t.Factor, t.Jitter = seconds(max(d, 1)), of(uint32(1)), of(0.0)
			if d > 60 { // which max_delay is without it
				t.MaxDelay = seconds(d)
			}
			c.tell(backoff, Carried, "base_delay, with factor = 1 and jitter = 0: without these delays grow up to a minute")
		}
	}
	if e := n.get("max_restarts"); e != nil {
		switch limit, ok := c.number(e); {
		case !ok:
		case limit == 0:
			c.tell(e, Carried, "any number of restarts is the default")
		case restart == "exit_on_failure":
			c.tell(e, Refused, "process-compose restarts nothing with exit_on_failure")
		default:
			t.Attempts = of(taskfile.Attempts(limit))
			c.tell(e, Changed, "attempts, which is the number in a row: it begins anew when a run was healthy for 2m, see stable_after")
		}
	}
	if e := n.get("exit_on_end"); e != nil {
		if c.flag(e) {
			c.endsAll = true
			t.Significant = of(true)
			c.tell(e, Carried, `auto_shutdown = "any", and significant = false for the others`)
		} else {
			c.tell(e, Carried, "false is the default")
		}
	}
	if e := n.get("exit_on_skipped"); e != nil {
		c.tell(e, Refused, "a task is never skipped: it waits, and taskvisor status says for what")
	}
}

func (c *compose) restart(e *entry, t *taskfile.Task, word string, hasDelay bool) {
	change := ""
	if !hasDelay {
		change = "after delays that grow from 2s to a minute, where process-compose waits 1s each time"
	}
	switch word {
	case "always":
		t.Restart = "always"
		c.carried(e, change, `restart = "always"`)
	case "on_failure", "on-failure":
		t.Restart = "on-failure"
		c.carried(e, change, `restart = "on-failure"`)
	case "exit_on_failure":
		t.Restart, t.Attempts, t.OnExhausted = "on-failure", of(taskfile.Attempts(0)), "escalate"
		c.tell(e, Carried, `a failure ends all: attempts = 0 and on_exhausted = "escalate"`)
	case "no", "never", "":
		c.tell(e, Carried, `restart = "never", see defaults`)
	default:
		c.wrong(e, "%q must be always, on_failure, exit_on_failure or no", word)
	}
}

// The conditions of depends_on.
const (
	onStarted   = "process_started"
	onHealthy   = "process_healthy"
	onLogReady  = "process_log_ready"
	onCompleted = "process_completed"
	onSuccess   = "process_completed_successfully"
)

// dependencies finds out how the others are waited for, before any task is made.
func (c *compose) dependencies(p *process) {
	for _, e := range c.below(p, "depends_on") {
		if target, _ := c.target(e.key); target != nil {
			target.waits[c.condition(e)] = true
		}
	}
}

// target returns the process that a dependency names, and the tasks of it that are meant: all, or one replica.
func (c *compose) target(name string) (*process, []string) {
	for _, p := range c.processes {
		if p.name == name {
			return p, p.tasks
		}
		if slices.Contains(p.tasks, name) {
			return p, []string{name}
		}
		if rest, ok := strings.CutPrefix(name, p.name+"-"); ok { // as it is written without zeroes before it
			if n, ok := whole(rest); ok && n >= 0 && n < p.replicas && p.replicas > 1 {
				return p, p.tasks[n : n+1]
			}
		}
	}
	return nil, nil
}

func (c *compose) condition(e *entry) string {
	if n := c.mapping(e); n != nil {
		if condition := n.get("condition"); condition != nil {
			text, _ := c.text(condition)
			return text
		}
	}
	return onStarted
}

func (c *compose) needs(p *process, t *taskfile.Task) {
	var names []string
	for _, e := range c.below(p, "depends_on") {
		told := e
		if n := c.mapping(e); n != nil && n.get("condition") != nil {
			told = n.get("condition")
		}
		e.noted = true
		target, tasks := c.target(e.key)
		if target == nil {
			c.tell(told, Refused, "there is no process %q to wait for", e.key)
			continue
		}
		c.need(told, e.key, target, c.condition(e))
		for _, name := range tasks {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	t.Needs = names
	for _, name := range c.behindEnded(p, map[*process]bool{p: true}) {
		if !slices.Contains(t.Needs, name) {
			t.Needs = append(t.Needs, name)
		}
	}
	if e := p.node.get("depends_on"); e != nil && len(c.below(p, "depends_on")) == 0 && !e.noted {
		c.tell(e, Carried, "it names nothing")
	}
}

// behindEnded returns the tasks that those need which a process waits for to end. It needs them as well, because a task that has ended
// keeps nothing from stopping.
func (c *compose) behindEnded(p *process, seen map[*process]bool) []string {
	var names []string
	for _, e := range c.below(p, "depends_on") {
		ended, _ := c.target(e.key)
		if ended == nil || !c.readyAtEnd(ended) || seen[ended] {
			continue
		}
		seen[ended] = true
		for _, e := range c.below(ended, "depends_on") {
			_, tasks := c.target(e.key)
			names = append(names, tasks...)
		}
		names = append(names, c.behindEnded(ended, seen)...)
	}
	return names
}

// isChecked reports whether a process says itself how it is found to be ready.
func (c *compose) isChecked(p *process) bool {
	line := p.node.get("ready_log_line")
	return c.mapping(p.node.get("readiness_probe")) != nil || line != nil && line.value.text != ""
}

// readyAtEnd reports whether a process is ready when it has ended.
func (c *compose) readyAtEnd(p *process) bool {
	return !c.isChecked(p) && (p.waits[onSuccess] || p.waits[onCompleted])
}

// need tells what becomes of one dependency.
func (c *compose) need(e *entry, name string, target *process, condition string) {
	checked, ends := c.isChecked(target), c.readyAtEnd(target)
	switch condition {
	case onStarted:
		switch {
		case checked:
			c.tell(e, Changed, "needs waits until %s is ready, not only started", name)
		case ends:
			c.tell(e, Changed, "needs waits until %s has ended well, as another process has to", name)
		default:
			c.tell(e, Carried, "needs")
		}
	case onHealthy, onLogReady:
		switch {
		case checked:
			c.tell(e, Carried, "needs waits until %s is ready, over its restarts if need be", name)
		case ends:
			c.tell(e, Changed, "needs waits until %s has ended well, as another process has to: nothing says when it is ready", name)
		default:
			c.tell(e, Changed, "needs waits only until %s has started: nothing says when it is ready", name)
		}
	case onSuccess, onCompleted:
		switch {
		case checked:
			c.tell(e, Changed, "needs waits until %s is ready, as its own check says: a task is ready in one way", name)
		case condition == onSuccess:
			c.tell(e, Carried, "needs, and %s is ready when it has ended well", name)
		default:
			c.tell(e, Changed, "needs waits until %s has ended well: after a failure it waits on, and taskvisor status says so", name)
		}
	default:
		c.wrong(e, "%q must be %s, %s, %s, %s or %s", condition, onStarted, onHealthy, onLogReady, onCompleted, onSuccess)
	}
}

// shutdown says how a task is stopped.
func (c *compose) shutdown(p *process, t *taskfile.Task) {
	n := c.mapping(p.node.get("shutdown"))
	if n == nil {
		return
	}
	if e := n.get("command"); e != nil {
		text, _ := c.text(e)
		comment(&t.Comment, "shutdown.command: "+text)
		c.tell(e, Refused, "it is a comment: a task is stopped by signals, TERM and then KILL; a program that needs more can trap TERM in a script")
	}
	if e := n.get("send_keys"); e != nil {
		c.tell(e, Refused, "a task is stopped by signals: set stop_signal to one that the program ends on")
	}
	if e := n.get("timeout_seconds"); e != nil {
		switch d, ok := c.number(e); {
		case !ok:
		case d == 0:
			c.tell(e, Carried, "it is as if it were not there")
		default:
			t.StopTimeout = seconds(d)
			c.tell(e, Carried, "stop_timeout = %s", seconds(d))
		}
	}
	if e := n.get("signal"); e != nil {
		if number, ok := c.number(e); ok {
			switch name := signalNames[number]; {
			case number < 1 || number > 31:
				c.tell(e, Carried, "no such signal: process-compose sends TERM then, which is the default")
			case name == "":
				c.tell(e, Refused, "signal %d is none that programs end on", number)
			case name == usualSignal:
				c.tell(e, Carried, "it is the default")
			default:
				t.StopSignal = taskfile.Signal(name)
				c.tell(e, Carried, "stop_signal = %q", name)
			}
		}
	}
	if e := n.get("parent_only"); e != nil {
		if c.flag(e) {
			t.StopMainOnly = of(true)
			c.tell(e, Carried, "stop_main_only; what is left when it has ended gets the signal then")
		} else {
			c.tell(e, Carried, "all processes of a task get the signal")
		}
	}
}

// usualSignal is what a task gets to stop unless its file says another.
const usualSignal = "TERM"

// signalNames are the signals that a task file has, by their numbers on Linux.
var signalNames = map[int]string{
	1: "HUP", 2: "INT", 3: "QUIT", 6: "ABRT", 9: "KILL", 10: "USR1", 12: "USR2", 14: "ALRM", 15: "TERM", 28: "WINCH",
}

// heldBack says why a task waits to be started by hand.
func (c *compose) heldBack(p *process, t *taskfile.Task) {
	hold := func(comments ...string) {
		t.Suspended = of(true)
		if t.Significant == nil {
			t.Significant = of(false)
		}
		for _, line := range comments {
			comment(&t.Comment, line)
		}
	}
	c.disabled(p, hold)
	if e := p.node.get("is_foreground"); e != nil {
		if c.flag(e) {
			hold("It runs on a terminal of its own: taskvisor resume " + p.name + ", and then taskvisor attach " + p.name + ".")
			t.TTY = of(true)
			c.tell(e, Changed, "it has a terminal, and waits for taskvisor resume %s; then taskvisor attach %s shows it", p.name, p.name)
		} else {
			c.tell(e, Carried, "false is the default")
		}
	}
	if e := p.node.get("is_daemon"); e != nil {
		if c.flag(e) {
			hold("is_daemon: what its command leaves behind is stopped when the command ends. Let it stay in the foreground, and then",
				"take suspended and significant away.")
			c.tell(e, Refused, "what a command leaves behind is stopped when it ends: let it stay in the foreground; the task is suspended until then")
		} else {
			c.tell(e, Carried, "false is the default")
		}
	}
	if p.node.get("schedule") != nil {
		hold("schedule: taskvisor has none; it starts with taskvisor resume.")
	}
	if p.node.get("mcp") != nil {
		hold("mcp: taskvisor has no such server; it starts with taskvisor resume.")
	}
}

// disabled reads the two keys that say whether a process is started. is_disabled wins if it is "true" or "false".
func (c *compose) disabled(p *process, hold func(...string)) {
	last := p.node.get("is_disabled")
	word := ""
	if last != nil {
		word, _ = c.text(last)
	}
	decides := word == "true" || word == "false"
	if e := p.node.get("disabled"); e != nil {
		switch disabled := c.flag(e); {
		case decides:
			c.tell(e, Refused, "is_disabled counts")
		case disabled:
			hold()
			c.tell(e, Carried, "suspended: it starts with taskvisor resume %s", p.name)
		default:
			c.tell(e, Carried, "false is the default")
		}
	}
	switch {
	case last == nil:
	case !decides:
		c.tell(last, Refused, "process-compose heeds only true and false")
	case word == "true":
		hold()
		c.tell(last, Carried, "suspended: it starts with taskvisor resume %s", p.name)
	default:
		c.tell(last, Carried, "it is not suspended, which is the default")
	}
}
