// Package suturetask runs the services of github.com/thejerf/suture/v4 as tasks, as they are. It is for a program that moves from
// suture to this library service by service. It is a module of its own, because it depends on suture.
//
//	sup, err := supervisor.New(append(suturetask.Options(spec),
//		supervisor.WithName("shop"),
//		supervisor.WithTask("orders", suturetask.Service(orders)),
//	)...)
//
// docs/from-suture.md shows a whole service before and after. docs/promises.md lists what suture promises, and whether it is kept here.
package suturetask
