package taskfile

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/ports"
)

// validate finds what is wrong with the file as a whole: names, needs, and values that do not go together.
func (f *File) validate(problems *problems) {
	v := validation{problems: problems, unread: make(map[Position]bool)}
	for _, p := range problems.list {
		v.unread[p.At] = p.At.IsSet()
	}
	forEachField(reflect.ValueOf(f.Policy), func(key string, field reflect.Value) {
		if !field.IsZero() {
			v.add(f.Keys[key], "", "%s is for a task or a group, and this is the file as a whole", key)
		}
	})
	v.group(&f.Group, "")
	if !f.Procfile && len(problems.list) == 0 && len(f.Tasks) == 0 && len(f.Groups) == 0 {
		v.add(Position{}, "", "has no tasks: write [tasks.NAME], and below it command = \"…\"")
	}
}

type validation struct {
	*problems
	unread map[Position]bool // where something was wrong when it was read: what stands for it is not judged
}

func (v *validation) add(at Position, where, format string, arguments ...any) {
	if !v.unread[at] {
		v.problems.add(at, where, format, arguments...)
	}
}

func (v *validation) group(g *Group, where string) {
	v.rate(g.Intensity, g.Keys, where, "intensity", 0)
	v.rate(g.RestartRate, g.Keys, where, "restart_rate", 1)
	v.fraction(g.DeadThreshold, g.Keys, where, "dead_threshold")
	v.positive(g.ShutdownTimeout, g.Keys, where, "shutdown_timeout")
	if g.Defaults != nil {
		v.settings(g.Defaults, below(where, "defaults"))
		v.policy(&g.Defaults.Policy, g.Defaults.Keys, below(where, "defaults"))
	}
	names, first := g.names(), make(map[string]Position)
	for _, m := range g.Members() {
		at := below(where, "tasks")
		if m.Task == nil {
			at = below(where, "groups")
		}
		at = below(at, m.Name())
		v.name(m, at)
		for _, name := range m.names() {
			if other, taken := first[name]; taken {
				v.add(m.At(), at, "the name %q is taken: first in line %d", name, other.Line)
			}
			first[name] = m.At()
		}
		v.policy(m.Policy(), m.Positions(), at)
		v.needs(m, names, at)
		if m.Task != nil {
			v.task(m.Task, at)
		} else {
			v.group(m.Group, at)
		}
	}
	v.cycles(g, where)
}

// becomes returns the names that the member has when it runs: its own, or those of its instances.
func (m Member) becomes() []string {
	if m.Task == nil || m.Task.Instances == nil {
		return []string{m.Name()}
	}
	names := make([]string, min(*m.Task.Instances, mostInstances))
	for i := range names {
		names[i] = instanceName(m.Name(), i+1)
	}
	return names
}

// names returns what the member can be called by others: its name, and the names of its instances.
func (m Member) names() []string {
	if names := m.becomes(); !slices.Contains(names, m.Name()) {
		return append([]string{m.Name()}, names...)
	}
	return []string{m.Name()}
}

// names returns what the tasks and groups of a group can be called by each other.
func (g *Group) names() (names []string) {
	for _, m := range g.Members() {
		names = append(names, m.names()...)
	}
	return names
}

// longestName is what a supervisor allows, less what the number of an instance takes.
const longestName = 250

func (v *validation) name(m Member, where string) {
	switch name := m.Name(); {
	case name == "":
		v.add(m.At(), where, "has no name")
	case len(name) > longestName:
		v.add(m.At(), where, "the name is %d bytes long: at most %d are allowed", len(name), longestName)
	case strings.Contains(name, "/"):
		v.add(m.At(), where, "the name has a slash, which separates the names of a path")
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }):
		v.add(m.At(), where, "the name has a control character")
	}
}

func (v *validation) needs(m Member, names []string, where string) {
	policy := m.Policy()
	for _, list := range []struct {
		key   string
		names []string
	}{{"needs", policy.Needs}, {"bound_to", policy.BoundTo}} {
		for i, name := range list.names {
			at := m.Positions()[list.key+"."+strconv.Itoa(i)]
			switch {
			case slices.Contains(m.names(), name):
				v.add(at, where, "%s names the task itself", list.key)
			case !slices.Contains(names, name):
				v.add(at, where, "%s names %q, which is not a task or group beside it%s", list.key, name, v.elsewhere(name, names))
			}
		}
	}
}

