// Package check finds what is odd about a valid task file: settings that have no effect, and what is not there on this machine.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/ports"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// File returns what is odd about a complete file, in its order. The error says that no supervisor can be made of it.
func File(file *taskfile.File) ([]taskfile.Problem, error) {
	tree, err := assemble.New(file, assemble.Standin)
	if err != nil {
		return nil, err
	}
	c := checker{found: slices.Clone(file.Ignored), members: make(map[string]taskfile.Member), inherited: make(map[string][]taskfile.Problem)}
	c.index(&file.Group, "")
	for _, warning := range tree.Root.Warnings() {
		c.warning(file, warning)
	}
	c.ofDefaults()
	for _, path := range slices.Sorted(maps.Keys(c.members)) {
		c.noDelay(path, c.members[path])
	}
	c.tasks(file)
	slices.SortStableFunc(c.found, func(a, b taskfile.Problem) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return c.found, nil
}

type checker struct {
	found   []taskfile.Problem
	members map[string]taskfile.Member // by path

	inherited map[string][]taskfile.Problem // about a key that tasks have from defaults
}

func (c *checker) index(g *taskfile.Group, path string) {
	for _, m := range g.Members() {
		at := strings.TrimPrefix(path+"/"+m.Name(), "/")
		c.members[at] = m
		if m.Group != nil {
			c.index(m.Group, at)
		}
	}
}

// add adds a problem, unless a task that came of the same lines has it already.
func (c *checker) add(at taskfile.Position, where, text string) {
	problem := taskfile.Problem{At: at, Where: where, Text: text}
	if same := func(p taskfile.Problem) bool { return p.At == at && p.Text == text }; !at.IsSet() || !slices.ContainsFunc(c.found, same) {
		c.found = append(c.found, problem)
	}
}

// warning says a supervisor's warning in the words of the file. It is left out where it is about what the file does not say.
func (c *checker) warning(file *taskfile.File, w supervisor.Warning) {
	key := keyOf(w)
	text := key + " " + inWordsOfTheFile(w.Problem)
	if len(w.Tasks) == 0 {
		g := &file.Group
		if m, ok := c.members[w.Supervisor]; ok {
			g = m.Group
		}
		if g.Sets(key) {
			c.add(g.Keys[key], w.Supervisor, text)
		}
		return
	}
	for _, path := range w.Tasks {
		m := c.members[path]
		switch at, own := m.Positions()[key]; {
		case m.Task != nil && m.Task.Sets(key) && !own:
			c.inherited[key] = append(c.inherited[key], taskfile.Problem{At: m.At(), Where: path, Text: text})
		case m.Task != nil && m.Task.Sets(key) || m.Group != nil && m.Group.Sets(key):
			c.add(cmp.Or(at, m.At()), path, text)
		}
	}
}

// ofDefaults adds what is odd about the keys of defaults. One that has its effect on some tasks need not have it on all.
func (c *checker) ofDefaults() {
	for _, key := range slices.Sorted(maps.Keys(c.inherited)) {
		without := make(map[string]bool)
		for _, p := range c.inherited[key] {
			without[p.Where] = true
		}
		hasEffect := func(path string) bool {
			m := c.members[path]
			_, own := m.Positions()[key]
			return m.Task != nil && m.Task.Sets(key) && !own && !without[path]
		}
		if slices.ContainsFunc(slices.Collect(maps.Keys(c.members)), hasEffect) {
			continue
		}
		for _, p := range c.inherited[key] {
			c.add(p.At, p.Where, p.Text)
		}
	}
}

// keyOf returns the key that a warning is about.
func keyOf(w supervisor.Warning) string {
	option := strings.TrimPrefix(w.Option, "With")
	if option == "Backoff" { // which field it is, the problem says first
		option, _, _ = strings.Cut(w.Problem, " ")
	}
	if key, ok := words[option]; ok {
		return key
	}
	return option
}

// words are the keys of the file for the fields and options of a supervisor that its warnings name.
var words = map[string]string{
	"BaseDelay": "base_delay", "Base": "base_delay", "Max": "max_delay", "MaxDelay": "max_delay", "MaxExponent": "max_exponent",
	"Factor": "factor", "Jitter": "jitter", "MaxAttempts": "attempts", "StableAfter": "stable_after", "MinUptime": "min_uptime",
	"StartTimeout": "start_timeout", "StopTimeout": "stop_timeout", "HungStopTimeout": "hung_stop_timeout", "OnAbandon": "on_abandon",
	"OnExhausted": "on_exhausted", "OnMiss": "on_miss", "Significant": "significant", "Readiness": "ready", "Watchdog": "watchdog",
	"Probe": "health", "Intensity": "intensity", "RestartRate": "restart_rate", "DeadThreshold": "dead_threshold",
	"AutoShutdown": "auto_shutdown", "ShutdownTimeout": "shutdown_timeout", "Needs": "needs", "BoundTo": "bound_to",
	"RestartNever": `restart = "never"`, "RestartAlways": `restart = "always"`, "Unlimited": `"unlimited"`, "Forever": `"forever"`,
}

// inWordsOfTheFile replaces the names of fields and options by keys. Of a backoff, the field comes first, and is the key itself.
func inWordsOfTheFile(problem string) string {
	parts := strings.Fields(problem)
	if len(parts) > 0 && slices.Contains([]string{"Max", "MaxExponent", "Jitter"}, parts[0]) {
		parts = parts[1:]
	}
	for i, part := range parts {
		bare := strings.Trim(part, ",.:;()")
		name := strings.TrimPrefix(bare, "With")
		if key, ok := words[name]; ok && len(name) > 3 {
			parts[i] = strings.Replace(part, bare, key, 1)
		}
	}
	return strings.Join(parts, " ")
}

// noDelay finds what is said about delays where there are none.
func (c *checker) noDelay(path string, m taskfile.Member) {
	p := m.Policy()
	if p.BaseDelay == nil || *p.BaseDelay > 0 {
		return
	}
	for key, set := range map[string]bool{
		"jitter": p.Jitter != nil, "factor": p.Factor != nil, "max_exponent": p.MaxExponent != nil, "max_delay": p.MaxDelay != nil,
	} {
		if at, own := m.Positions()[key]; set && own {
			c.add(at, path, key+" has no effect: base_delay is 0, so there is no delay")
		}
	}
}

// tasks finds what tasks name that is not there, or that two of them want.
func (c *checker) tasks(file *taskfile.File) {
	var listening []listener
	paths, tasks := file.All()
	for i, t := range tasks {
		c.folder(paths[i], t)
		c.programs(paths[i], t)
		for n, text := range t.Listen {
			address, err := ports.Parse(text)
			if err != nil {
				continue // the file would not be valid
			}
			address = address.In(t.Dir)
			taken := slices.IndexFunc(listening, func(other listener) bool { return other.path != paths[i] && other.at.Meets(address) })
			if taken >= 0 {
				at := t.Keys[fmt.Sprintf("listen.%d", n)]
				c.add(cmp.Or(at, t.At), paths[i], fmt.Sprintf("listen: %s listens on %s, too", listening[taken].path, listening[taken].at))
				continue
			}
			listening = append(listening, listener{paths[i], address})
		}
	}
}

// listener is a task that listens at an address.
type listener struct {
	path string
	at   ports.Address
}

func (c *checker) folder(path string, t *taskfile.Task) {
	switch info, err := os.Stat(t.Dir); {
	case err != nil:
		c.add(cmp.Or(t.Keys["dir"], t.At), path, "dir: "+err.Error())
	case !info.IsDir():
		c.add(cmp.Or(t.Keys["dir"], t.At), path, "dir: "+t.Dir+" is not a folder")
	}
}

// programs finds programs that cannot be found. What a shell is given is the shell's affair.
func (c *checker) programs(path string, t *taskfile.Task) {
	ownPath := slices.ContainsFunc(t.Env, func(v taskfile.Variable) bool { return v.Name == "PATH" })
	if ownPath || t.ClearEnv != nil && *t.ClearEnv {
		return
	}
	c.program(path, t, "exec", t.Exec)
	if t.Ready != nil {
		c.program(path, t, "ready.exec", t.Ready.Exec)
	}
	if t.Health != nil {
		c.program(path, t, "health.exec", t.Health.Exec)
	}
}

func (c *checker) program(path string, t *taskfile.Task, key string, command []string) {
	if len(command) == 0 {
		return
	}
	name := command[0]
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		name = filepath.Join(t.Dir, name)
	}
	_, err := exec.LookPath(name)
	text := ""
	switch {
	case err == nil:
		return
	case errors.Is(err, exec.ErrNotFound) && name == command[0]:
		text = fmt.Sprintf("%s: there is no program %q in PATH", key, name)
	case errors.Is(err, fs.ErrPermission):
		text = fmt.Sprintf("%s: %s is not executable", key, name)
	default:
		text = fmt.Sprintf("%s: there is no program %s", key, name)
	}
	c.add(cmp.Or(t.Keys[key+".0"], t.At), path, text)
}
