// Command worker consumes messages, and answers what it knows.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return consume(ctx) })
	group.Go(func() error { return refresh(ctx) })
	server := &http.Server{Addr: ":8080"}
	group.Go(func() error {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(grace)
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func consume(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func refresh(ctx context.Context) error {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		if err := load(ctx); err != nil {
			log.Print(err) // or else everything would end
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func load(context.Context) error { return nil }