func (v *validation) elsewhere(name string, names []string) string {
	if strings.Contains(name, "/") {
		return ": only those of the same group can be needed"
	}
	return DidYouMean(name, names)
}

// cycles reports each circle of needs once, at the need that closes it.
func (v *validation) cycles(g *Group, where string) {
	members := make(map[string]Member)
	for _, m := range g.Members() {
		for _, name := range m.names() {
			members[name] = m
		}
	}
	const under, done = 1, 2
	state := make(map[string]int)
	var path []string
	var visit func(m Member)
	visit = func(m Member) {
		state[m.Name()] = under
		path = append(path, m.Name())
		for _, key := range []string{"needs", "bound_to"} {
			needs := m.Policy().Needs
			if key == "bound_to" {
				needs = m.Policy().BoundTo
			}
			for i, name := range needs {
				next, known := members[name]
				switch {
				case !known || next.Name() == m.Name(): // reported already
				case state[next.Name()] == 0:
					visit(next)
				case state[next.Name()] == under:
					circle := append(slices.Clone(path[slices.Index(path, next.Name()):]), next.Name())
					v.add(m.Positions()[key+"."+strconv.Itoa(i)], where, "tasks need each other in a circle: %s", strings.Join(circle, " needs "))
				}
			}
		}
		path = path[:len(path)-1]
		state[m.Name()] = done
	}
	for _, m := range g.Members() {
		if state[m.Name()] == 0 {
			visit(m)
		}
	}
}

func (v *validation) policy(p *Policy, keys Positions, where string) {
	if p.Factor != nil && *p.Factor == 0 {
		v.add(keys["factor"], where, "factor is 0: it must be at least 1, which makes all delays the same")
	}
	if p.MaxExponent != nil && *p.MaxExponent == 0 {
		v.add(keys["max_exponent"], where, "max_exponent is 0: write factor = 1, which makes all delays the same")
	}
	if p.MaxDelay != nil && *p.MaxDelay == 0 {
		v.add(keys["max_delay"], where, `max_delay is 0: write base_delay = "0s" for no delay`)
	}
	if p.StartTimeout != nil && *p.StartTimeout == 0 {
		v.add(keys["start_timeout"], where, `start_timeout is 0: no run would be ready in time; write "forever" for no limit`)
	}
	if p.StopTimeout != nil && *p.StopTimeout == 0 {
		v.add(keys["stop_timeout"], where, `stop_timeout is 0: write stop_signal = "KILL" to give no time`)
	}
	if p.HungStopTimeout != nil && *p.HungStopTimeout == 0 {
		v.add(keys["hung_stop_timeout"], where, "hung_stop_timeout is 0: leave it out for stop_timeout")
	}
	v.fraction(p.Jitter, keys, where, "jitter")
}

func (v *validation) task(t *Task, where string) {
	_, command := t.Keys["command"]
	_, exec := t.Keys["exec"]
	switch {
	case len(t.Exec) > 0 && t.Command != "":
		v.add(t.Keys["command"], where, "has both command and exec: keep one")
	case len(t.Exec) == 0 && t.Command == "" && (command || exec || v.misspelt(where)) && v.reported(where):
	case len(t.Exec) == 0 && t.Command == "":
		v.add(t.At, where, `has nothing to run: write command = "a line for the shell", or exec = ["program", "argument"]`)
	case t.Command == "" && strings.TrimSpace(t.Exec[0]) == "":
		v.add(t.Keys["exec"], where, "exec has no program")
	}
	v.settings(t, where)
}

