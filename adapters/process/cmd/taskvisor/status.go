package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/top"
)

func newStatus() *cobra.Command {
	var at target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [TASK...]",
		Short: "Prints what the tasks do, why, and until when",
		Long: `Status prints what the tasks do, why, and until when: each with the process number, the number of its run, and how often it was
restarted. A group that is named stands for all that is in it.`,
		ValidArgsFunction: at.complete,
		RunE: func(cmd *cobra.Command, paths []string) error {
			client, err := at.dial(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close()
			ctx, cancel := control.WithPatience(cmd.Context())
			defer cancel()
			info, err := client.Info(ctx)
			if err != nil {
				return err
			}
			tree, err := client.Tree(ctx)
			if err != nil {
				return err
			}
			if err := keepPaths(&tree, paths); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), &info, &tree)
			}
			printStatus(cmd.OutOrStdout(), &info, &tree)
			return nil
		},
	}
	at.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object for programs: info and tasks")
	return cmd
}

// keepPaths leaves in a tree some tasks, their instances, and what is in them.
func keepPaths(tree *control.Tree, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	known := make([]string, len(tree.Tasks))
	for i := range tree.Tasks {
		known[i] = tree.Tasks[i].Path
	}
	var kept []string
	for _, path := range paths {
		meant := taskfile.Meant(path, known)
		if len(meant) == 0 {
			return control.UnknownTask(path, known)
		}
		kept = append(kept, meant...)
	}
	tree.Tasks = slices.DeleteFunc(tree.Tasks, func(t control.Task) bool {
		return !slices.ContainsFunc(kept, func(path string) bool { return t.Path == path || strings.HasPrefix(t.Path, path+"/") })
	})
	return nil
}

func printJSON(out io.Writer, info *control.Info, tree *control.Tree) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Info *control.Info `json:"info"`
		*control.Tree
	}{info, tree})
}

// printStatus prints a line about all, and a table.
func printStatus(out io.Writer, info *control.Info, tree *control.Tree) {
	up, all := 0, 0
	rows := [][]string{{"TASK", "STATUS", "PID", "RUN", "RESTARTS", ""}}
	for i := range tree.Tasks {
		task := &tree.Tasks[i]
		if task.Phase == "" {
			all++
			if task.Status == "healthy" && !task.Unready || task.Status == "completed" {
				up++
			}
		}
		rows = append(rows, rowOf(task))
	}
	fmt.Fprintf(out, "%s: %d of %s up; pid %d, for %s, held by %s\n", screen.Clean(shortened(info.File)), up, counted(all, "task"), info.PID,
		screen.Duration(tree.At.Sub(info.Started).Truncate(time.Second)), info.Tightness)
	if tree.Phase != "running" {
		fmt.Fprintf(out, "%s as a whole: %s\n", tree.Phase, screen.Clean(tree.Cause))
	}
	if len(rows) > 1 {
		printTable(out, rows)
	}
}

func rowOf(task *control.Task) []string {
	word, detail := top.Describe(task)
	name := strings.Repeat("  ", task.Depth) + screen.Clean(task.Name)
	pid, run, restarts := "-", "-", "-"
	if task.Phase != "" {
		name += "/"
		pid = ""
	}
	if task.PID > 0 {
		pid = strconv.Itoa(task.PID)
	}
	if task.Run > 0 {
		run = strconv.FormatUint(task.Run, 10)
	}
	if task.Totals.Starts > 0 {
		restarts = strconv.FormatUint(task.Totals.Starts-1, 10)
	}
	return []string{name, word, pid, run, restarts, detail}
}

// printTable prints rows in columns; numbers are to the right.
func printTable(out io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	const pid, restarts = 2, 4
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-ansi.StringWidth(cell))
			if i >= pid && i <= restarts {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
			line.WriteString("  ")
		}
		fmt.Fprintln(out, strings.TrimRight(line.String(), " "))
	}
}
