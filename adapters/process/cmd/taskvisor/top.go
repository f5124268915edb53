package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/top"
)

func newTop() *cobra.Command {
	var at target
	cmd := &cobra.Command{
		Use:   "top",
		Short: "Shows all tasks as a live picture, with keys to restart and stop them",
		Long: `Top shows what all tasks do, why, and until when, what they take, and what the chosen one writes. Keys restart, stop and start it; ? lists
them all. The tasks go on when it ends.`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in, out := cmd.InOrStdin(), cmd.OutOrStdout()
			if !screen.IsTerminal(in) || !screen.IsTerminal(out) || os.Getenv("TERM") == "dumb" {
				return &exitError{code: codeNotStarted, message: "top needs a terminal: taskvisor status prints what it shows"}
			}
			client, err := at.dial(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close()
			info, err := client.Info(cmd.Context())
			if err != nil {
				return err
			}
			return top.Run(cmd.Context(), source{client}, top.Settings{
				Title: "taskvisor: " + screen.Clean(shortened(info.File)), Unicode: screen.ShowsUnicode(os.Environ()), Environ: os.Environ(),
				In: in, Out: out,
				Usage: client.PID() == info.PID, // else it is in another container
			})
		},
	}
	at.add(cmd)
	return cmd
}

// source is a taskvisor as top asks it.
type source struct{ *control.Client }

// Tail returns the last lines of a task or group.
func (s source) Tail(ctx context.Context, n int, task string) (lines []screen.Record, err error) {
	err = screen.Log(ctx, s.Client, screen.LogQuery{Tasks: []string{task}, Lines: n}, func(record *screen.Record) error {
		lines = append(lines, *record)
		return nil
	})
	return lines, err
}
