package convert

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// compose converts a process-compose.yaml.
type compose struct {
	books
	document

	path   string
	root   *node
	lookup func(name string) (string, bool)
	dotEnv map[string]string // of .env beside the file

	raw       bool // variables are left to the shell
	shell     string
	argument  string // of the shell, before the line
	elevated  string // what runs a line as root
	vars      map[string]any
	envCmds   []taskfile.Variable
	processes []*process
	endsAll   bool // the end of some task ends all
	muted     bool // notes are made for the first of several replicas only
}

// process is one process of the file, before it becomes a task for each replica.
type process struct {
	name     string
	node     *node
	replicas int
	tasks    []string        // their names
	waits    map[string]bool // the conditions with which others depend on it
}

func convertCompose(path string, text []byte, lookup func(string) (string, bool)) (*Result, error) {
	c := &compose{path: path, lookup: lookup, shell: "bash", argument: "-c", elevated: "sudo", vars: map[string]any{}}
	dotEnv := filepath.Join(filepath.Dir(path), ".env")
	switch read, err := taskfile.ReadEnvironment(dotEnv); {
	case err == nil:
		c.dotEnv = map[string]string{}
		for _, v := range read {
			c.dotEnv[v.Name] = v.Value
		}
	case !errors.Is(err, fs.ErrNotExist):
		c.note(Place{dotEnv, 1, 1}, ".env", Refused, "process-compose reads over it: %s", err)
	}
	root, err := c.load(path, text)
	if err != nil {
		return nil, err
	}
	c.root = root
	c.root.setPaths(nil)
	c.lookIntoKeys()
	c.project()
	for _, p := range c.processes {
		c.dependencies(p)
	}
	c.circles()
	for _, p := range c.processes {
		for i := range p.tasks {
			c.muted = i > 0
			c.task(p, i)
		}
		c.muted = false
	}
	c.ends()
	c.lookForTheLost()
	notes, err := c.close()
	return &Result{Text: c.file.TOML(), Notes: notes}, err
}

// lookIntoKeys tells which keys are unknown, and refuses those that have a reason for it.
func (c *compose) lookIntoKeys() {
	c.root.walk(func(e *entry) {
		rule := composeRule(e.path)
		switch {
		case rule != nil && rule.reason != "":
			c.tell(e, Refused, "%s", rule.reason)
		case rule != nil:
		case strings.HasPrefix(e.key, "x-"):
			c.tellAll(e, Refused, "keys that begin with x- are for other programs")
		case !e.noted:
			c.tellAll(e, Unknown, "process-compose has no such key%s", taskfile.DidYouMean(e.key, siblings(e.path)))
		}
	})
}

// lookForTheLost accounts for keys without a value. It also is for a key that nothing was made of: none is lost silently.
func (c *compose) lookForTheLost() {
	c.root.walk(func(e *entry) {
		empty := e.value.kind != scalar && len(e.value.entries) == 0 && len(e.value.items) == 0
		switch {
		case e.noted || e.inherited:
		case empty:
			c.tell(e, Carried, "it says nothing")
		case e.value.kind != mapping:
			c.tell(e, Refused, lost)
		}
	})
}

// lost should be said of no key.
const lost = "nothing was made of it"

// tell accounts for a key.
func (c *compose) tell(e *entry, verdict Verdict, format string, arguments ...any) {
	e.noted = true
	if !e.inherited && !c.muted {
		c.note(e.at, e.name(), verdict, format, arguments...)
	}
}

// tellAll accounts for a key and all below it.
func (c *compose) tellAll(e *entry, verdict Verdict, format string, arguments ...any) {
	c.tell(e, verdict, format, arguments...)
	e.value.walk(func(below *entry) { below.noted = true })
}

func (c *compose) wrong(e *entry, format string, arguments ...any) {
	e.noted = true
	c.problem(e.at, e.name(), format, arguments...)
}

// variable returns a variable as process-compose has it for its file: those of .env win.
func (c *compose) variable(name string) (string, bool) {
	if value, ok := c.dotEnv[name]; ok {
		return value, true
	}
	return c.lookup(name)
}

// text returns a scalar with its variables replaced, as process-compose does when it reads the file. Which ones is told in
// change, for a note.
func (c *compose) text(e *entry) (text, change string) {
	if e == nil {
		return "", ""
	}
	switch e.value.kind {
	case null:
		return "", ""
	case mapping, sequence:
		c.wrong(e, "must be one value")
		return "", ""
	case scalar:
	}
	return c.expanded(e.value.text)
}

func (c *compose) expanded(text string) (replaced, change string) {
	if c.raw {
		return text, ""
	}
	e := expand(text, c.variable)
	if len(e.names) > 0 {
		change = "with " + strings.Join(e.names, ", ") + " as it is now"
	}
	if len(e.unset) > 0 {
		change = "with " + strings.Join(e.names, ", ") + " as it is now; not set: " + strings.Join(e.unset, ", ")
	}
	if len(e.foreign) > 0 {
		change = strings.TrimPrefix(change+"; ", "; ") + "left as it is: " + strings.Join(e.foreign, ", ")
	}
	return e.text, change
}

