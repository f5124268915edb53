// Package httptask makes a task of an [http.Server]. It has its own package so that a program without one does not link net/http.
//
//	sup, err := supervisor.New(
//		supervisor.ForService(),
//		supervisor.WithTask("api", httptask.ListenAndServe(func() *http.Server {
//			return &http.Server{Addr: ":8080", Handler: mux}
//		})),
//	)
//
// A server that was shut down cannot serve again, and a supervisor starts its tasks again. So what is given is a function, which
// makes the server at the beginning of each run.
//
// # A run
//
//   - It listens first; if that fails, so does the run, with the error of the listener. Then it is ready (see [supervisor.Ready]),
//     and serves: with TLS if the server's TLSConfig has certificates.
//   - When it has to stop, it accepts no more connections, waits for the requests that are about to arrive on those that it has
//     accepted (until they are five seconds old: a client may have connected and send nothing), and is shut down: what is idle is closed, and
//     what is being answered is answered, see [http.Server.Shutdown]. This may take nearly as long as the stop timeout of the task,
//     see [supervisor.GracePeriod].
//   - If requests are left then, it closes their connections and cancels their contexts. The run ends with a [DrainError] as soon as
//     their handlers have returned. A handler that ignores all this keeps its run from ending: it is abandoned, and listed.
//   - A server that fails by itself closes what it has, and the run ends with its error.
//
// # Contexts
//
// The context of a request has the values of the run's, so [supervisor.Current] knows which run answers it, unless the server
// has a BaseContext of its own. It does not end when the run has to stop, because then a stop would fail the requests that are to be
// answered. It ends when all are answered, or when there is no more time for that. A handler whose connection does not end by
// itself, such as a stream of events or a websocket, has to be told by [http.Server.RegisterOnShutdown].
//
// A panic of a handler ends its request, and no run: net/http recovers and logs it. Handlers that were called are counted, also those
// that have taken over their connection; no run ends before the handlers it has called.
//
// # Restarts
//
// With [Serve] the listener stays open between two runs, and clients that connect meanwhile wait. A graceful restart then fails no
// request that arrives on a new connection. One that arrives on an idle connection in the very instant in which it is closed is lost, as
// with any HTTP/1.1 server that stops: clients repeat such requests if that is safe, and net/http's does for those without a body.
package httptask
