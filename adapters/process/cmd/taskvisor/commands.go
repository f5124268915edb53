package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

// operatorCommands are the commands about tasks that run.
func operatorCommands() []*cobra.Command {
	return []*cobra.Command{
		newOrder(control.ActionRestart, "Stops tasks, and starts them afresh",
			`Restart starts tasks afresh, whatever they do: what runs is stopped first. Restarts that were counted so far are forgotten.

It waits until they are up, and fails if one is not.`),
		newOrder(control.ActionStop, "Stops tasks, and keeps them down",
			`Stop stops tasks, and keeps them down until taskvisor start. Nothing else ends because of it, but what is bound to them stops, too.

It waits until nothing of them runs.`),
		newOrder(control.ActionStart, "Starts tasks that are down",
			`Start starts tasks that were stopped, and those that have ended. It waits until they are up, and fails if one is not.`),
		newOrder(control.ActionSuspend, "Stops tasks, and keeps them down: the page's word for stop",
			`Suspend is what stop is. It is the word of the live page, of status and of the log.`),
		newOrder(control.ActionResume, "Starts tasks that were stopped or suspended",
			`Resume starts tasks that were stopped or suspended, and refuses others. It waits until they are up, and fails if one is not.`),
		newOrder(control.ActionReload, "Has tasks read their configuration again",
			`Reload sends tasks the signal at which they read their configuration again: SIGHUP, or the reload_signal of the file.`),
	}
}

// newOrder returns the command of an action.
func newOrder(action control.Action, short, long string) *cobra.Command {
	var at target
	var order control.Order
	var wait time.Duration
	cmd := &cobra.Command{
		Use:               string(action) + " TASK...",
		Short:             short,
		Long:              long + "\n\nA task is named by its path, such as workers/mail; a group stands for all that is in it.",
		ValidArgsFunction: at.complete,
		RunE: func(cmd *cobra.Command, paths []string) error {
			order.Paths = paths
			if len(paths) == 0 && !order.All {
				return &exitError{code: codeNotStarted, message: string(action) + ": name the tasks, or give --all"}
			}
			order.Wait = wait.Seconds()
			return give(cmd, &at, action, order)
		},
	}
	at.add(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&order.All, "all", "a", false, "all tasks")
	if action != control.ActionReload {
		flags.DurationVar(&wait, "wait", time.Minute, "for how `LONG` to wait for the tasks; 0: not at all")
	}
	if action == control.ActionStop {
		flags.BoolVar(&order.ForGood, "for-good", false, "they then count as dead, for the limits of the file as well")
	}
	return cmd
}

// give gives an order, and prints what has become of it.
func give(cmd *cobra.Command, at *target, action control.Action, order control.Order) error {
	client, err := at.dial(cmd.Context())
	if err != nil {
		return err
	}
	defer client.Close()
	more := time.Duration(order.Wait * float64(time.Second))
	ctx, cancel := context.WithTimeout(cmd.Context(), more+patience)
	defer cancel()
	done, err := client.Order(ctx, action, order)
	if err != nil {
		return err
	}
	failed := false
	for i := range done.Tasks {
		task := &done.Tasks[i]
		if task.Error != nil {
			failed = true
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", task.Path, task.Error.Message)
			continue
		}
		fmt.Fprintln(cmd.OutOrStdout(), resultOf(task, action))
	}
	if failed {
		return &exitError{code: 1}
	}
	return nil
}

// patience is how long to wait for an answer that needs no waiting.
const patience = 10 * time.Second

// resultOf says what has become of a task.
func resultOf(task *control.DoneTask, action control.Action) string {
	if task.Text != "" {
		return task.Path + ": " + task.Text
	}
	if action == control.ActionReload {
		return fmt.Sprintf("%s: pid %d has been told to reload", task.Path, task.PID)
	}
	text := task.Path + ": " + wordOf(task, action)
	switch {
	case task.PID > 0 && task.Run > 1:
		text += fmt.Sprintf(" (run %d, pid %d)", task.Run, task.PID)
	case task.PID > 0:
		text += fmt.Sprintf(" (pid %d)", task.PID)
	}
	return text
}

// wordOf says in a word what a task does now.
func wordOf(task *control.DoneTask, action control.Action) string {
	switch {
	case task.Status == "healthy":
		return "up"
	case task.Status == "dead":
		return "stopped for good"
	case (action == control.ActionStop || action == control.ActionSuspend) && task.PID == 0:
		return "stopped"
	}
	return task.Status
}
