package main

import (
	_ "embed"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// example is a tasks.toml that says what can be said.
//
//go:embed example.toml
var example []byte

func newInit() *cobra.Command {
	force := false
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Writes a commented tasks.toml to begin with",
		Long: `Init writes a tasks.toml, or another file, with two tasks and with comments that show what else can be said. For a
file that does what a Procfile, a process-compose.yaml or a supervisord.conf does, see taskvisor convert.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			path := "tasks.toml"
			if len(arguments) > 0 {
				path = arguments[0]
			}
			if err := writeNew(path, example, force); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s. Look at what it leads to with taskvisor plan, and run it with taskvisor run.\n", path)
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that exists")
	return cmd
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Prints the JSON Schema of a tasks.toml, for editors",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(taskfile.Schema())
			return err
		},
	}
}
