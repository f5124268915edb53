package suturetask_test

import (
	"context"
	"fmt"

	"github.com/thejerf/suture/v4"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/suturetask"
)

// importer is a service of suture's.
type importer struct{ calls int }

func (i *importer) Serve(context.Context) error {
	if i.calls++; i.calls < 3 {
		return errFailed
	}
	fmt.Println("done in call", i.calls)
	return suture.ErrDoNotRestart
}

// A service of suture's as it is, with the options of the supervisor it had.
func ExampleService() {
	sup, err := supervisor.New(append(suturetask.Options(suture.Spec{FailureThreshold: 10}),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithTask("import", suturetask.Service(new(importer))),
	)...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sup.Run(context.Background()))
	// Output:
	// done in call 3
	// <nil>
}

func ExampleOptions() {
	spec := suture.Spec{EventHook: func(event suture.Event) { fmt.Println(event) }}
	sup, err := supervisor.New(append(suturetask.Options(spec),
		supervisor.WithName("shop"),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithTask("import", suturetask.Service(&importer{calls: 2})),
	)...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sup.Run(context.Background()))
	// Output:
	// done in call 3
	// shop: Failed service 'import' (0.000000 failures of 5.000000), restarting: false, error: done: service should not be restarted
	// <nil>
}
