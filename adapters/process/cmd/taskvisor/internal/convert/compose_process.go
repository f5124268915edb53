package convert

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// task makes the task of one replica of a process.
func (c *compose) task(p *process, replica int) {
	t := c.add(nil, p.tasks[replica])
	vars := maps.Clone(c.vars)
	for _, e := range c.below(p, "vars") {
		vars[e.key] = plain(e.value)
		c.tellAll(e, Changed, "its value is in the new file wherever a template has it")
	}
	vars["PC_REPLICA_NUM"] = replica
	c.describe(p, t, vars)
	c.runs(p, t, vars)
	c.surroundings(p, t, vars, replica)
	c.availability(p, t)
	c.needs(p, t)
	c.probes(p, t, vars)
	c.shutdown(p, t)
	c.output(p, t, vars, replica)
	c.heldBack(p, t)
}

// below returns what is in a mapping of a process.
func (c *compose) below(p *process, key string) []*entry {
	if n := c.mapping(p.node.get(key)); n != nil {
		return n.entries
	}
	return nil
}

func (c *compose) describe(p *process, t *taskfile.Task, vars map[string]any) {
	if e := p.node.get("description"); e != nil {
		text, change := c.rendered(e, vars)
		t.Description = text
		c.carried(e, change, "description")
	}
	if e := p.node.get("namespace"); e != nil {
		names := c.list(e)
		comment(&t.Comment, "namespace: "+strings.Join(names, ", "))
		c.tell(e, Refused, "it is a comment: a task has no labels, and a group is a supervisor of its own, across which tasks cannot need each other")
	}
}

// carried tells that the new file says the same, or the same but for a change.
func (c *compose) carried(e *entry, change, format string, arguments ...any) {
	text := fmt.Sprintf(format, arguments...)
	if change == "" {
		c.tell(e, Carried, "%s", text)
	} else {
		c.tell(e, Changed, "%s, %s", text, change)
	}
}

// list returns the texts of a list, or of a single value.
func (c *compose) list(e *entry) []string {
	switch e.value.kind {
	case scalar:
		text, _ := c.text(e)
		return []string{text}
	case sequence:
		texts := make([]string, len(e.value.items))
		for i, item := range e.value.items {
			if item.kind != scalar {
				c.wrong(e, "must be a list of values")
				return nil
			}
			texts[i], _ = c.expanded(item.text)
		}
		return texts
	case mapping:
		c.wrong(e, "must be a list")
	case null:
	}
	return nil
}

// runs says what a task runs.
func (c *compose) runs(p *process, t *taskfile.Task, vars map[string]any) {
	command, entrypoint := p.node.get("command"), p.node.get("entrypoint")
	if e := p.node.get("is_template_disabled"); e != nil {
		if c.flag(e) {
			c.tell(e, Carried, "the line is as it was written")
		} else {
			c.tell(e, Carried, "false is the default")
		}
	}
	var elevated string
	if e := p.node.get("is_elevated"); e != nil {
		if c.flag(e) {
			elevated = c.elevated
			t.TTY = of(true)
			c.tell(e, Changed, "%s is before its command, on a terminal of its own: type the password in taskvisor attach %s", elevated, p.name)
		} else {
			c.tell(e, Carried, "false is the default")
		}
	}
	switch {
	case command != nil && command.value.kind == scalar && command.value.text != "":
		c.runsLine(p, t, command, elevated, vars)
		if entrypoint != nil {
			c.tell(entrypoint, Refused, "process-compose runs command where there are both")
		}
	case entrypoint != nil:
		words := c.list(entrypoint)
		if elevated != "" {
			words = append([]string{elevated}, words...)
		}
		if len(words) == 0 || strings.TrimSpace(words[0]) == "" {
			c.wrong(entrypoint, "names no program")
		}
		t.Exec = words
		c.tell(entrypoint, Carried, "exec")
		if command != nil {
			c.tell(command, Refused, "it is empty")
		}
	case command != nil:
		c.wrong(command, "must be a line for the shell")
	default:
		c.problem(p.node.at, "processes."+p.name, "has neither command nor entrypoint")
	}
}

