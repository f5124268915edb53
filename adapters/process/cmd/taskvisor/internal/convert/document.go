package convert

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// document is the new file.
type document struct {
	file  taskfile.File
	lines int // each task and group stands in one of its own: that is their order
}

// begin returns the defaults of the new file.
func (d *document) begin(from string) (defaults *taskfile.Task) {
	comment(&d.file.Comment, "Converted from "+filepath.Base(from)+" by taskvisor convert, which says what has become of each key.")
	d.file.Defaults = &taskfile.Task{}
	return d.file.Defaults
}

// add adds a task to a group; nil is the file itself.
func (d *document) add(to *taskfile.Group, name string) *taskfile.Task {
	if to == nil {
		to = &d.file.Group
	}
	d.lines++
	t := &taskfile.Task{Name: name, Type: name, At: taskfile.Position{Line: d.lines, Column: 1}}
	to.Tasks = append(to.Tasks, t)
	return t
}

func (d *document) addGroup(name string) *taskfile.Group {
	d.lines++
	g := &taskfile.Group{Name: name, At: taskfile.Position{Line: d.lines, Column: 1}}
	d.file.Groups = append(d.file.Groups, g)
	return g
}

// comment adds a line to a comment.
func comment(to *string, line string) {
	if *to != "" {
		*to += "\n"
	}
	*to += line
}

// setEnv sets a variable of a task.
func setEnv(t *taskfile.Task, name, value string) { t.Env = withVariable(t.Env, name, value) }

// withVariable sets a variable. The later value of a name counts.
func withVariable(env []taskfile.Variable, name, value string) []taskfile.Variable {
	if i := slices.IndexFunc(env, func(v taskfile.Variable) bool { return v.Name == name }); i >= 0 {
		env[i].Value = value
		return env
	}
	return append(env, taskfile.Variable{Name: name, Value: value})
}

// of returns a pointer to a value: it is set.
func of[T any](value T) *T { return &value }

func seconds(n int) *taskfile.Duration { return of(taskfile.Duration(time.Duration(n) * time.Second)) }
