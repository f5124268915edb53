package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// keepOnly leaves in a file what was named, and what that needs. A name is a path, such as "workers/mail" or "workers", or that of a task
// with several instances. Without names all is left.
func keepOnly(file *taskfile.File, names []string) error {
	if len(names) == 0 {
		return nil
	}
	o := only{names: names, used: make([]bool, len(names))}
	o.look(&file.Group, "")
	for i, name := range names {
		if !o.used[i] {
			return fmt.Errorf("there is no task %q in %s%s", name, file.Path, taskfile.DidYouMeanTask(name, o.known))
		}
	}
	o.keep(&file.Group, "")
	return nil
}

type only struct {
	names []string
	used  []bool   // of names
	known []string // all paths
	named []string // those that were named
}

// look finds what was named.
func (o *only) look(g *taskfile.Group, path string) {
	for _, m := range g.Members() {
		at := path + m.Name()
		o.known = append(o.known, at)
		for i, name := range o.names {
			if name == at || m.Task != nil && name == path+m.Task.Type {
				o.used[i], o.named = true, append(o.named, at)
			}
		}
		if m.Group != nil {
			o.look(m.Group, at+"/")
		}
	}
}

// keep leaves in a group what was named or is needed.
func (o *only) keep(g *taskfile.Group, path string) {
	whole, kept := make(map[string]bool), make(map[string]bool)
	for _, m := range g.Members() {
		at := path + m.Name()
		whole[m.Name()] = slices.Contains(o.named, at)
		kept[m.Name()] = slices.ContainsFunc(o.named, func(named string) bool { return named == at || strings.HasPrefix(named, at+"/") })
	}
	for again := true; again; {
		again = false
		for _, m := range g.Members() {
			for _, need := range slices.Concat(m.Policy().Needs, m.Policy().BoundTo) {
				if kept[m.Name()] && !whole[need] {
					kept[need], whole[need], again = true, true, true
				}
			}
		}
	}
	g.Tasks = slices.DeleteFunc(g.Tasks, func(t *taskfile.Task) bool { return !kept[t.Name] })
	g.Groups = slices.DeleteFunc(g.Groups, func(below *taskfile.Group) bool { return !kept[below.Name] })
	for _, below := range g.Groups {
		if !whole[below.Name] {
			o.keep(below, path+below.Name+"/")
		}
	}
}