// settings checks what defaults can have, too.
func (v *validation) settings(t *Task, where string) {
	if t.LeftoverTimeout != nil && *t.LeftoverTimeout == 0 {
		v.add(t.Keys["leftover_timeout"], where, "leftover_timeout is 0: it must be positive")
	}
	if t.Instances != nil && *t.Instances > mostInstances {
		v.add(t.Keys["instances"], where, "instances is %d: it must be from 0 to %d", *t.Instances, mostInstances)
	}
	if p := t.Port; p != nil {
		last := *p
		if t.Instances != nil {
			last += max(*t.Instances, 1) - 1
		}
		if *p < 1 || last > 65535 {
			v.add(t.Keys["port"], where, "port is %d, and that of the last instance %d: both must be from 1 to 65535", *p, last)
		}
	}
	v.codes(t, where)
	for i, address := range t.Listen {
		v.address(address, t, t.Keys["listen."+strconv.Itoa(i)], where, "listen")
	}
	for _, variable := range t.Env {
		if variable.Value = ""; !variable.possible() { // what is wrong with a value has been told
			v.add(t.Keys["env."+variable.Name], below(where, "env"), "%q cannot be the name of a variable", variable.Name)
		}
	}
	if t.Watchdog != nil && *t.Watchdog > 0 && t.Health != nil {
		v.add(t.Keys["watchdog"], where, "has both watchdog and health: keep one")
	}
	if r := t.Ready; r != nil {
		at := below(where, "ready")
		v.oneOf(t.Keys["ready"], at, map[string]bool{
			"port": r.Port != "", "http": r.HTTP != "", "line": r.Line != "", "file": r.File != "",
			"command": r.Command != "", "exec": len(r.Exec) > 0, "notify": r.Notify != nil && *r.Notify,
			"end": r.End != nil && *r.End,
		})
		v.check(r.Port, r.HTTP, r.Status, map[string]*Duration{"interval": r.Interval}, t, at, "ready.")
		if _, err := regexp.Compile(r.Line); err != nil {
			v.add(t.Keys["ready.line"], at, "line is not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
	}
	if h := t.Health; h != nil {
		at := below(where, "health")
		v.oneOf(t.Keys["health"], at, map[string]bool{
			"port": h.Port != "", "http": h.HTTP != "", "command": h.Command != "", "exec": len(h.Exec) > 0,
		})
		v.check(h.Port, h.HTTP, h.Status, map[string]*Duration{"interval": h.Interval, "timeout": h.Timeout}, t, at, "health.")
		if h.Failures != nil && (*h.Failures < 1 || *h.Failures > 255) {
			v.add(t.Keys["health.failures"], at, "failures is %d: it must be from 1 to 255", *h.Failures)
		}
	}
	if o := t.Output; o != nil {
		v.output(o, t.Keys, below(where, "output"))
	}
}

// codes checks the exit codes that mean something: each can mean one thing.
func (v *validation) codes(t *Task, where string) {
	meanings := make(map[int]string)
	for _, list := range []struct {
		key   string
		codes []int
	}{{"success", t.Success}, {"done", t.Done}, {"fatal", t.Fatal}} {
		for i, code := range list.codes {
			at := t.Keys[list.key+"."+strconv.Itoa(i)]
			other, taken := meanings[code]
			switch {
			case code < 0 || code > 255:
				v.add(at, where, "%s has %d: an exit code is from 0 to 255", list.key, code)
			case taken && other != list.key:
				v.add(at, where, "%s has %d, and so has %s", list.key, code, other)
			}
			meanings[code] = list.key
		}
	}
}

func (v *validation) output(o *Output, keys Positions, where string) {
	if o.Buffer != nil && *o.Buffer == 0 {
		v.add(keys["output.buffer"], where, "buffer is 0: a process could not print anything")
	}
	if o.MaxLine != nil && *o.MaxLine < leastLine {
		v.add(keys["output.max_line"], where, "max_line is %s: it must be at least %s", *o.MaxLine, Size(leastLine))
	}
	if o.MaxSize != nil && *o.MaxSize == 0 {
		v.add(keys["output.max_size"], where, "max_size is 0: leave it out for 10MB")
	}
}

// reported reports whether something is wrong with a table or with one below it already.
func (v *validation) reported(where string) bool {
	return slices.ContainsFunc(v.list, func(p Problem) bool { return p.Where == where || strings.HasPrefix(p.Where, where+".") })
}

// misspelt reports whether an unknown key of a task was found that was meant to say what it runs.
func (v *validation) misspelt(where string) bool {
	return slices.ContainsFunc(v.list, func(p Problem) bool {
		return p.Where == where && (strings.HasSuffix(p.Text, `did you mean "command"?`) || strings.HasSuffix(p.Text, `did you mean "exec"?`))
	})
}

// leastLine is how short output.max_line can be.
const leastLine = 16

// oneOf reports a check that is none, or several.
func (v *validation) oneOf(at Position, where string, ways map[string]bool) {
	var chosen []string
	for _, way := range sortedKeys(ways) {
		if ways[way] {
			chosen = append(chosen, way)
		}
	}
	if len(chosen) == 1 || len(chosen) == 0 && v.reported(where) {
		return
	}
	has := "has none"
	if len(chosen) > 1 {
		has = "has " + strings.Join(chosen, " and ")
	}
	v.add(at, where, "must have one of %s: it %s", strings.Join(sortedKeys(ways), ", "), has)
}

func (v *validation) check(port, http string, status []int, times map[string]*Duration, t *Task, where, prefix string) {
	keys := t.Keys
	if port != "" {
		v.address(port, t, keys[prefix+"port"], where, "port")
	}
	if http != "" && !isURL(withPort(http, t)) {
		if !v.portless(http, t, keys[prefix+"http"], where, "http") {
			v.add(keys[prefix+"http"], where, `http is %q: it must be an address such as "http://localhost:8080/health"`, http)
		}
	}
	for i, code := range status {
		if code < 100 || code > 999 {
			v.add(keys[prefix+"status."+strconv.Itoa(i)], where, "status has %d: it must be from 100 to 999", code)
		}
	}
	if len(status) > 0 && http == "" {
		v.add(keys[prefix+"status"], where, "status is for http")
	}
	for _, key := range sortedKeys(times) {
		if d := times[key]; d != nil && *d <= 0 {
			v.add(keys[prefix+key], where, "%s is 0: it must be positive", key)
		}
	}
}

// withPort returns an address with a port in place of $PORT, if the task has ports.
func withPort(address string, t *Task) string {
	if t.Port == nil {
		return address
	}
	return strings.NewReplacer("${PORT}", "1", "$PORT", "1").Replace(address)
}

// address checks a host and a port: "localhost:6379", ":6379".
func (v *validation) address(address string, t *Task, at Position, where, key string) {
	host, port, err := net.SplitHostPort(withPort(address, t))
	switch n, wrong := strconv.Atoi(port); {
	case key == "listen" && canListen(withPort(address, t)):
	case err == nil && wrong == nil && n >= 1 && n <= 65535 && !strings.ContainsAny(host, " /"):
	case v.portless(address, t, at, where, key):
	default:
		v.add(at, where, `%s is %q: it must have a port, such as "localhost:6379" or ":6379"`, key, address)
	}
}

// portless reports, and tells, whether an address has a port that the task does not have.
func (v *validation) portless(address string, t *Task, at Position, where, key string) bool {
	if t.Port != nil || !strings.Contains(address, "PORT") {
		return false
	}
	v.add(at, where, "%s is %q, but the task has no ports to give out: write port = 5000 for the first", key, address)
	return true
}

// isURL reports whether something can be asked for at an address.
func isURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return false
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return err == nil && port > 0
}

// canListen reports whether a command can be said to listen at an address.
func canListen(address string) bool {
	_, err := ports.Parse(address)
	return err == nil
}

func (v *validation) rate(r *Rate, keys Positions, where, key string, least int) {
	switch {
	case r == nil:
	case r.Within <= 0:
		v.add(keys[key], below(where, key), `within must be a positive duration: write { count = %d, within = "1m" }`, cmp.Or(r.Count, 5))
	case r.Count < least || r.Count > 1<<16:
		v.add(keys[key], below(where, key), "count is %d: it must be from %d to %d", r.Count, least, 1<<16)
	}
}

func (v *validation) fraction(f *float64, keys Positions, where, key string) {
	if f != nil && !(*f >= 0 && *f <= 1) { // NaN is neither
		v.add(keys[key], where, "%s is %s: it must be from 0 to 1", key, fmt.Sprint(*f))
	}
}

func (v *validation) positive(d *Duration, keys Positions, where, key string) {
	if d != nil && *d == 0 {
		v.add(keys[key], where, "%s is 0: leave it out for no limit", key)
	}
}
