package httptask_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A server that listens anew in each run. The task is ready when it listens, so that others can wait for it.
func ExampleListenAndServe() {
	handler := http.NewServeMux()
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithTask("api", httptask.ListenAndServe(func() *http.Server {
			return &http.Server{Addr: "127.0.0.1:0", Handler: handler}
		}), supervisor.WithReadiness(true)),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	fmt.Println(sup.WaitFor(context.Background(), "api", supervisor.UntilReady))
	_ = sup.Shutdown(context.Background())
	fmt.Println(sup.Report())
	// Output:
	// <nil>
	// halted, 1 runs started, 1 ended
}

// With the listener kept, clients wait while the server is restarted, and are refused never.
func ExampleServe() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = listener.Close() }()
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithTask("api", httptask.Serve(listener, func() *http.Server {
			return &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				run, _ := supervisor.Current(r.Context())
				fmt.Fprintf(w, "run %d of %s", run.Run, run.Path)
			})}
		})),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	for run := range 2 {
		_ = sup.WaitUntil(context.Background(), "api", func(s supervisor.TaskStatus) bool { return int(s.Run) > run })
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			fmt.Println(err)
			break
		}
		answer, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		fmt.Println(string(answer))
		_ = sup.Restart("api")
	}
	http.DefaultClient.CloseIdleConnections()
	_ = sup.Shutdown(context.Background())
	// Output:
	// run 1 of api
	// run 2 of api
}

// A stop that did not answer all requests in time is logged, and listed in the report.
func ExampleDrainError() {
	var err error = &httptask.DrainError{Requests: 2, Err: supervisor.ErrGraceOver}
	fmt.Println(err)
	fmt.Println(errors.Is(err, supervisor.ErrGraceOver))
	// Output:
	// 2 requests were not answered in time: the time that the run has to stop is nearly over
	// true
}
