package main

import (
	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/graph"
)

func newGraph() *cobra.Command {
	var f fileFlags
	format := "tree"
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Draws the tasks and groups of a file, and which need which",
		Long: `Graph draws the tasks and groups of a file, and which of them need which: as a tree for the terminal, or for another program with
--format dot (Graphviz) or --format mermaid. There an arrow leads to what is needed, a thick one to what a task is bound to.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := f.load()
			if err != nil {
				return err
			}
			return graph.Write(cmd.OutOrStdout(), file, format)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&format, "format", format, "tree, dot or mermaid")
	if err := cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(graph.Formats(), cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}
