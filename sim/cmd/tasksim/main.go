// Command tasksim simulates supervised tasks, looks for violations in campaigns over many seeds, and replays, checks,
// compares and shows what a supervisor did.
//
//	tasksim COMMAND [FLAGS] [FILE...]
//
// Run "tasksim help" for the list of commands and "tasksim COMMAND -help" for each. Files are either descriptions of
// workloads (package sim) or scenarios, which is what recordings are (package core/scenario); which of them a file is,
// its first line tells.
//
// The exit code is 0 if all is well, 1 if a violation was found, and 2 if the command line or a file is wrong.
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
