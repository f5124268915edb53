// Command tasksim simulates supervised tasks, looks for violations in campaigns over many seeds, and replays, checks,
// compares and shows what a supervisor did.
//
//	tasksim COMMAND [FLAGS] [FILE...]
//
// Run "tasksim help" for the list of commands, and "tasksim help COMMAND" for a command's flags and examples. A file is
// either the description of a world to simulate (package sim/workload), or it holds scenarios, as a recording does (package
// core/scenario); its first line says which. A file called "-" is the standard input. Where a file is written, "-" is the
// standard output.
//
// The exit code is 0 if no violation was found, 1 if one was, 2 if the command line or a file is wrong, and 130 if the
// command was interrupted. An interrupted command ends as soon as it can; interrupt it once more to end it at once.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// commands are all there are, in the order in which help lists them.
func commands() []command {
	return []command{
		runCommand(),
		campaignCommand(),
		replayCommand(),
		listCommand(),
		exploreCommand(),
		checkCommand(),
		whatIfCommand(),
		reportCommand(),
	}
}
