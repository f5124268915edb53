package control_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

const long = 30 // seconds: a deadline that only fails

func TestTree(t *testing.T) {
	inner, err := supervisor.New(supervisor.WithTask("mail", waits()))
	require.NoError(t, err)
	visor := control.Visor{PID: func(path string) int { return map[string]int{"workers/mail": 42}[path] }}
	sup, client := start(t, visor, supervisor.WithTask("web", waits()), supervisor.WithTask("workers", inner))
	require.NoError(t, sup.WaitForAll(t.Context(), "", supervisor.UntilHealthy))

	tree, err := client.Tree(t.Context())
	require.NoError(t, err)
	require.Equal(t, "running", tree.Phase)
	require.False(t, tree.At.IsZero())
	require.Len(t, tree.Tasks, 3)
	require.Equal(t, "web", tree.Tasks[0].Path)
	require.Zero(t, tree.Tasks[0].PID)
	require.Equal(t, "running", tree.Tasks[1].Phase)
	mail := tree.Tasks[2]
	require.Equal(t, "workers/mail", mail.Path)
	require.Equal(t, 1, mail.Depth)
	require.Equal(t, "healthy", mail.Status)
	require.Equal(t, 42, mail.PID)
	require.EqualValues(t, 1, mail.Run)
	require.EqualValues(t, 1, mail.Totals.Starts)
	require.False(t, mail.Since.IsZero())
}

// What a client reads of a task is what the supervisor writes: a key of another name would be read as nothing.
func TestTaskHasTheKeysOfTheSupervisor(t *testing.T) {
	text, err := json.Marshal(supervisor.TreeNode{})
	require.NoError(t, err)
	var written map[string]any
	require.NoError(t, json.Unmarshal(text, &written))
	docs := readFile(t, "../../../../../../docs/operating.md")
	var read map[string]any
	text, err = json.Marshal(control.Task{
		Path: "a", Depth: 1, Phase: "p", PID: 1, Name: "a", Status: "s", Why: "w", Run: 1, Live: true, UntilSeconds: new(float64), Wait: "w",
		WaitsFor: "w", Suspended: true, Unready: true, Attempts: 1, Intent: "i", Fenced: 1, LastExit: "e", LastError: "e", SinceSeconds: 1,
		Totals: control.Totals{Starts: 1, Failures: 1},
	})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &read))
	for key := range read {
		if key != "pid" && key != "kill_seconds" {
			require.Contains(t, docs, "`"+key+"`", "docs/operating.md promises the keys")
		}
	}
	require.Contains(t, written, "name")
}

func TestCommands(t *testing.T) {
	sup, client := start(t, control.Visor{}, supervisor.WithTask("web", waits()), supervisor.WithTask("worker", waits()))
	order := func(action control.Action, order control.Order) control.DoneTask {
		t.Helper()
		order.Paths, order.Wait = []string{"web"}, long
		done, err := client.Order(t.Context(), action, order)
		require.NoError(t, err)
		require.Len(t, done.Tasks, 1)
		require.Equal(t, "web", done.Tasks[0].Path)
		return done.Tasks[0]
	}

	done := order(control.ActionRestart, control.Order{})
	require.Nil(t, done.Error)
	require.Equal(t, "healthy", done.Status)
	require.EqualValues(t, 2, done.Run)

	done = order(control.ActionStop, control.Order{})
	require.Nil(t, done.Error)
	require.Equal(t, "created", done.Status)
	status, err := sup.Status("web")
	require.NoError(t, err)
	require.True(t, status.Suspended)

	done = order(control.ActionStart, control.Order{})
	require.Nil(t, done.Error)
	require.EqualValues(t, 3, done.Run)
	require.Equal(t, "is up already", order(control.ActionStart, control.Order{}).Text)

	require.Nil(t, order(control.ActionSuspend, control.Order{}).Error)
	require.Nil(t, order(control.ActionResume, control.Order{}).Error)
	done = order(control.ActionResume, control.Order{})
	require.NotNil(t, done.Error)
	require.Equal(t, control.CodeNotSuspended, done.Error.Code)

	done = order(control.ActionStop, control.Order{ForGood: true})
	require.Nil(t, done.Error)
	require.Equal(t, "dead", done.Status)
	require.Equal(t, "has ended already", order(control.ActionStop, control.Order{}).Text)
	done = order(control.ActionStart, control.Order{})
	require.Nil(t, done.Error)
	require.Equal(t, "healthy", done.Status)

	all, err := client.Order(t.Context(), control.ActionRestart, control.Order{All: true, Wait: long})
	require.NoError(t, err)
	require.Len(t, all.Tasks, 2)
	require.EqualValues(t, 2, all.Tasks[1].Run)
}

