package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// website serves pages over HTTP on a loopback address.
type website struct {
	listen string
	ready  func(address string)
	served atomic.Int64
}

// Run serves until ctx is cancelled, then lets the requests under way finish.
func (w *website) Run(ctx context.Context) error {
	listener, err := net.Listen("tcp", w.listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: w, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	closed := make(chan struct{})
	keepOpen := context.AfterFunc(ctx, func() {
		defer close(closed)
		deadline, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = server.Shutdown(deadline) // a request that hangs is cut off with the process
	})
	w.listen = listener.Addr().String() // a restarted server is found where it was
	w.ready("http://" + w.listen)
	err = server.Serve(listener)
	if !keepOpen() {
		<-closed
		return nil
	}
	return err
}

func (w *website) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(out, "Hello, you are visitor %d.\n", w.served.Add(1))
}

// visitor requests a page again and again. It fails when the server does.
type visitor struct {
	address func() string
	pages   atomic.Int64
}

// Run visits until ctx is cancelled.
func (v *visitor) Run(ctx context.Context) error {
	client := http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	for pause(ctx, 300*time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.address(), nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if err != nil {
			return err
		}
		v.pages.Add(1)
	}
	return nil
}

// clumsy works well for some seconds, then panics.
func clumsy(ctx context.Context) error {
	if pause(ctx, time.Duration(2000+rand.IntN(4000))*time.Millisecond) {
		shelf := make([]string, 3)
		shelf[rand.IntN(3)+3] = "one too many"
	}
	return nil
}

var errNoLicence = errors.New("no licence found")

// hopeless fails as soon as it starts, every time.
func hopeless(context.Context) error { return errNoLicence }

// stubborn takes its time to stop.
type stubborn time.Duration

// Run waits for ctx to end, and then some.
func (s stubborn) Run(ctx context.Context) error {
	<-ctx.Done()
	time.Sleep(time.Duration(s))
	return nil
}

// worker does one job after the other, and now and then fails at one.
func worker(ctx context.Context) error {
	for pause(ctx, 400*time.Millisecond) {
		if rand.IntN(20) == 0 {
			return errors.New("job failed")
		}
	}
	return nil
}

// pause waits, and tells whether ctx is still going on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
