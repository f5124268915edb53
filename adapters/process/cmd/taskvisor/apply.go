package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func newApply() *cobra.Command {
	var at target
	var order control.ApplyOrder
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Has the file read again, and changes only what it says otherwise",
		Long: `Apply has the taskvisor that runs a file read it again. What has changed is printed, and done: tasks that are new start, tasks that are
no more in the file stop, and those with another command restart. What only has other settings, such as delays or limits, runs on
and goes by these from now on. All other tasks are left alone.

If anything is wrong with the file, nothing changes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := at.dial(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close()
			applied, err := client.Apply(cmd.Context(), order)
			if refusal := (*control.Error)(nil); errors.As(err, &refusal) && refusal.Code == control.CodeBadFile {
				return &exitError{code: codeNotStarted, message: "the file is wrong, and nothing has changed:\n" + refusal.Message}
			}
			if err != nil {
				return err
			}
			return printApplied(cmd, &applied)
		},
	}
	at.add(cmd)
	cmd.Flags().BoolVarP(&order.DryRun, "dry-run", "n", false, "only print what would be done")
	return cmd
}

func printApplied(cmd *cobra.Command, applied *control.Applied) error {
	out := cmd.OutOrStdout()
	for _, change := range applied.Changes {
		fmt.Fprintln(out, change.Text)
	}
	would := ""
	if applied.DryRun {
		would = " (nothing was done)"
	}
	fmt.Fprintf(out, "%s, %s as before%s\n", counted(len(applied.Changes), "change"), counted(applied.Same, "task"), would)
	if len(applied.Errors) > 0 {
		for _, text := range applied.Errors {
			fmt.Fprintln(cmd.ErrOrStderr(), "taskvisor: "+text)
		}
		return &exitError{code: 1}
	}
	return nil
}

// apply is reapply for a command. The error is a *control.Error.
func (r *runner) apply(ctx context.Context, order control.ApplyOrder) (control.Applied, error) {
	applied, err := r.reapply(ctx, order)
	if err != nil {
		err = badFile(err)
	}
	return applied, err
}

// reapply reads the file again, and makes the tree that of the file. The error says what is wrong with the file.
func (r *runner) reapply(ctx context.Context, order control.ApplyOrder) (applied control.Applied, err error) {
	r.applying.Lock()
	defer r.applying.Unlock()
	file, err := r.load()
	if err != nil {
		return applied, err
	}
	update, err := r.tree.Update(file, r.maker())
	if err != nil {
		return applied, err
	}
	applied = control.Applied{DryRun: order.DryRun, Same: update.Unchanged, Changes: make([]control.Change, len(update.List))}
	for i, change := range update.List {
		applied.Changes[i] = control.Change{Path: change.Path, Do: change.Kind.String(), Keys: change.Keys, Why: change.Why, Text: change.String()}
	}
	if order.DryRun {
		return applied, nil
	}
	if len(update.List) == 0 {
		r.screen.log.Info("the file has not changed")
	}
	if err := update.Apply(ctx, func(change assemble.Change) { r.screen.log.Info("applied: " + change.String()) }); err != nil {
		applied.Errors = append(applied.Errors, err.Error())
		r.screen.log.Error("not all of the file could be applied: " + err.Error())
	} else {
		paths, _ := file.All()
		r.screen.outputs.Keep(paths)
	}
	return applied, nil
}

// badFile returns a refusal that says what is wrong with a file, and where.
func badFile(err error) error {
	text := err.Error()
	if wrong := (*taskfile.Error)(nil); errors.As(err, &wrong) {
		text = wrong.Excerpts()
	}
	return &control.Error{Code: control.CodeBadFile, Message: text}
}
