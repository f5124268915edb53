package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// fileFlags are the flags of all commands that read a task file.
type fileFlags struct {
	path    string
	options taskfile.Options
}

// add gives a command the flags. They are overmind's for a Procfile.
func (f *fileFlags) add(cmd *cobra.Command) {
	procfile := &f.options.Procfile
	flags := cmd.Flags()
	flags.StringVarP(&f.path, "file", "f", "", "the `FILE`: TOML if its name ends in .toml, else a Procfile (default tasks.toml, or else Procfile)")
	flags.StringVarP(&procfile.Formation, "formation", "m", "", "of a Procfile: how many of which processes, such as `web=2,worker=1` (default all=1)")
	flags.IntVarP(&procfile.Port, "port", "p", 0, "of a Procfile: the first `PORT` to give out (default PORT of .env or of the environment, or 5000)")
	flags.StringSliceVarP(&procfile.AutoRestart, "auto-restart", "r", nil, "of a Procfile: the `NAMES` of processes to restart when they end, or all")
	flags.StringSliceVarP(&procfile.CanDie, "can-die", "c", nil, "of a Procfile: the `NAMES` of processes whose end does not end the others, or all")
	flags.StringSliceVarP(&procfile.Only, "processes", "l", nil, "of a Procfile: the `NAMES` of the only processes to run")
	flags.StringSliceVarP(&procfile.EnvFiles, "env", "e", nil, "of a Procfile: environment `FILES` instead of .env beside it")
	if err := cmd.MarkFlagFilename("file"); err != nil {
		panic(err) // the flag does not exist
	}
}

// load reads the file. The error is a [*taskfile.Error], or one of the file system.
func (f *fileFlags) load() (*taskfile.File, error) {
	path, err := f.find()
	if err != nil {
		return nil, err
	}
	return f.read(path)
}

// read reads the file at a path.
func (f *fileFlags) read(path string) (*taskfile.File, error) {
	if flag := f.ofProcfile(); flag != "" && taskfile.IsTOML(path) {
		return nil, fmt.Errorf("%s is for a Procfile, and %s is not one: say it in the file", flag, path)
	}
	return taskfile.Load(path, f.options)
}

// ofProcfile returns a flag that is given and says something of a Procfile, or nothing.
func (f *fileFlags) ofProcfile() string {
	switch p := &f.options.Procfile; {
	case p.Formation != "":
		return "--formation"
	case p.Port != 0:
		return "--port"
	case len(p.AutoRestart) > 0:
		return "--auto-restart"
	case len(p.CanDie) > 0:
		return "--can-die"
	case len(p.Only) > 0:
		return "--processes"
	case len(p.EnvFiles) > 0:
		return "--env"
	}
	return ""
}

// find returns the path of the file.
func (f *fileFlags) find() (string, error) {
	if f.path != "" {
		return f.path, nil
	}
	names := []string{"tasks.toml", "Procfile"}
	for _, name := range names {
		if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
			return name, nil
		}
	}
	dir, err := filepath.Abs(".")
	if err != nil {
		return "", err
	}
	return "", fmt.Errorf("there is neither a tasks.toml nor a Procfile in %s: name one with -f, or write one with taskvisor init", dir)
}

// complete completes the paths of the file's tasks and groups.
func (f *fileFlags) complete(_ *cobra.Command, already []string, _ string) ([]string, cobra.ShellCompDirective) {
	file, err := f.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	paths, _ := file.All()
	return slices.DeleteFunc(paths, func(path string) bool { return slices.Contains(already, path) }), cobra.ShellCompDirectiveNoFileComp
}
