package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
)

// logs is what `taskvisor logs` is told.
type logs struct {
	at     target
	query  screen.LogQuery
	since  time.Duration
	colour string
	set    screen.Settings
}

func newLogs() *cobra.Command {
	l := &logs{}
	cmd := &cobra.Command{
		Use:   "logs [TASK...]",
		Short: "Prints what tasks have written last, and what they write",
		Long: `Logs prints what tasks have written last, all or those that are named; a group stands for all that is in it. Of each task the last 1,000
lines are kept, and 1 MiB at most. Older ones are in log files, if the file says so.`,
		ValidArgsFunction: l.at.complete,
		RunE: func(cmd *cobra.Command, tasks []string) error {
			l.query.Tasks = tasks
			return l.run(cmd)
		},
	}
	l.at.add(cmd)
	flags := cmd.Flags()
	flags.IntVarP(&l.query.Lines, "lines", "n", 100, "how many lines to print of those that there are, the last ones")
	flags.BoolVarP(&l.query.Follow, "follow", "F", false, "go on with what is written from now on, until Ctrl-C or the end of taskvisor")
	flags.DurationVar(&l.since, "since", 0, "only what was written so `LONG` ago or later, such as 5m")
	flags.BoolVarP(&l.set.Time, "times", "t", false, "begin each line with the time")
	flags.BoolVar(&l.set.Bare, "no-names", false, "print lines without the names of their tasks")
	flags.BoolVar(&l.set.JSON, "json", false, "print an object for each line")
	flags.StringVar(&l.colour, "color", "auto", "`WHEN` to use colours: auto, always or never")
	return cmd
}

func (l *logs) run(cmd *cobra.Command) error {
	if l.query.Lines < 0 || l.since < 0 {
		return &exitError{code: codeNotStarted, message: "logs: neither --lines nor --since can be negative"}
	}
	var err error
	if l.set.Colours, err = screen.ColoursFor(cmd.OutOrStdout(), os.Environ(), l.colour); err != nil {
		return &exitError{code: codeNotStarted, message: "--color: " + err.Error()}
	}
	if l.since > 0 {
		l.query.Since = time.Now().Add(-l.since)
	}
	l.set.Unicode = screen.ShowsUnicode(os.Environ())
	client, err := l.at.dial(cmd.Context())
	if err != nil {
		var none *exitError
		if _, lacks := os.Stat(l.at.file); l.at.file != "" && lacks != nil && errors.As(err, &none) {
			none.err = fmt.Errorf("%w, and -F follows", none.err) // with tail, -f does
		}
		return err
	}
	defer client.Close()
	printer := screen.NewPrinter(cmd.OutOrStdout(), l.set)
	l.expect(cmd.Context(), client, printer)
	err = screen.Log(cmd.Context(), client, l.query, func(record *screen.Record) error {
		const block = true // whoever reads slowly gets all, as far as it is kept for them
		printer.Source(record.Task, block).Print(record.Line())
		return printer.Err()
	})
	if failed := printer.Close(context.Background()); err == nil {
		err = failed
	}
	return err
}

// expect makes room for the names of the tasks.
func (l *logs) expect(ctx context.Context, client *control.Client, printer *screen.Printer) {
	ctx, cancel := control.WithPatience(ctx)
	defer cancel()
	tree, err := client.Tree(ctx)
	if err != nil || keepPaths(&tree, l.query.Tasks) != nil {
		return // what is asked for then says what is wrong
	}
	for i := range tree.Tasks {
		if task := &tree.Tasks[i]; task.Phase == "" {
			printer.Source(task.Path, true)
		}
	}
}

// lastLines returns what a task has written last, as it is shown on a terminal.
func lastLines(ctx context.Context, client *control.Client, task string, n int) (text []byte, err error) {
	ctx, cancel := control.WithPatience(ctx)
	defer cancel()
	err = screen.Log(ctx, client, screen.LogQuery{Tasks: []string{task}, Lines: n}, func(record *screen.Record) error {
		text = append(text, screen.CleanColoured(record.Text)...)
		if !record.Partial && !record.Cut {
			text = append(text, '\n')
		}
		return nil
	})
	return text, err
}
