package main

import (
	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

func newShutdown() *cobra.Command {
	var at target
	var order control.ShutdownOrder
	cmd := &cobra.Command{
		Use:   "shutdown",
		Short: "Stops all tasks, and taskvisor with them",
		Long:  "Shutdown stops all tasks in order, as Ctrl-C does, and waits until taskvisor has ended.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := at.dial(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close()
			return client.Shutdown(cmd.Context(), order)
		},
	}
	at.add(cmd)
	cmd.Flags().BoolVar(&order.Now, "now", false, "kill everything at once")
	return cmd
}
