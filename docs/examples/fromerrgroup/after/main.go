// Command worker consumes messages, and answers what it knows.
package main

import (
	"context"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithLogger(slog.Default()),
		supervisor.WithTask("consume", supervisor.TaskFunc(consume)),
		supervisor.WithTask("refresh", tasks.Every(time.Minute, load)),
		supervisor.WithTask("http", httptask.ListenAndServe(func() *http.Server {
			return &http.Server{Addr: ":8080"}
		}), supervisor.WithNeeds("consume")),
	)
	if err != nil {
		log.Fatal(err)
	}
	if err := sup.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

func consume(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func load(context.Context) error { return nil }
