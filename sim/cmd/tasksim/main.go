// Command tasksim simulates supervised tasks, looks for violations in campaigns over many seeds, and replays, checks,
// compares and shows what a supervisor did.
//
//	tasksim COMMAND [FLAGS] [FILE...]
//
// Run "tasksim help" for the list of commands, and "tasksim COMMAND -help" for a command's flags. A file is either the
// description of a world to simulate (package sim/workload) or a scenario, such as a recording (package core/scenario);
// its first line says which.
//
// The exit code is 0 if no violation was found, 1 if one was, and 2 if the command line or a file is wrong.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// commands are all there are, in the order in which help lists them.
func commands() []command {
	return []command{
		runCommand(),
		campaignCommand(),
		replayCommand(),
		exploreCommand(),
		checkCommand(),
		whatIfCommand(),
		reportCommand(),
	}
}
