package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/attach"
)

func newAttach() *cobra.Command {
	var at target
	var set attach.Settings
	cmd := &cobra.Command{
		Use:   "attach TASK",
		Short: "Shows the terminal of a task in this one, and types in it",
		Long: `Attach shows the terminal of a task with tty = true in this one, and types in it, until Ctrl-] is pressed: the task goes on. Several can look
at the same time; the first to come types, and the task's terminal has the size of theirs. When it is over, the terminal is as it was.

A task with stdin = true is typed whole lines, until Ctrl-D. Of a task with neither it shows what it writes.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: at.complete,
		RunE: func(cmd *cobra.Command, tasks []string) error {
			set.Task, set.In, set.Out = tasks[0], cmd.InOrStdin(), cmd.OutOrStdout()
			if _, err := attach.ParseKey(set.Detach); err != nil {
				return &exitError{code: codeNotStarted, message: "--detach-key: " + err.Error()}
			}
			return runAttach(cmd, &at, set)
		},
	}
	at.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&set.Detach, "detach-key", "ctrl-]", "the `KEY` that ends it")
	flags.BoolVar(&set.ReadOnly, "read-only", false, "only look")
	return cmd
}

func runAttach(cmd *cobra.Command, at *target, set attach.Settings) error {
	ctx, cancel := context.WithCancelCause(cmd.Context())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	go func() {
		select {
		case got := <-signals:
			cancel(&signalled{got})
		case <-ctx.Done():
		}
	}()
	client, err := at.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	const shown = 20
	if set.Begin, err = lastLines(ctx, client, set.Task, shown); err != nil {
		return err
	}
	set.Resized = resizes()
	err = attach.Run(ctx, client, set)
	var ended *signalled
	switch {
	case errors.Is(err, attach.ErrDetached):
		fmt.Fprintf(cmd.ErrOrStderr(), "\n[detached from %s]\n", set.Task)
		return nil
	case errors.As(err, &ended):
		number, _ := ended.by.(syscall.Signal)
		return &exitError{signal: number, code: 128 + int(number)}
	case errors.Is(err, attach.ErrEnded):
		fmt.Fprintln(cmd.ErrOrStderr(), "\n[the taskvisor has ended]")
		return nil
	}
	return err
}

// signalled is why a command ends that got a signal.
type signalled struct{ by os.Signal }

func (s *signalled) Error() string { return "ended by " + s.by.String() }
