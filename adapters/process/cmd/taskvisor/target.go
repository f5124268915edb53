package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

// target says which taskvisor a command is for: that which runs a file.
type target struct {
	file   string
	socket string
}

func (t *target) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&t.file, "file", "f", "", "the `FILE` that taskvisor runs (default tasks.toml, or else Procfile)")
	flags.StringVar(&t.socket, "socket", "", "the control socket's `PATH` (default beside the file)")
	if err := cmd.MarkFlagFilename("file"); err != nil {
		panic(err) // the flag does not exist
	}
}

// dial returns a client of the taskvisor.
func (t *target) dial(ctx context.Context) (*control.Client, error) {
	client, err := control.Dial(ctx, t.places()...)
	if errors.As(err, new(*control.NotRunningError)) {
		return nil, &exitError{code: codeNotAlone, err: fmt.Errorf("%w: %s", err, t.next())}
	}
	return client, err
}

// next says what to do where no taskvisor runs.
func (t *target) next() string {
	if _, err := os.Stat(t.file); t.socket == "" && t.file != "" && errors.Is(err, os.ErrNotExist) {
		return "there is no file " + t.file + "; -f names the one that taskvisor runs"
	}
	return "start one with taskvisor run, or name its file with -f"
}

// places returns where the control socket may be. Where there is no file, it may be that of one which was there.
func (t *target) places() []string {
	if t.socket != "" {
		return []string{t.socket}
	}
	f := fileFlags{path: t.file}
	path, err := f.find()
	if err == nil {
		return control.Places(path)
	}
	found, _ := filepath.Glob(".taskvisor-*.sock") // the pattern is well formed
	return append(found, control.Places("tasks.toml")...)
}

// complete completes the paths of the tasks that run.
func (t *target) complete(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := control.WithPatience(context.Background())
	defer cancel()
	at := target{file: cmd.Flag("file").Value.String(), socket: cmd.Flag("socket").Value.String()}
	client, err := at.dial(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer client.Close()
	tree, err := client.Tree(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var paths []string
	for i := range tree.Tasks {
		paths = append(paths, tree.Tasks[i].Path)
	}
	return paths, cobra.ShellCompDirectiveNoFileComp
}

// counted returns how many there are of something.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
