// Package tasks makes tasks of what is shaped otherwise: functions without a context, pairs of functions, types that are started
// and stopped, tickers. What has Run(ctx context.Context) error is a [supervisor.Task] already, and any method of that shape is one
// by [supervisor.TaskFunc]. Servers have packages of their own, beside this one.
//
//	shape                                                 where it comes from           here
//	func() error                                          errgroup, cron                Func
//	func() error and func(error)                          oklog/run, tomb               Actor
//	func(<-chan os.Signal, chan<- struct{}) error         ifrit                         Signals
//	Start(ctx) error, Stop(ctx) error                     fx, River, most of clients    StartStop
//	Run(ctx) error, Close() error                         watermill                     RunClose
//	StartAsync, AwaitRunning, StopAsync, AwaitTerminated  dskit                         Lifecycle
//	func(ctx) error, again and again                      time.Ticker                   Every
//
// # Constructors
//
// Most things that are started and stopped cannot be started again: a closed channel stays closed, a server that was shut down
// refuses to serve. A supervisor starts its tasks again, so what this package takes is not the thing but a function that makes it.
// It is called at the beginning of every run, in the run's goroutine, and what it makes belongs to that run. A constructor that hands
// out the same thing each time is right only if that can be started again.
//
// # Stops
//
// When a run has to stop, what it runs is told in its own way: interrupted, closed, stopped. The run ends when that has returned, not
// before, so that two runs never overlap; if it does not return within the stop timeout (see [supervisor.WithStopTimeout]), the
// run is abandoned like any other. A function that stops something and takes a context is given one that ends shortly before
// ([supervisor.GracePeriod]).
//
// # Errors and panics
//
// A run returns what it runs returns, as it is. A panic in any of the functions is a failure of the run, also of those that are
// called in another goroutine, such as the interrupt of an actor: then the run panics with what they panicked with when it ends.
// What they start in goroutines of their own cannot be recovered by anything.
//
// A nil function is refused when the task is added: [supervisor.ErrNilTask].
package tasks
