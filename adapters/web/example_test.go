package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// A program with a page and health checks. The page is made before Run, and so knows all that happens.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithTask("mailer", supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		})),
	)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/debug/tasks/", web.New(sup))
	health := web.Health(sup)
	mux.Handle("/livez", health)
	mux.Handle("/readyz", health)

	if err := sup.Start(ctx); err != nil {
		panic(err)
	}
	show(mux, "/livez")
	show(mux, "/readyz?verbose")
	cancel()
	fmt.Println(sup.Wait())
	// Output:
	// 200 ok
	// 200 readyz check passed
	// <nil>
}

// The page has no authentication of its own: put it behind yours.
func ExampleNew() {
	page := web.New(task(), web.WithTitle("shop"))
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, ok := r.BasicAuth(); !ok || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="tasks"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		page.ServeHTTP(w, r)
	})
	mux := http.NewServeMux()
	mux.Handle("/debug/tasks/", guarded)
	show(mux, "/debug/tasks/")
	// Output: 401 who are you?
}

// Commands pass through a hook of the program's own, which is told what is asked for.
func ExampleWithControls() {
	sup := task()
	page := web.New(sup, web.WithControls(func(r *http.Request, action web.Action, path string) error {
		if r.Header.Get("X-User") != "operator" {
			return errors.New("only operators may do that")
		}
		fmt.Println(action, path)
		return nil
	}))
	command := strings.NewReader(url.Values{"action": {"suspend"}, "path": {"mailer"}}.Encode())
	request := httptest.NewRequest(http.MethodPost, "/act", command)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	page.ServeHTTP(answer, request)
	fmt.Print(answer.Code, " ", answer.Body)
	// Output: 403 only operators may do that
}

// Checks of a tree that has not started: it is alive, and not ready.
func ExampleHealth() {
	health := web.Health(task())
	show(health, "/livez")
	show(health, "/readyz?verbose&exclude=mailer")
	// Output:
	// 200 ok
	// 503 [-]supervisor failed: not-started
	// [+]mailer excluded: ok
	// readyz check failed
}

// With a flight recorder, the page offers the last minutes to download by itself. Anything else can take its place.
func ExampleWithRecording() {
	page := web.New(task(), web.WithRecording(func(w io.Writer) error {
		_, err := io.WriteString(w, "the last minutes")
		return err
	}))
	show(page, "/recording")
	// Output: 200 the last minutes
}

// What a process has written last helps to see why it fails.
func ExampleWithTail() {
	page := web.New(task(), web.WithTail(func(path string) []string {
		if path != "mailer" {
			return nil
		}
		return []string{"listening on :25", "connection refused"}
	}))
	answer := httptest.NewRecorder()
	page.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://example.com/task.json?path=mailer", nil))
	var known struct{ Tail []string }
	if err := json.Unmarshal(answer.Body.Bytes(), &known); err != nil {
		panic(err)
	}
	fmt.Println(strings.Join(known.Tail, "\n"))
	// Output:
	// listening on :25
	// connection refused
}

// A page that is mounted for a while, for instance in a test, is closed when it is not needed any more.
func ExamplePage() {
	page := web.New(task())
	defer page.Close()
	var handler http.Handler = page
	show(handler, "/task.json?path=nothing")
	// Output: 404 There is no task of this path.
}

func ExampleOption() {
	options := []web.Option{web.WithTitle("shop"), web.WithHosts("ops.example.com")}
	show(web.New(task(), options...), "/nothing")
	// Output: 403 This page is not to be asked for as host "example.com". If it is: see WithHosts.
}

func ExampleAction() {
	for _, action := range []web.Action{web.ActionRestart, web.ActionStop, web.ActionSuspend, web.ActionResume} {
		fmt.Println(action)
	}
	// Output:
	// restart
	// stop
	// suspend
	// resume
}

func task() *supervisor.Supervisor {
	sup, err := supervisor.New(supervisor.WithTask("mailer", supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}), supervisor.WithStopTimeout(time.Second)))
	if err != nil {
		panic(err)
	}
	return sup
}

// show asks a handler, and prints what it answers.
func show(handler http.Handler, target string) {
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://example.com"+target, nil))
	fmt.Print(answer.Code, " ", answer.Body)
}
