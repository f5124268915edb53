package supervisor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

var update = flag.Bool("update", false, "write the golden files anew")

// lively is a tree in which there is something of everything that JSON shows. The function ends what was left behind.
func lively(t *testing.T, options ...supervisor.Option) (sup *supervisor.Supervisor, release func()) {
	t.Helper()
	deaf := newGated(1)
	bank := newSupervisor(t,
		supervisor.WithTask("line", new(fails), supervisor.WithBackoff(supervisor.Backoff{Base: time.Minute})),
		supervisor.WithTask("waits", supervisor.TaskFunc(untilStopped), supervisor.WithNeeds("line")))
	stuck := make(chan struct{})
	sup = newSupervisor(t, append(options, supervisor.WithName("root"), supervisor.WithSeed(1),
		supervisor.WithObserver(func(supervisor.Transition) { panic("observer") }),
		supervisor.WithRecorder(writerFunc(func([]byte) (int, error) { return 0, errors.New("disk full") })),
		supervisor.WithTask("bank", bank),
		supervisor.WithTask("panics", supervisor.TaskFunc(panicking), supervisor.WithMaxAttempts(0)),
		supervisor.WithTask("slow", supervisor.TaskFunc(untilStopped), supervisor.WithReadiness(true)),
		supervisor.WithTask("held", supervisor.TaskFunc(untilStopped), supervisor.WithSuspended(true)),
		supervisor.WithTask("deaf", deaf, supervisor.WithStopTimeout(time.Second)),
		supervisor.WithTask("loses", returning(errFailed)),
		supervisor.WithTask("probed", supervisor.TaskFunc(untilStopped), supervisor.WithOnMiss(supervisor.MissReport),
			supervisor.WithProbe(func(context.Context) error { <-stuck; return nil }, supervisor.Probe{Interval: time.Second, Timeout: time.Second, Failures: 1})),
		supervisor.WithTask("done", &completes{}))...)
	require.NoError(t, sup.Start(context.Background()))
	wait(0)
	require.NoError(t, sup.Kill("deaf"))
	require.NoError(t, sup.Kill("loses"))
	wait(3500 * time.Millisecond)
	return sup, func() {
		close(stuck)
		deaf.open(1)
		require.NoError(t, sup.Shutdown(context.Background()))
		require.NoError(t, sup.Drain(context.Background()))
	}
}

// indented returns the JSON of a value for people, less the lines of stacks, which differ from one Go version to the next.
func indented(t *testing.T, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	return regexp.MustCompile(`("(?:last_)?stack": ").*"`).ReplaceAllString(string(text), `${1}..."`) + "\n"
}

// golden compares a text with a file.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// The keys, the units and what is left out are a promise.
func TestJSONIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, release := lively(t)
		golden(t, "tree.json", indented(t, sup.Tree()))
		golden(t, "report.json", indented(t, sup.Report()))
		golden(t, "stats.json", indented(t, sup.Stats()))
		golden(t, "ready.json", indented(t, sup.Ready()))
		release()
		golden(t, "stopped.json", indented(t, sup.Report().Cause))
	})
	inBubble(t, func(t *testing.T) {
		var transitions []supervisor.Transition
		sup := newSupervisor(t, supervisor.WithName("root"), supervisor.WithMaxAttempts(1),
			supervisor.WithTask("fails", new(fails)), supervisor.WithTask("panics", whenStopped(panicking)), collect(&transitions))
		start(t, sup)
		wait(2 * time.Second)
		require.NoError(t, sup.Shutdown(context.Background()))
		require.NoError(t, sup.Drain(context.Background()))
		golden(t, "transitions.json", indented(t, transitions))
	})
}

// A clock that knows no dates has none in its JSON, and the same durations.
func TestJSONWithoutDates(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual := new(clock.Virtual)
		sup := newSupervisor(t, supervisor.WithClock(virtual), supervisor.WithTask("fails", new(fails)))
		start(t, sup)
		virtual.Advance(500 * time.Millisecond)
		require.JSONEq(t, `{"name":"fails","status":"failed","why":"failure","run":1,"since_seconds":0.5,"until_seconds":1.5,
			"wait":"delay","attempts":1,"last_exit":"error","last_error":"it failed"}`, strings.TrimSpace(indented(t, status(t, sup, "fails"))))
		_, ok := status(t, sup, "fails").Date(0)
		require.False(t, ok)
	})
}

func TestAStatusHasDates(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("fails", new(fails)))
		_, ok := status(t, sup, "fails").Date(0)
		require.False(t, ok, "it has no clock yet")
		start(t, sup)
		wait(time.Second)
		s := status(t, sup, "fails")
		date, ok := s.Date(s.Until)
		require.True(t, ok)
		require.Equal(t, time.Second, time.Until(date))
		_, ok = s.Date(supervisor.Never)
		require.False(t, ok)
	})
}