// A task with instances stands for all of them, and one that is named twice is meant once.
func TestCommandsForInstances(t *testing.T) {
	_, client := start(t, control.Visor{}, supervisor.WithTask("web.1", waits()), supervisor.WithTask("web.2", waits()), supervisor.WithTask("web.x", waits()),
		supervisor.WithTask("api", waits()), supervisor.WithTask("api.1", waits()))
	done, err := client.Order(t.Context(), control.ActionRestart, control.Order{Paths: []string{"web.2", "web"}, Wait: long})
	require.NoError(t, err)
	require.Len(t, done.Tasks, 2)
	for i, path := range []string{"web.2", "web.1"} {
		require.Equal(t, path, done.Tasks[i].Path)
		require.EqualValues(t, 2, done.Tasks[i].Run)
	}
	done, err = client.Order(t.Context(), control.ActionRestart, control.Order{Paths: []string{"api"}, Wait: long})
	require.NoError(t, err)
	require.Len(t, done.Tasks, 1, "there is one of that name")
}

func TestCommandsThatAreRefused(t *testing.T) {
	_, client := start(t, control.Visor{}, supervisor.WithTask("web", waits()))
	for _, test := range []struct {
		action  control.Action
		order   control.Order
		code    control.Code
		message string
	}{
		{control.ActionRestart, control.Order{Paths: []string{"wbe"}}, control.CodeUnknownTask, `there is no task "wbe"; did you mean "web"?`},
		{control.ActionRestart, control.Order{Paths: []string{"x"}}, control.CodeUnknownTask, `there is no task "x"`},
		{control.ActionRestart, control.Order{}, control.CodeBadRequest, "no task is named"},
		{control.ActionRestart, control.Order{All: true, Paths: []string{"web"}}, control.CodeBadRequest, "not both"},
		{"explode", control.Order{Paths: []string{"web"}}, control.CodeBadRequest, `no action "explode"`},
	} {
		_, err := client.Order(t.Context(), test.action, test.order)
		var refusal *control.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, test.code, refusal.Code)
		require.Contains(t, refusal.Message, test.message)
	}
	done, err := client.Order(t.Context(), control.ActionReload, control.Order{Paths: []string{"web"}})
	require.NoError(t, err)
	require.Equal(t, control.CodeUnsupported, done.Tasks[0].Error.Code)
}

// If one of several tasks does not exist, nothing is done to the others.
func TestAnOrderIsCheckedAsAWhole(t *testing.T) {
	sup, client := start(t, control.Visor{}, supervisor.WithTask("web", waits()))
	_, err := client.Order(t.Context(), control.ActionStop, control.Order{Paths: []string{"web", "x"}})
	require.Error(t, err)
	status, err := sup.Status("web")
	require.NoError(t, err)
	require.False(t, status.Suspended)
}

func TestARestartSaysThatTheTaskDidNotComeUp(t *testing.T) {
	_, client := start(t, control.Visor{Settle: long * time.Second}, supervisor.WithTask("web", fails(), supervisor.WithMaxAttempts(0)))
	done, err := client.Order(t.Context(), control.ActionRestart, control.Order{Paths: []string{"web"}, Wait: long})
	require.NoError(t, err)
	require.Equal(t, control.CodeNotUp, done.Tasks[0].Error.Code)
	require.Contains(t, done.Tasks[0].Error.Message, "it is broken")
	require.Equal(t, "dead", done.Tasks[0].Status)
}

// What holds a task is said to whoever waits for it.
func TestARestartOfAHeldTask(t *testing.T) {
	gate := supervisor.WithGate(func(context.Context) error { return errors.New("port 8080 is in use") }, time.Hour)
	sup, client := start(t, control.Visor{}, supervisor.WithTask("web", waits(), gate), supervisor.WithTask("db", waits(), supervisor.WithHeld("no disk")))
	require.NoError(t, sup.WaitUntil(t.Context(), "web", func(status supervisor.TaskStatus) bool {
		return status.HeldBy != nil && strings.Contains(status.HeldBy.Error(), "8080")
	}))
	done, err := client.Order(t.Context(), control.ActionStart, control.Order{Paths: []string{"web", "db"}, Wait: 0.001})
	require.NoError(t, err)
	require.Equal(t, "is not up yet: created (supervisor-start), held: port 8080 is in use", done.Tasks[0].Error.Message)
	require.Equal(t, "is not up yet: created (supervisor-start), held by an operator: no disk", done.Tasks[1].Error.Message)
}

