package examples

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// NATS works on the messages of a subject as one of a queue group. The client reconnects by itself; the run takes its readiness back
// meanwhile, and fails when the client gives up. When it has to stop, the connection is drained: no new message comes, and
// those that have come are worked on. What is left when the grace period ends is lost, or comes again if it was of a stream and is not
// acknowledged.
func NATS(url, subject, group string, handle nats.MsgHandler) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		closed := make(chan struct{})
		conn, err := nats.Connect(url,
			nats.DisconnectErrHandler(func(*nats.Conn, error) { _ = supervisor.NotReady(ctx) }),
			nats.ReconnectHandler(func(*nats.Conn) { _ = supervisor.Ready(ctx) }),
			nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.QueueSubscribe(subject, group, handle); err != nil {
			return err
		}
		_ = supervisor.Ready(ctx)
		select {
		case <-closed:
			return errors.Join(errors.New("the connection was given up"), conn.LastError())
		case <-ctx.Done():
		}
		grace, cancel := supervisor.GracePeriod(ctx)
		defer cancel()
		if err := conn.Drain(); err != nil {
			return err
		}
		select {
		case <-closed:
			return nil
		case <-grace.Done():
			return context.Cause(grace)
		}
	})
}
