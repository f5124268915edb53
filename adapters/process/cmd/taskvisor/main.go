// Taskvisor keeps the processes of a tasks.toml or a Procfile running, and leaves none behind. See docs/processes.md and
// docs/taskfile.md.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func main() { os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// execute runs a command line and returns the exit code.
func execute(arguments []string, in io.Reader, out, err io.Writer) (code int) {
	root := newRoot()
	root.SetArgs(arguments)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(err)
	return report(root.Execute(), err)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "taskvisor",
		Short: "Keeps the processes of a tasks.toml or a Procfile running, and leaves none behind",
		Long: `Taskvisor keeps the processes of a tasks.toml or a Procfile running: in order, restarted with growing delays, stopped with all that
they started.

Without -f it reads tasks.toml in the current folder, or else Procfile.`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("taskvisor {{.Version}}\n")
	root.AddCommand(
		newVersion(),
	)
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Prints the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "taskvisor %s\n", version())
			return err
		},
	}
}

// version returns the version that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// exitError ends the program with a code. It is printed unless it has no message.
type exitError struct {
	code    int
	message string
}

func (e *exitError) Error() string { return e.message }

// report prints an error and returns the exit code that it means: 1, unless it says another.
func report(err error, to io.Writer) (code int) {
	var file *taskfile.Error
	var exit *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &file):
		fmt.Fprint(to, file.Excerpts())
	case errors.As(err, &exit):
		if exit.message != "" {
			fmt.Fprintln(to, "taskvisor: "+exit.message)
		}
		return exit.code
	default:
		fmt.Fprintf(to, "taskvisor: %v\n", err)
	}
	return 1
}