// rendered is text with the templates of process-compose executed.
func (c *compose) rendered(e *entry, vars map[string]any) (text, change string) {
	text, change = c.text(e)
	return c.render(e, text, change, vars)
}

func (c *compose) render(e *entry, text, change string, vars map[string]any) (string, string) {
	if !strings.Contains(text, "{{") {
		return text, change
	}
	parsed, err := template.New("").Parse(text)
	if err != nil {
		c.wrong(e, "%s", err)
		return text, change
	}
	var out strings.Builder
	if err := parsed.Execute(&out, vars); err != nil {
		c.wrong(e, "%s", err)
		return text, change
	}
	return out.String(), strings.TrimPrefix(change+"; its template is executed", "; ")
}

func (c *compose) number(e *entry) (int, bool) {
	text, _ := c.text(e)
	n, ok := whole(text)
	if !ok || n < 0 {
		c.wrong(e, "%q must be a whole number", text)
		return 0, false
	}
	return n, true
}

func (c *compose) flag(e *entry) bool {
	if e == nil {
		return false
	}
	text, _ := c.text(e)
	value, ok := yes(text)
	if !ok {
		c.wrong(e, "%q must be true or false", text)
	}
	return value
}

// mapping returns what is below a key, or nil.
func (c *compose) mapping(e *entry) *node {
	switch {
	case e == nil || e.value.kind == null:
		return nil
	case e.value.kind != mapping:
		c.wrong(e, "must be a mapping of keys to values")
		return nil
	}
	return e.value
}

// project reads what the file says besides its processes.
func (c *compose) project() {
	if e := c.root.get("disable_env_expansion"); e != nil {
		c.raw = c.flag(e)
		if c.raw {
			c.tell(e, Carried, "variables are left to the shell")
		} else {
			c.tell(e, Carried, "false is the default")
		}
	}
	defaults := c.begin(c.path)
	c.file.AutoShutdown = "all"
	comment(&c.file.Comment, "It ends when all of its tasks have ended, as process-compose does.")
	comment(&defaults.Comment, "What process-compose does unless it is told otherwise.")
	defaults.Restart = "never"
	if e := c.root.get("is_strict"); e != nil {
		c.tell(e, Carried, "taskvisor is always strict")
	}
	if e := c.root.get("ordered_shutdown"); e != nil {
		if c.flag(e) {
			c.tell(e, Carried, "what needs a task always stops before it")
		} else {
			c.tell(e, Changed, "what needs a task always stops before it")
		}
	}
	c.shells()
	for _, e := range c.entries("vars") {
		c.vars[e.key] = plain(e.value)
		c.tellAll(e, Changed, "its value is in the new file wherever a template has it")
	}
	if e := c.root.get("environment"); e != nil {
		c.environment(e, defaults, c.vars)
	}
	for _, e := range c.entries("env_cmds") {
		line, _ := c.text(e)
		c.envCmds = append(c.envCmds, taskfile.Variable{Name: e.key, Value: line})
		c.tell(e, Changed, "the lines that have $%s run the command first, at each start; a program that reads it from its environment needs the same", e.key)
	}
	if configuration := c.mapping(c.root.get("log_configuration")); configuration != nil {
		c.mapping(configuration.get("rotation"))
	}
	for _, e := range c.entries("processes") {
		if c.mapping(e) == nil {
			c.wrong(e, "has nothing to run")
			continue
		}
		c.name(e.at, e.name(), e.key)
		p := &process{name: e.key, node: e.value, waits: map[string]bool{}}
		c.processes = append(c.processes, p)
	}
	if len(c.processes) == 0 {
		c.problem(c.root.at, "", "the file has no processes")
	}
	done := map[string]bool{}
	for _, p := range c.processes {
		c.extend(p, nil, done)
	}
	for _, p := range c.processes {
		c.replicas(p)
	}
	if c.dotEnv == nil {
		return
	}
	comment(&defaults.Comment, "Variables of .env win over those that taskvisor is started with; with process-compose it is the other way round.")
	if !c.hasOwnDotEnv() {
		defaults.EnvFile = taskfile.Strings{".env"}
	}
}

// entries returns what is in a mapping at the root.
func (c *compose) entries(key string) []*entry {
	if below := c.mapping(c.root.get(key)); below != nil {
		return below.entries
	}
	return nil
}