func TestAStopThatTakesLonger(t *testing.T) {
	release := make(chan struct{})
	stubborn := supervisor.TaskFunc(func(ctx context.Context) error {
		<-release
		return ctx.Err()
	})
	sup, client := start(t, control.Visor{}, supervisor.WithTask("web", stubborn, supervisor.WithStopTimeout(supervisor.Forever)))
	defer close(release)
	require.NoError(t, sup.WaitForAll(t.Context(), "", supervisor.UntilHealthy))
	done, err := client.Order(t.Context(), control.ActionStop, control.Order{Paths: []string{"web"}, Wait: 0.001})
	require.NoError(t, err)
	require.Equal(t, control.CodeTimeout, done.Tasks[0].Error.Code)
	require.Contains(t, done.Tasks[0].Error.Message, "has not stopped yet: stopping")
}

func TestReload(t *testing.T) {
	var reloaded []string
	_, client := start(t, control.Visor{Reload: func(path string) error {
		reloaded = append(reloaded, path)
		return nil
	}}, supervisor.WithTask("web", waits()))
	done, err := client.Order(t.Context(), control.ActionReload, control.Order{Paths: []string{"web"}, Wait: long})
	require.NoError(t, err)
	require.Nil(t, done.Tasks[0].Error)
	require.Equal(t, []string{"web"}, reloaded)
}

func TestApply(t *testing.T) {
	wrong := errors.New("tasks.toml:3:1: unknown key")
	visor := control.Visor{Apply: func(_ context.Context, order control.ApplyOrder) (control.Applied, error) {
		if !order.DryRun {
			return control.Applied{}, &control.Error{Code: control.CodeBadFile, Message: wrong.Error()}
		}
		return control.Applied{DryRun: true, Changes: []control.Change{{Path: "web", Do: "restart"}}, Same: 2}, nil
	}}
	_, client := start(t, visor)
	applied, err := client.Apply(t.Context(), control.ApplyOrder{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, control.Applied{DryRun: true, Changes: []control.Change{{Path: "web", Do: "restart"}}, Same: 2}, applied)
	_, err = client.Apply(t.Context(), control.ApplyOrder{})
	var refusal *control.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, control.CodeBadFile, refusal.Code)
	require.Equal(t, wrong.Error(), refusal.Message)
}

func TestDecisionsAreFollowed(t *testing.T) {
	sup, client := start(t, control.Visor{}, supervisor.WithTask("web", waits()))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://taskvisor/v1/events", nil)
	require.NoError(t, err)
	response, err := client.HTTP().Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	require.NoError(t, sup.Restart("web"))
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
	}
	require.Contains(t, lines.Text(), `"path":"web"`)
}

// The end may come at once: then there is nothing left to answer with.
func TestShutdownIsAnsweredBeforeItBegins(t *testing.T) {
	said := make(chan bool, 1)
	path := file(t)
	var end func()
	sup, err := supervisor.New()
	require.NoError(t, err)
	listener, err := control.Listen(control.Places(path)...)
	require.NoError(t, err)
	server := &http.Server{Handler: control.NewHandler(control.Visor{Supervisor: sup, Shutdown: func(now bool) {
		said <- now
		end()
	}})}
	end = func() { _ = server.Close() } // as a process that ends
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	client, err := control.Dial(t.Context(), control.Places(path)...)
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.Shutdown(t.Context(), control.ShutdownOrder{Now: true}))
	require.ErrorIs(t, <-served, http.ErrServerClosed)
	require.True(t, <-said)
}

// What is not known is not ignored: it would not be done.
func TestUnknownKeysAreRefused(t *testing.T) {
	_, client := start(t, control.Visor{}, supervisor.WithTask("web", waits()))
	response, err := client.HTTP().Post("http://taskvisor/v1/tasks/stop", "application/json", bytes.NewBufferString(`{"paths":["web"],"gently":true}`))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
}
