// Package grpctask makes a task of a [grpc.Server], with a health service that follows the tree of supervisors. It is a module of its
// own, because of its dependencies.
//
//	sup, err := supervisor.New(
//		supervisor.ForService(),
//		supervisor.WithTask("api", grpctask.ListenAndServe(":9090", func(ctx context.Context) *grpc.Server {
//			server := grpc.NewServer(grpc.WaitForHandlers(true))
//			shop.RegisterOrdersServer(server, orders)
//			grpctask.RegisterHealth(ctx, server, nil)
//			return server
//		})),
//	)
//
// A server that was stopped cannot serve again, and a supervisor starts its tasks again. So what is given is a function, which
// makes the server at the beginning of each run. The context is the run's.
//
// # A run
//
//   - It listens first; if that fails, so does the run, with the error of the listener. Then it is ready (see [supervisor.Ready]), and
//     serves.
//   - When it has to stop, it accepts no more connections and calls, and waits for the calls in progress: see
//     [grpc.Server.GracefulStop]. It may take nearly as long for that as its stop timeout says (see [supervisor.GracePeriod]).
//   - If calls are left then, they are broken off (see [grpc.Server.Stop]), and the run ends with an error that wraps
//     [supervisor.ErrGraceOver].
//
// The context of a call does not end when the run has to stop, but when the call is broken off. A run ends when the server has stopped.
// That waits for handlers that were broken off only with the option [grpc.WaitForHandlers], which should be given: without it, they
// may overlap the next run.
//
// A panic of a handler ends the process, whatever a supervisor does, because gRPC calls it in a goroutine of its own and does not
// recover. An interceptor can.
package grpctask
