package convert

import (
	"cmp"
	neturl "net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// probes says how a task is found to be ready, and to be well.
func (c *compose) probes(p *process, t *taskfile.Task, vars map[string]any) {
	line, ready, live := p.node.get("ready_log_line"), c.mapping(p.node.get("readiness_probe")), c.mapping(p.node.get("liveness_probe"))
	if line != nil && line.value.text == "" {
		c.text(line) // it must be a text all the same
		c.tell(line, Carried, "it is empty")
		line = nil
	}
	switch {
	case line != nil && ready != nil:
		c.wrong(line, "process-compose takes either ready_log_line or readiness_probe")
	case line != nil:
		text, change := c.text(line)
		t.Ready, t.StartTimeout = &taskfile.Ready{Line: regexp.QuoteMeta(text)}, of(taskfile.Forever)
		c.carried(line, change, "ready.line")
	case ready != nil:
		c.ready(t, c.probe(ready, t.Dir, true, vars))
	case p.waits[onSuccess] || p.waits[onCompleted]:
		t.Ready = &taskfile.Ready{End: of(true)}
	}
	if live == nil {
		return
	}
	probe := c.probe(live, t.Dir, false, vars)
	switch e := p.node.get("liveness_probe"); {
	case ready != nil:
		c.tell(e, Refused, "a task has one check of its health, which is that of readiness_probe")
	case isTrue(p.node.get("is_daemon")):
		t.Health = probe.health()
		c.tell(e, Carried, "health")
	default:
		t.Health = probe.health()
		c.tell(e, Changed, "health: a failure restarts the task, where process-compose only does that with daemons")
	}
}

// probe is a check of process-compose with its defaults.
type probe struct {
	command, http                  string // one of them
	status                         []int
	delay, period, timeout, inARow int // in seconds, and a number
}

// probe reads a check, that of readiness or that of liveness, of a task that runs in a folder.
func (c *compose) probe(n *node, folder string, readiness bool, vars map[string]any) probe {
	p := probe{period: 10, timeout: 1, inARow: 3}
	what, failures, delayed := "health", "health.failures", "it is asked an interval after the start"
	if readiness {
		what, failures = "ready and health", "health.failures, and part of start_timeout"
		delayed = "it is part of start_timeout, and the task is asked at once"
	}
	for _, key := range []struct {
		name string
		into *int
		what string
	}{{"period_seconds", &p.period, "interval"}, {"timeout_seconds", &p.timeout, "health.timeout"}, {"failure_threshold", &p.inARow, failures}} {
		e := n.get(key.name)
		if e == nil {
			continue
		}
		value, ok := c.number(e)
		switch {
		case !ok:
		case value < 1:
			c.tell(e, Carried, "%d is too little: it is as if it were not there", value)
		case key.into == &p.inARow && value > mostFailures:
			p.inARow = value
			c.tell(e, Changed, "%s, which is at most %d", failures, mostFailures)
		default:
			*key.into = value
			c.tell(e, Carried, "%s", key.what)
		}
	}
	if e := n.get("initial_delay_seconds"); e != nil {
		p.delay, _ = c.number(e)
		c.tell(e, Changed, "%s", delayed)
	}
	if e := n.get("success_threshold"); e != nil {
		if value, ok := c.number(e); ok && value > 1 {
			c.tell(e, Refused, "one good answer is enough; process-compose does not heed more either")
		} else {
			c.tell(e, Carried, "one good answer is enough")
		}
	}
	exec, http := n.get("exec"), n.get("http_get")
	switch below := c.mapping(exec); {
	case below != nil:
		p.command = c.execCheck(below, folder, what, vars)
		if http != nil {
			c.tellAll(http, Refused, "process-compose takes exec where there are both")
		}
	case c.mapping(http) != nil:
		c.httpCheck(&p, c.mapping(http), what, vars)
	default:
		c.problem(n.at, "", "a probe must have exec or http_get")
	}
	return p
}

// mostFailures is what health.failures can be.
const mostFailures = 255

func (c *compose) execCheck(n *node, folder, what string, vars map[string]any) string {
	e := n.get("command")
	if e == nil {
		c.problem(n.at, "", "exec must have a command")
		return ""
	}
	line := e.value.text
	change := ""
	if !c.raw {
		line, _ = unescape(line)
	}
	line, change = c.render(e, line, change, vars)
	if strings.TrimSpace(line) == "" {
		c.wrong(e, "names no command")
	}
	c.carried(e, change, "%s", what)
	if e := n.get("working_dir"); e != nil {
		dir, _ := c.text(e)
		if dir != "" {
			line = "cd " + shellWord(c.from(folder, dir)) + " && " + grouped(strings.TrimRight(line, "\n"))
		}
		c.tell(e, Changed, "cd is before its command")
	}
	return c.checked(line)
}

// from returns a folder as it is called from another. Both begin at the folder of the file.
func (c *compose) from(folder, dir string) string {
	if folder == "" || filepath.IsAbs(dir) {
		return dir
	}
	if relative, err := filepath.Rel(folder, dir); err == nil {
		return relative
	}
	if absolute, err := filepath.Abs(filepath.Join(filepath.Dir(c.path), dir)); err == nil { // the other is absolute
		return absolute
	}
	return dir
}

// checked returns a line for the shell of checks.
func (c *compose) checked(line string) string {
	if c.argument == "-c" && forAnyShell(c.shell, line) {
		return line
	}
	return shellWord(c.shell) + " " + shellWord(c.argument) + " " + shellWord(line)
}

// grouped returns a line as one command for a shell. A plain command is one already.
func grouped(line string) string {
	if !strings.ContainsAny(line, "&|;#\n") {
		return line
	}
	return "{ " + line + "\n}"
}

func (c *compose) httpCheck(p *probe, n *node, what string, vars map[string]any) {
	read := func(key, otherwise string) string {
		e := n.get(key)
		if e == nil {
			return otherwise
		}
		text, change := c.rendered(e, vars)
		c.carried(e, change, "%s", what)
		return cmp.Or(strings.TrimSpace(text), otherwise)
	}
	host, path, scheme, port := read("host", "127.0.0.1"), read("path", "/"), read("scheme", "http"), read("port", "")
	url := strings.ToLower(scheme) + "://" + host
	if number, ok := whole(port); ok && number > 0 && number < 1<<16 {
		url += ":" + port
	}
	url += path
	if parsed, err := neturl.Parse(url); err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		c.problem(n.at, "", "%q is not an address for a check", url)
	}
	status := 200
	if e := n.get("status_code"); e != nil {
		if number, ok := c.number(e); ok && number >= 1 && number < 400 {
			status = number
		}
		c.tell(e, Carried, "status")
	}
	var headers []string
	if e := n.get("headers"); e != nil {
		if below := c.mapping(e); below != nil {
			for _, header := range below.entries {
				value, _ := c.text(header)
				headers = append(headers, " -H "+shellWord(header.key+": "+value))
			}
		}
		if len(headers) > 0 {
			c.tellAll(e, Changed, "the check is a command with curl: one by http sends no headers of its own")
		} else {
			c.tell(e, Carried, "it names none")
		}
	}
	if len(headers) == 0 {
		p.http, p.status = url, []int{status}
		return
	}
	p.command = "test \"$(curl -s -o /dev/null -w '%{http_code}'" + strings.Join(headers, "") + " " + shellWord(url) + ")\" = " + strconv.Itoa(status)
}

// ready has a task be ready when a probe succeeds, and fail when it goes on failing.
func (c *compose) ready(t *taskfile.Task, p probe) {
	t.Ready = &taskfile.Ready{HTTP: p.http, Status: p.status, Command: p.command, Interval: seconds(p.period)}
	t.StartTimeout = seconds(min(p.delay+p.period*p.inARow+p.timeout, largest))
	t.Health = p.health()
}

func (p probe) health() *taskfile.Health {
	return &taskfile.Health{
		HTTP: p.http, Status: p.status, Command: p.command,
		Interval: seconds(p.period), Timeout: seconds(p.timeout), Failures: of(min(p.inARow, mostFailures)),
	}
}

// shellWord quotes a word for a shell.
func shellWord(word string) string {
	plain := word != ""
	for _, r := range word {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%", r) {
			plain = false
		}
	}
	if plain {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
