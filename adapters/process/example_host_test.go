//go:build linux

package process_test

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// A host holds processes as tightly as the system allows, or less if asked to.
func ExampleHost() {
	quiet := process.WithLogger(slog.New(slog.DiscardHandler))
	host, err := process.Open(process.WithName("shop"), process.WithTightness(process.TightnessGroup), quiet)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	fmt.Println("processes are held by", host.Tightness())
	// Output: processes are held by process group
}

// A former life that was killed without a guard leaves processes behind. Here there was none.
func ExampleLeftover() {
	host, err := process.Open(process.WithName("shop"), process.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = host.Close() }()
	for _, left := range host.Swept() {
		fmt.Println("stopped", left.Command, "of", left.Task)
	}
	fmt.Println(len(host.Swept()), "left")
	// Output: 0 left
}

// Options can be collected before the host is opened.
func ExampleOption() {
	options := []process.Option{process.WithName("shop"), process.WithLogger(slog.New(slog.DiscardHandler))}
	if development := true; development {
		options = append(options, process.WithTightness(process.TightnessGroup))
	}
	host, err := process.Open(options...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(host.Close())
	// Output: <nil>
}

// An option that cannot be is an error of its own type.
func ExampleOptionError() {
	_, err := process.Open(process.WithName("shop/till"))
	var problem *process.OptionError
	fmt.Println(errors.As(err, &problem), problem.Option)
	// Output: true WithName
}

// There are three ways to hold processes, each tighter than the one before.
func ExampleTightness() {
	fmt.Println(process.TightnessGroup < process.TightnessGuard, process.TightnessGuard < process.TightnessCgroup)
	fmt.Println(process.TightnessCgroup)
	// Output:
	// true true
	// control group
}
