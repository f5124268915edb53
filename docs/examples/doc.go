// Package examples shows the workers of other libraries as tasks, each in a few lines: what starts it, what stops it, and what it loses
// when it is stopped too late. They are compiled, and those that need no server are tested.
//
//	cron.go         github.com/robfig/cron       stopped when the jobs that run have ended
//	kafka.go        github.com/twmb/franz-go     a loop that polls; offsets are committed when it stops
//	nats.go         github.com/nats-io/nats.go   drained: what was received is worked on, nothing new comes
//	temporal.go     go.temporal.io/sdk           a worker is made for each run: it cannot be started again
//	asynq.go        github.com/hibiken/asynq     so is a server; jobs that do not end in time go back to the queue
//	fx.go           go.uber.org/fx               the other way round: an application of fx starts and stops the supervisor
//	controller.go   sigs.k8s.io/controller-runtime, by its interface: the module would bring all of Kubernetes with it
//
// The modules that this one needs are about 110 MB to download, of which 73 MB are the tests of two libraries for compression that the
// clients of Kafka and NATS use.
//
// The folders below have programs before and after a move: from suture, and from errgroup and oklog/run.
package examples
