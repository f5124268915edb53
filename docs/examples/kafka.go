package examples

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Kafka consumes records of a group. The client is made for each run: its connections, and its place in the group, end with it. When
// the run has to stop, PollFetches returns; the records that were handled are committed with what is left of the stop timeout, and
// the group is left, so that others take over at once. A run that is abandoned before that has its last records consumed again.
func Kafka(handle func(ctx context.Context, record *kgo.Record) error, options ...kgo.Opt) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		client, err := kgo.NewClient(append(options, kgo.DisableAutoCommit())...)
		if err != nil {
			return err
		}
		defer client.Close()
		if err := client.Ping(ctx); err != nil { // else it connects when it needs to, and waits for ever
			return err
		}
		_ = supervisor.Ready(ctx)
		for {
			fetches := client.PollFetches(ctx)
			if ctx.Err() != nil {
				grace, cancel := supervisor.GracePeriod(ctx)
				defer cancel()
				return client.CommitUncommittedOffsets(grace)
			}
			if err := fetches.Err(); err != nil {
				return err
			}
			for _, record := range fetches.Records() {
				_ = supervisor.Beat(ctx)
				if err := handle(ctx, record); err != nil {
					return err
				}
			}
			if err := client.CommitUncommittedOffsets(ctx); err != nil {
				return err
			}
		}
	})
}