// No key is in capitals, nothing is never, and no error is an empty object.
func TestJSONHidesWhatMeansNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, release := lively(t)
		var all bytes.Buffer
		for _, value := range []any{sup.Tree(), sup.Report(), sup.Stats(), sup.Health(), sup.Ready(), sup.Statuses(), sup.Warnings(), sup.Counts(), sup.Limits()} {
			all.WriteString(indented(t, value))
		}
		policy, err := sup.Policy("deaf")
		require.NoError(t, err)
		all.WriteString(indented(t, policy))
		text := all.String()
		require.NotRegexp(t, `"[^"\n]*[A-Z][^"\n]*":`, text)
		for _, ugly := range []string{"9223372036854775807", "292", "{}", "null", `: ""`, "none", "never\""} {
			require.NotContains(t, strings.ReplaceAll(text, `"auto_shutdown": "never"`, ""), ugly)
		}
		release()
	})
}

// Every field of what has JSON is in it, or is left out on purpose.
func TestEveryFieldIsInTheJSON(t *testing.T) {
	hidden := map[string][]string{
		"TaskStatus": {"source"}, "TreeNode": {"Supervisor", "Inside", "TaskStatus"}, "Transition": {"Date", "halting", "severe", "declared", "ctx", "ill"}, "FailedStop": {"Date", "round"},
		"LeftBehindRun": {"Date"}, "LateProbe": {"Date"}, "RunInfo": {"Supervisor", "run"}, "LimitUsage": {"Limited"},
	}
	also := map[string]string{"Err": "error", "Recording": "recording_error", "Down": "down_seconds", "Downtime": "downtime_seconds", "Per": "per_seconds"} // what a key is called that is not called like its field
	operating, err := os.ReadFile("../../docs/operating.md")
	require.NoError(t, err)
	for _, of := range []reflect.Type{
		reflect.TypeFor[supervisor.TaskStatus](), reflect.TypeFor[supervisor.TreeNode](), reflect.TypeFor[supervisor.Report](),
		reflect.TypeFor[supervisor.RunCounts](), reflect.TypeFor[supervisor.TaskReport](), reflect.TypeFor[supervisor.LeftBehindRun](),
		reflect.TypeFor[supervisor.FailedStop](), reflect.TypeFor[supervisor.LateProbe](), reflect.TypeFor[supervisor.ObserverReport](),
		reflect.TypeFor[supervisor.StopCause](), reflect.TypeFor[supervisor.Transition](), reflect.TypeFor[supervisor.RunInfo](),
		reflect.TypeFor[supervisor.Warning](), reflect.TypeFor[supervisor.Totals](), reflect.TypeFor[supervisor.Stats](),
		reflect.TypeFor[supervisor.LimitUsage](), reflect.TypeFor[supervisor.Health](), reflect.TypeFor[supervisor.Problem](),
	} {
		_, row, found := strings.Cut(string(operating), "\n| `"+of.Name()+"` | ")
		require.True(t, found, "docs/operating.md has no row for %s", of.Name())
		row, _, _ = strings.Cut(row, "\n")
		for i := range of.NumField() {
			field := of.Field(i)
			if slices.Contains(hidden[of.Name()], field.Name) {
				continue
			}
			key := also[field.Name]
			if key == "" {
				key = strings.ToLower(regexp.MustCompile("([a-z])([A-Z])").ReplaceAllString(field.Name, "${1}_${2}"))
			}
			require.Contains(t, row, "`"+key+"`", "%s.%s", of.Name(), field.Name)
		}
	}
}

// The keys that are written are those that are documented.
func TestJSONHasTheDocumentedKeys(t *testing.T) {
	operating, err := os.ReadFile("../../docs/operating.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(operating), "\n## JSON\n")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n## ")
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, key := range regexp.MustCompile(`"([\w-]+)":`).FindAllStringSubmatch(string(text), -1) {
			require.Contains(t, section, "`"+key[1]+"`", file)
		}
	}
}

// Structured logs have words, whatever their handler.
func TestLogsHaveWords(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log bytes.Buffer
		sup := newSupervisor(t, supervisor.ForService(), supervisor.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
			supervisor.WithTask("fails", new(fails)))
		start(t, sup)
		require.NoError(t, sup.Drain(context.Background()))
		require.Contains(t, log.String(), `"task":"fails","run":1,"status":"failed","why":"failure","exit":"error"`)
	})
}

func ExampleTaskStatus_MarshalJSON() {
	sup := must(supervisor.New(supervisor.WithTask("mailer", supervisor.TaskFunc(serve), supervisor.WithSuspended(true))))
	status, _ := sup.Status("mailer")
	text, err := json.Marshal(status)
	fmt.Println(string(text), err)
	// Output: {"name":"mailer","status":"created","why":"added","wait":"suspended","suspended":true} <nil>
}
