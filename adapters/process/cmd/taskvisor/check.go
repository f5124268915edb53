package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/check"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func newCheck() *cobra.Command {
	var f fileFlags
	strict := false
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Reports everything that is wrong or has no effect in a file, with lines and columns",
		Long: `Check reads a file and reports everything that is wrong with it, each with its line and column: the exit code is 1 then. It warns of
what is valid and has no effect, such as a cap that no delay reaches, and of what this machine does not have, such as a program that is
not in PATH; with --strict, the exit code is 1 then, too.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := f.load()
			if err != nil {
				return err
			}
			warnings, err := check.File(file)
			if err != nil {
				return err
			}
			for _, warning := range warnings {
				warning.Text = "warning: " + warning.Text
				fmt.Fprint(cmd.ErrOrStderr(), file.Excerpt(warning))
			}
			if strict && len(warnings) > 0 {
				return &exitError{code: 1}
			}
			return summarize(cmd.OutOrStdout(), file, len(warnings))
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 1 if there are warnings")
	return cmd
}

// summarize says in one line what is in a file.
func summarize(out io.Writer, file *taskfile.File, warnings int) error {
	_, tasks := file.All()
	parts := []string{counted(len(tasks), "task")}
	if groups := groupsIn(&file.Group); groups > 0 {
		parts = append(parts, counted(groups, "group"))
	}
	if warnings > 0 {
		parts = append(parts, counted(warnings, "warning"))
	}
	_, err := fmt.Fprintf(out, "%s is valid: %s\n", file.Path, strings.Join(parts, ", "))
	return err
}

func groupsIn(g *taskfile.Group) int {
	n := len(g.Groups)
	for _, below := range g.Groups {
		n += groupsIn(below)
	}
	return n
}