func (c *compose) shells() {
	if shell := c.mapping(c.root.get("shell")); shell != nil {
		if e := shell.get("shell_command"); e != nil {
			c.shell, _ = c.text(e)
			switch {
			case strings.TrimSpace(c.shell) == "":
				c.wrong(e, "names no shell")
			case filepath.Base(c.shell) == "sh":
				c.tell(e, Carried, "it is the shell of command")
			default:
				c.tell(e, Carried, "it is in exec where a line is not for any shell")
			}
		}
		if e := shell.get("shell_argument"); e != nil {
			c.argument, _ = c.text(e)
			c.tell(e, Carried, "it is in exec, and -c is what command has")
		}
		if e := shell.get("elevated_shell_command"); e != nil {
			c.elevated, _ = c.text(e)
			c.tell(e, Carried, "it is before the lines of processes with is_elevated")
		}
		if e := shell.get("elevated_shell_argument"); e != nil {
			c.tell(e, Refused, "the password is typed on a terminal, see is_elevated")
		}
	}
}

// extend gives a process what it says with extends that it has of another.
func (c *compose) extend(p *process, chain []string, done map[string]bool) {
	e := p.node.get("extends")
	if e == nil || done[p.name] {
		return
	}
	name, _ := c.text(e)
	i := slices.IndexFunc(c.processes, func(other *process) bool { return other.name == name })
	switch {
	case i < 0:
		c.wrong(e, "there is no process %q", name)
		return
	case name == p.name || slices.Contains(chain, name):
		c.wrong(e, "processes extend each other: %s", strings.Join(append(chain, p.name, name), " -> "))
		return
	}
	c.extend(c.processes[i], append(chain, p.name), done)
	done[p.name] = true
	base := c.processes[i].node.copied()
	base.entries = slices.DeleteFunc(base.entries, func(e *entry) bool { return e.key == "extends" })
	c.overlay(base, p.node, nil)
	c.tell(e, Changed, "what %s says is written out", name)
	path := []string{"processes", p.name}
	base.setPaths(path)
	p.node = base
	c.root.get("processes").value.get(p.name).value = base
}

// replicas gives a process the names of its tasks.
func (c *compose) replicas(p *process) {
	p.replicas = 1
	if e := p.node.get("replicas"); e != nil {
		if n, ok := c.number(e); ok && n > 0 {
			p.replicas = n
		}
		const most = 1000
		switch {
		case p.replicas > most:
			c.wrong(e, "%d are more tasks than %d", p.replicas, most)
			p.replicas = 1
		case p.replicas == 1:
			c.tell(e, Carried, "one is what there is")
		}
	}
	if p.replicas == 1 {
		p.tasks = []string{p.name}
		return
	}
	width := len(fmt.Sprint(p.replicas)) // as process-compose pads them
	for i := range p.replicas {
		p.tasks = append(p.tasks, fmt.Sprintf("%s-%0*d", p.name, width, i))
	}
	c.tell(p.node.get("replicas"), Changed, "a task for each: %s to %s", p.tasks[0], p.tasks[len(p.tasks)-1])
}

// circles complains about processes that depend on each other, and about replicas whose names others have.
func (c *compose) circles() {
	names := map[string]string{}
	for _, p := range c.processes {
		for _, name := range p.tasks {
			if other, taken := names[name]; taken {
				c.problem(p.node.at, "processes."+p.name, "there would be two tasks %q: the other is of %s", name, other)
			}
			names[name] = p.name
		}
	}
	const under, done = 1, 2
	state := map[*process]int{}
	var visit func(p *process, chain []string)
	visit = func(p *process, chain []string) {
		state[p] = under
		chain = append(chain, p.name)
		for _, e := range c.below(p, "depends_on") {
			switch target, _ := c.target(e.key); {
			case target == nil:
			case state[target] == under:
				from := slices.Index(chain, target.name)
				c.wrong(e, "processes depend on each other: %s", strings.Join(append(slices.Clone(chain[from:]), target.name), " -> "))
			case state[target] == 0:
				visit(target, chain)
			}
		}
		state[p] = done
	}
	for _, p := range c.processes {
		if state[p] == 0 {
			visit(p, nil)
		}
	}
}

// plain returns a value as a template gets it.
func plain(n *node) any {
	switch n.kind {
	case mapping:
		values := map[string]any{}
		for _, e := range n.entries {
			values[e.key] = plain(e.value)
		}
		return values
	case sequence:
		values := make([]any, len(n.items))
		for i, item := range n.items {
			values[i] = plain(item)
		}
		return values
	case null:
		return nil
	case scalar:
	}
	switch n.text {
	case "true":
		return true
	case "false":
		return false
	}
	if i, ok := whole(n.text); ok && fmt.Sprint(i) == n.text {
		return i
	}
	return n.text
}

// ends says for each task whether its end ends all, where some tasks do that.
func (c *compose) ends() {
	if !c.endsAll {
		return
	}
	c.file.AutoShutdown = "any"
	comment(&c.file.Comment, "A task that had exit_on_end ends all: the others are not significant.")
	for _, t := range c.file.Tasks {
		if t.Significant == nil {
			t.Significant = of(false)
		}
	}
}
