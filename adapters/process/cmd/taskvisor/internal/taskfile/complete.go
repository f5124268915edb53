package taskfile

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// mostInstances bounds the instances of one task.
const mostInstances = 1000

// Complete returns a copy in which every task is what it will be: with the defaults of its group and of those around it, one task
// for each instance, variables read from environment files, and absolute paths. Groups have no defaults any more. The error is an
// [*Error].
func (f *File) Complete() (*File, error) {
	c := completion{file: f, read: make(map[string][]Variable)}
	complete := *f
	complete.Group = c.group(&f.Group, &Task{}, nil, "")
	if len(c.problems.list) > 0 {
		return nil, f.failed(&c.problems)
	}
	return &complete, nil
}

type completion struct {
	file     *File
	problems problems
	read     map[string][]Variable // environment files, by path
}

// group returns a complete group; defaults are those of the groups around it, and env is what these add up to.
func (c *completion) group(g *Group, defaults *Task, env []Variable, where string) Group {
	if g.Defaults != nil {
		own := *g.Defaults
		own.inherit(defaults)
		defaults = &own
		env = c.environment(env, g.Defaults, below(where, "defaults"))
	}
	complete := *g
	complete.Defaults, complete.Tasks, complete.Groups = nil, nil, nil
	instances := g.instances()
	for _, t := range g.Tasks {
		at := below(below(where, "tasks"), t.Name)
		own := *t
		own.inherit(defaults)
		own.Needs, own.BoundTo = expand(t.Needs, instances), expand(t.BoundTo, instances)
		own.Env = c.environment(env, t, at)
		complete.Tasks = append(complete.Tasks, c.instancesOf(t, own)...)
	}
	for _, inner := range g.Groups {
		own := c.group(inner, defaults, env, below(below(where, "groups"), inner.Name))
		own.Needs, own.BoundTo = expand(inner.Needs, instances), expand(inner.BoundTo, instances)
		complete.Groups = append(complete.Groups, &own)
	}
	return complete
}

// instances returns the names of the tasks that each task of the group becomes, if these are others than its own.
func (g *Group) instances() map[string][]string {
	of := make(map[string][]string)
	for _, t := range g.Tasks {
		if t.Instances == nil {
			continue
		}
		of[t.Name] = nil
		for n := range *t.Instances {
			of[t.Name] = append(of[t.Name], instanceName(t.Name, n+1))
		}
	}
	return of
}

// expand replaces the names of tasks that have instances by the names of these, and returns each name once.
func expand(names []string, instances map[string][]string) (expanded []string) {
	for _, name := range names {
		of, ok := instances[name]
		if !ok {
			of = []string{name}
		}
		for _, name := range of {
			if !slices.Contains(expanded, name) {
				expanded = append(expanded, name)
			}
		}
	}
	return expanded
}

// instancesOf returns the tasks that a task becomes; own is the task with what it has inherited.
func (c *completion) instancesOf(t *Task, own Task) (tasks []*Task) {
	own.EnvFile, own.Instances, own.Port = nil, nil, nil
	own.Dir = c.file.abs(own.Dir)
	if own.Output != nil && own.Output.Log != "" {
		output := *own.Output
		output.Log = c.file.abs(output.Log)
		if strings.HasSuffix(own.Output.Log, "/") && !strings.HasSuffix(output.Log, "/") { // only the slash says that it is a folder
			output.Log += "/"
		}
		own.Output = &output
	}
	if t.Instances == nil {
		return []*Task{own.listening(t.Port, 0)}
	}
	for n := range *t.Instances {
		instance := own.listening(t.Port, n)
		instance.Name = instanceName(t.Name, n+1)
		if c.file.Procfile {
			instance.Env = set(instance.Env, "PS", instance.Name)
		}
		tasks = append(tasks, instance)
	}
	return tasks
}

// listening returns a copy of the task that is its nth instance, from 0: with PORT in its environment, and in place of $PORT in
// addresses.
func (t *Task) listening(first *int, n int) *Task {
	own := *t
	if first == nil {
		return &own
	}
	port := strconv.Itoa(*first + n)
	own.Env = set(slices.Clone(t.Env), "PORT", port)
	ported := strings.NewReplacer("${PORT}", port, "$PORT", port)
	all := func(texts []string) []string {
		texts = slices.Clone(texts)
		for i := range texts {
			texts[i] = ported.Replace(texts[i])
		}
		return texts
	}
	own.Listen = all(t.Listen)
	if t.Ready != nil { // a line for the shell has PORT from the environment
		ready := *t.Ready
		for _, text := range []*string{&ready.Port, &ready.HTTP, &ready.Line, &ready.File} {
			*text = ported.Replace(*text)
		}
		ready.Exec = all(ready.Exec)
		own.Ready = &ready
	}
	if t.Health != nil {
		health := *t.Health
		health.Port, health.HTTP, health.Exec = ported.Replace(health.Port), ported.Replace(health.HTTP), all(health.Exec)
		own.Health = &health
	}
	return &own
}

// set sets a variable, in its place if it is there already.
func set(env []Variable, name, value string) []Variable {
	for i := range env {
		if env[i].Name == name {
			env[i].Value = value
			return env
		}
	}
	return append(env, Variable{name, value})
}

// environment returns variables with those of a task or of defaults after them: those of its files, and then its own. Of several with
// the same name the last counts.
func (c *completion) environment(around []Variable, from *Task, where string) []Variable {
	env := slices.Clone(around)
	for i, path := range from.EnvFile {
		for _, v := range c.environmentFile(path, from, i, where) {
			env = set(env, v.Name, v.Value)
		}
	}
	for _, v := range from.Env {
		env = set(env, v.Name, v.Value)
	}
	return env
}

func (c *completion) environmentFile(path string, from *Task, i int, where string) []Variable {
	path = c.file.abs(path)
	if known, ok := c.read[path]; ok {
		return known
	}
	variables, err := ReadEnvironment(path)
	if err != nil {
		c.problems.add(from.Keys["env_file."+strconv.Itoa(i)], where, "env_file: %s", err)
	}
	c.read[path] = variables
	return variables
}

// inherit sets what is not set to what the defaults say. Environments are merged elsewhere.
func (t *Task) inherit(defaults *Task) {
	inherit(reflect.ValueOf(t).Elem(), reflect.ValueOf(defaults).Elem())
}

func inherit(into, from reflect.Value) {
	for i := range into.NumField() {
		field := into.Type().Field(i)
		switch own, given := into.Field(i), from.Field(i); {
		case field.Anonymous:
			inherit(own, given)
		case field.Tag.Get("toml") == "" || given.IsZero():
		case own.IsZero():
			own.Set(given)
		case field.Type == reflect.TypeFor[*Output](): // its keys are inherited one by one
			merged := reflect.New(field.Type.Elem())
			merged.Elem().Set(own.Elem())
			inherit(merged.Elem(), given.Elem())
			own.Set(merged)
		}
	}
}
