package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// keepOnly leaves in a file what was named, and what that needs. A name is a path, such as "workers/mail" or "workers", or that of a task
// with several instances. Without names all is left.
func keepOnly(file *taskfile.File, names []string) error {
	if len(names) == 0 {
		return nil
	}
	o := only{names: names, used: make([]bool, len(names))}
	o.keep(&file.Group, "", false)
	for i, name := range names {
		if !o.used[i] {
			return fmt.Errorf("there is no task %q in %s%s", name, file.Path, taskfile.DidYouMean(name, o.known))
		}
	}
	return nil
}

type only struct {
	names []string
	used  []bool
	known []string // paths
}

// keep leaves in a group what was named or is needed, and reports whether that is anything.
func (o *only) keep(g *taskfile.Group, path string, whole bool) (any bool) {
	kept := make(map[string]bool)
	for _, m := range g.Members() {
		at := path + m.Name()
		o.known = append(o.known, at)
		named := o.named(at) || m.Task != nil && o.named(path+m.Task.Type)
		if m.Group != nil {
			named = o.keep(m.Group, at+"/", whole || named) || named
		}
		kept[m.Name()] = whole || named
	}
	for again := true; again; {
		again = false
		for _, m := range g.Members() {
			for _, need := range slices.Concat(m.Policy().Needs, m.Policy().BoundTo) {
				if kept[m.Name()] && !kept[need] {
					kept[need], again = true, true
				}
			}
		}
	}
	g.Tasks = slices.DeleteFunc(g.Tasks, func(t *taskfile.Task) bool { return !kept[t.Name] })
	g.Groups = slices.DeleteFunc(g.Groups, func(below *taskfile.Group) bool { return !kept[below.Name] })
	return len(g.Tasks)+len(g.Groups) > 0
}

func (o *only) named(path string) bool {
	i := slices.Index(o.names, path)
	if i < 0 {
		return false
	}
	o.used[i] = true
	return true
}

// completeTasksOfFile completes the names of the tasks in the file.
func completeTasksOfFile(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	f := fileFlags{path: cmd.Flag("file").Value.String()}
	file, err := f.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	paths, _ := file.All()
	return paths, cobra.ShellCompDirectiveNoFileComp
}