func (c *compose) runsLine(p *process, t *taskfile.Task, e *entry, elevated string, vars map[string]any) {
	line, names := e.value.text, []string(nil)
	change := ""
	if !c.raw {
		line, names = unescape(line)
	}
	names = slices.DeleteFunc(names, func(name string) bool { // told at env_cmds
		return slices.ContainsFunc(c.envCmds, func(command taskfile.Variable) bool { return command.Name == name })
	})
	if len(names) > 0 {
		change = "the shell has " + strings.Join(names, ", ") + " from the environment of the task, at each start"
	}
	if !isTrue(p.node.get("is_template_disabled")) {
		line, change = c.render(e, line, change, vars)
	}
	line = strings.TrimRight(line, "\n")
	for _, command := range slices.Backward(c.envCmds) {
		if mentions(line, command.Name) {
			line = command.Name + "=$(" + command.Value + "); export " + command.Name + "\n" + line
		}
	}
	if elevated != "" {
		line = elevated + " " + line
	}
	if c.argument == "-c" && forAnyShell(c.shell, line) {
		t.Command = line
		c.carried(e, change, "command")
		return
	}
	t.Exec = []string{c.shell, c.argument, line}
	c.carried(e, change, "exec, with %s %s before it: it is not for any shell", c.shell, c.argument)
}

// isTrue is for a flag that is told elsewhere.
func isTrue(e *entry) bool {
	if e == nil {
		return false
	}
	value, _ := yes(e.value.text)
	return value
}

// surroundings says where and in what environment a task runs.
func (c *compose) surroundings(p *process, t *taskfile.Task, vars map[string]any, replica int) {
	if e := p.node.get("working_dir"); e != nil {
		dir, change := c.rendered(e, vars)
		if dir != "" {
			t.Dir = dir
		}
		c.carried(e, change, "dir")
	}
	own := c.dotEnv != nil && c.hasOwnDotEnv() && !isTrue(p.node.get("is_dotenv_disabled"))
	if own {
		t.EnvFile = append(t.EnvFile, ".env")
	}
	var inFile []taskfile.Variable
	if e := p.node.get("env_file"); e != nil {
		file, change := c.text(e)
		if dir, _ := c.rendered(orEmpty(p.node.get("working_dir")), vars); dir != "" && !strings.HasPrefix(file, "/") {
			file = dir + "/" + file
		}
		t.EnvFile = append(t.EnvFile, file)
		path := file
		if !filepath.IsAbs(file) {
			path = filepath.Join(filepath.Dir(c.path), file)
		}
		inFile, _ = taskfile.ReadEnvironment(path) // that it cannot be read is told when the new file is
		c.carried(e, change, "env_file")
	}
	if own {
		c.overDotEnv(t, inFile)
	}
	if e := p.node.get("is_dotenv_disabled"); e != nil {
		switch {
		case !c.flag(e):
			c.tell(e, Carried, "false is the default")
		case c.dotEnv == nil:
			c.tell(e, Carried, "there is no .env beside the file")
		default:
			c.tell(e, Carried, ".env is not among its env_file")
		}
	}
	text := c.everything(p.node)
	if p.replicas > 1 || strings.Contains(text, "$PC_REPLICA_NUM") || strings.Contains(text, "{PC_REPLICA_NUM}") {
		setEnv(t, "PC_REPLICA_NUM", strconv.Itoa(replica))
	}
	if strings.Contains(text, "PC_PROC_NAME") {
		setEnv(t, "PC_PROC_NAME", p.name)
	}
	if e := p.node.get("environment"); e != nil {
		c.environment(e, t, vars)
	}
	terminals := []string{"is_tty", "is_interactive"}
	for _, key := range terminals {
		if e := p.node.get(key); e != nil {
			if c.flag(e) {
				t.TTY = of(true)
				c.tell(e, Carried, "tty = true")
			} else {
				c.tell(e, Carried, "false is the default")
			}
		}
	}
}

// overDotEnv has the environment of the project win over .env, which is nearer where a task names it, unless the task's own file says
// something else.
func (c *compose) overDotEnv(t *taskfile.Task, inFile []taskfile.Variable) {
	for _, v := range c.file.Defaults.Env {
		_, inDotEnv := c.dotEnv[v.Name]
		if inDotEnv && !slices.ContainsFunc(inFile, func(other taskfile.Variable) bool { return other.Name == v.Name }) {
			setEnv(t, v.Name, v.Value)
		}
	}
}

func orEmpty(e *entry) *entry {
	if e == nil {
		return &entry{value: &node{}}
	}
	return e
}

