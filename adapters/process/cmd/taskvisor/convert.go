package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/convert"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func newConvert() *cobra.Command {
	var to, from string
	var quiet, force bool
	formats := make([]string, 0, len(convert.Formats()))
	for _, format := range convert.Formats() {
		formats = append(formats, string(format))
	}
	cmd := &cobra.Command{
		Use:   "convert FILE",
		Short: "Makes a tasks.toml of a process-compose.yaml, a supervisord.conf or a Procfile",
		Long: `Convert makes a tasks.toml of a process-compose.yaml, a supervisord.conf or a Procfile, and prints it.

On standard error it accounts for every key of the file, and of those that it includes or extends: carried, changed and how, refused
and why, or unknown to the other program. Variables that the other program would replace when it starts are replaced by what they
are now.

What it writes passes taskvisor check. If it does not, because a file that it names is missing, the exit code is 1.`,
		Example: `  taskvisor convert process-compose.yaml -o tasks.toml
  taskvisor convert /etc/supervisor/supervisord.conf > tasks.toml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			result, err := convert.File(arguments[0], convert.Format(from))
			if result != nil && !quiet {
				account(cmd.ErrOrStderr(), result)
			}
			if err != nil {
				return err
			}
			at := to
			if to == "" {
				at = filepath.Join(filepath.Dir(arguments[0]), "tasks.toml") // where it is to be, for relative paths
				_, err = cmd.OutOrStdout().Write(result.Text)
			} else {
				err = writeNew(to, result.Text, force)
			}
			if err != nil {
				return err
			}
			return passes(at, result.Text)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml", "conf", "ini", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().StringVarP(&to, "output", "o", "", "write the new `FILE`, and print nothing to standard output")
	cmd.Flags().StringVar(&from, "from", "", "the `FORMAT` of the file, if its name does not say: "+strings.Join(formats, ", "))
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "do not account for the keys")
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	if err := cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

// account prints what has become of each key, and how many became what.
func account(to io.Writer, result *convert.Result) {
	for _, note := range result.Notes {
		fmt.Fprintln(to, note)
	}
	fmt.Fprintf(to, "%d keys: %d carried, %d changed, %d refused, %d unknown\n", len(result.Notes), result.Count(convert.Carried),
		result.Count(convert.Changed), result.Count(convert.Refused), result.Count(convert.Unknown))
}

// passes checks a file that is not written yet.
func passes(path string, text []byte) error {
	file, err := taskfile.Parse(path, text, taskfile.Options{})
	if err != nil {
		return err
	}
	_, err = file.Complete()
	return err
}

// writeNew writes a file that must not be there, unless that is meant.
func writeNew(path string, text []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: --force writes over it", path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
