package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// output says how what tasks write and what happens to them is printed.
type output struct {
	format string
	colour string
	times  bool
	debug  bool
}

func (o *output) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.format, "log-format", "text", "the `FORMAT` to print in: text, or json with an object a line")
	flags.StringVar(&o.colour, "color", "auto", "`WHEN` to use colours: auto, always or never")
	flags.BoolVarP(&o.times, "times", "t", false, "begin each line with the time")
	flags.BoolVar(&o.debug, "debug", false, "print every decision, also those that only follow from others")
	for flag, words := range map[string][]string{"log-format": {"text", "json"}, "color": {"auto", "always", "never"}} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag does not exist
		}
	}
}

// display shows what tasks write and what happens to them.
type display struct {
	json      bool
	printer   *screen.Printer
	outputs   *screen.Outputs
	decisions *screen.Decisions
	log       *slog.Logger
	warnings  *slog.Logger  // for those who say too much
	countdown time.Duration // how often a stop says what it waits for
	closed    chan struct{}
	errs      io.Writer // is told the last words if there is nothing else to print them to
	last      string
}

func (o *output) open(out, errs io.Writer) (*display, error) {
	colours, err := screen.ColoursFor(out, os.Environ(), o.colour)
	if err != nil {
		return nil, fmt.Errorf("--color: %w", err)
	}
	switch o.format {
	case "text", "json":
	default:
		return nil, fmt.Errorf("--log-format must be text or json, and is %q", o.format)
	}
	level := slog.LevelInfo
	if o.debug {
		level = slog.LevelDebug
	}
	d := &display{json: o.format == "json", countdown: 5 * time.Second, closed: make(chan struct{}), errs: errs}
	if screen.IsTerminal(out) {
		d.countdown = time.Second
	}
	d.printer = screen.NewPrinter(out, screen.Settings{Colours: colours, Time: o.times, Unicode: screen.ShowsUnicode(os.Environ()), JSON: d.json})
	d.decisions = d.printer.Decisions("", level)
	d.log = slog.New(d.printer.Handler(level))
	d.warnings = slog.New(d.printer.Handler(slog.LevelWarn))
	d.outputs = screen.NewOutputs(d.printer)
	return d, nil
}

// expect has lines from now on be printed with room for the names of a file.
func (d *display) expect(file *taskfile.File) {
	paths, _ := file.All()
	for _, path := range paths {
		d.printer.Source(path, false)
	}
}

// sink returns what takes the lines of a task. It is an [assemble.Sink].
func (d *display) sink(path string, t *taskfile.Task) func(process.Line) {
	set := screen.TaskOutput{File: screen.FileSettings{JSON: d.json}}
	if o := t.Output; o != nil {
		set.Hidden, set.Block, set.Log = o.Hidden != nil && *o.Hidden, o.WhenFull.Blocks(), o.Log
		if o.MaxSize != nil {
			set.File.MaxSize = int64(*o.MaxSize)
		}
		if o.Keep != nil {
			set.File.Keep = *o.Keep
			if *o.Keep == 0 {
				set.File.Keep = -1
			}
		}
	}
	lines, err := d.outputs.Lines(path, set)
	if err != nil {
		d.log.Error(fmt.Sprintf("%s has no log file: %v", path, err))
		set.Log = ""
		lines, _ = d.outputs.Lines(path, set) // only a log file fails
	}
	return lines
}

// watch says elsewhere that the output is a pipe which is read no more. The tasks go on.
func (d *display) watch() {
	go func() {
		select {
		case <-d.printer.Failed():
			fmt.Fprintf(d.errs, "taskvisor: nothing is printed any more: %v. That stops no task; taskvisor logs prints what they write\n", d.printer.Err())
		case <-d.closed:
		}
	}()
}

// end logs how all ended.
func (d *display) end(level slog.Level, text string) {
	d.last = text
	d.log.Log(context.Background(), level, text)
}

// close prints what is left. In `taskvisor run | tee log`, Ctrl-C ends tee as well: then how all ended is told elsewhere.
func (d *display) close() {
	defer close(d.closed)
	const atMost = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	d.decisions.Flush()
	if err := d.printer.Close(ctx); err != nil && d.last != "" {
		fmt.Fprintln(d.errs, "taskvisor: "+d.last)
	}
	d.outputs.Close()
}
