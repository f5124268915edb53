// Taskvisor keeps the processes of a tasks.toml or a Procfile running, and leaves none behind. See docs/processes.md and
// docs/taskfile.md.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/session"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func main() {
	code, signal := execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if signal != 0 {
		session.EndBy(signal)
	}
	os.Exit(code)
}

// execute runs a command line and returns the exit code, and the signal that the process is to end itself by, if it is.
func execute(arguments []string, in io.Reader, out, err io.Writer) (code int, signal syscall.Signal) {
	root := newRoot()
	runs := false
	root.PersistentPreRun = func(*cobra.Command, []string) { runs = true }
	root.SetArgs(arguments)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(err)
	failed := root.Execute()
	if failed != nil && !runs {
		failed = &exitError{code: codeNotStarted, err: failed}
	}
	if exit := (*exitError)(nil); errors.As(failed, &exit) {
		signal = exit.signal
	}
	return report(failed, err), signal
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
	root.AddCommand(newRun(), newStatus(), newLogs(), newTop(), newAttach())
	root.AddCommand(operatorCommands()...)
	root.AddCommand(newApply(), newShutdown())
	root.AddCommand(newInit(), newCheck(), newPlan(), newGraph(), newSchema(), newConvert(), newVersion())
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

// exitError ends the program with a code. What it says is printed, if it says anything.
type exitError struct {
	code    int
	message string
	err     error          // or else what is printed
	signal  syscall.Signal // the program ends itself by it; 0: by none
}

func (e *exitError) Error() string {
	if e.err != nil {
		return e.err.Error()
	}
	return e.message
}

// Unwrap returns what is printed.
func (e *exitError) Unwrap() error { return e.err }

// report prints an error and returns the exit code that it means: 1, unless it says another.
func report(err error, to io.Writer) (code int) {
	if err == nil {
		return 0
	}
	var file *taskfile.Error
	switch text := err.Error(); {
	case errors.As(err, &file):
		fmt.Fprint(to, file.Excerpts())
	case text != "":
		fmt.Fprintln(to, "taskvisor: "+text)
	}
	if exit := (*exitError)(nil); errors.As(err, &exit) {
		return exit.code
	}
	return 1
}