// hasOwnDotEnv reports whether .env is named by each task that has it, because some have not.
func (c *compose) hasOwnDotEnv() bool {
	return slices.ContainsFunc(c.processes, func(p *process) bool { return isTrue(p.node.get("is_dotenv_disabled")) })
}

// everything returns all texts below a node, to look for a word in them.
func (c *compose) everything(n *node) string {
	var text strings.Builder
	text.WriteString(n.text)
	for _, item := range n.items {
		text.WriteString(" " + c.everything(item))
	}
	for _, e := range n.entries {
		text.WriteString(" " + c.everything(e.value))
	}
	return text.String()
}

// environment reads a list of NAME=value, or a mapping.
func (c *compose) environment(e *entry, t *taskfile.Task, vars map[string]any) {
	changes := ""
	add := func(name, value string) {
		value, change := c.expanded(value)
		value, change = c.render(e, value, change, vars)
		if change != "" {
			changes = strings.TrimPrefix(changes+"; "+name+" "+change, "; ")
		}
		setEnv(t, name, value)
	}
	switch e.value.kind {
	case sequence:
		for _, item := range e.value.items {
			name, value, ok := strings.Cut(item.text, "=")
			if !ok || item.kind != scalar || name == "" {
				c.wrong(e, "%q is not NAME=value", item.text)
				continue
			}
			add(name, value)
		}
	case mapping:
		for _, variable := range e.value.entries {
			add(variable.key, variable.value.text)
			variable.noted = true
		}
	case scalar:
		c.wrong(e, "must be a list of NAME=value")
	case null:
	}
	c.carried(e, changes, "env")
}

// output says where the lines of a task are kept.
func (c *compose) output(p *process, t *taskfile.Task, vars map[string]any, replica int) {
	if e := p.node.get("success_exit_codes"); e != nil {
		var codes []int
		for _, text := range c.list(e) {
			code, ok := whole(text)
			if !ok || code < 0 || code > 255 {
				c.wrong(e, "%q must be a code from 0 to 255", text)
				continue
			}
			if code != 0 && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
		t.Success = codes
		c.tell(e, Carried, "success")
	}
	var rotation *node
	if own := c.mapping(p.node.get("log_configuration")); own != nil {
		rotation = c.mapping(own.get("rotation"))
	}
	e := p.node.get("log_location")
	if e == nil {
		c.rotated(rotation, nil)
		return
	}
	file, change := c.rendered(e, vars)
	const number = "{PC_REPLICA_NUM}"
	switch {
	case file == "":
		c.tell(e, Carried, "it is empty")
		c.rotated(rotation, nil)
		return
	case strings.Contains(file, number):
		file = strings.ReplaceAll(file, number, strconv.Itoa(replica))
	case p.replicas > 1:
		file += "." + strconv.Itoa(replica)
	}
	t.Output = &taskfile.Output{Log: file}
	told := "output.log has the lines as they are printed, and no JSON"
	switch {
	case rotation == nil:
		told += "; it goes on at a start, and does not grow for ever: see max_size and keep"
	case rotation.get("max_backups") == nil:
		told += "; 100 renamed files are kept, where process-compose keeps all"
	}
	c.tell(e, Changed, "%s", strings.TrimSuffix(told+", "+change, ", "))
	c.rotated(rotation, t.Output)
}

// rotated says when a log file is renamed, and how many are kept: without another number 100 MiB, and all. There may be no log file.
func (c *compose) rotated(rotation *node, output *taskfile.Output) {
	if rotation == nil {
		return
	}
	const many = 100
	size, backups := rotation.get("max_size_mb"), rotation.get("max_backups")
	if output == nil {
		for _, e := range []*entry{size, backups} {
			if e != nil {
				c.tell(e, Refused, "there is no log file")
			}
		}
		return
	}
	output.MaxSize, output.Keep = of(taskfile.Size(100<<20)), of(many)
	if size != nil {
		if n, ok := c.number(size); ok {
			output.MaxSize = of(taskfile.Size(cmp.Or(n, 100)) << 20)
			c.tell(size, Carried, "output.max_size")
		}
	}
	if backups != nil {
		switch n, ok := c.number(backups); {
		case ok && n > 0:
			output.Keep = of(n)
			c.tell(backups, Carried, "output.keep")
		case ok:
			c.tell(backups, Changed, "output.keep = %d, where process-compose keeps all", many)
		}
	}
}
