package supervisor_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// nestings are all the ways in which a supervisor comes to run below another: made is what makes it.
var nestings = map[string]func(made func() *supervisor.Supervisor) supervisor.Task{
	"as a task": func(made func() *supervisor.Supervisor) supervisor.Task { return made() },
	"by a factory": func(made func() *supervisor.Supervisor) supervisor.Task {
		return supervisor.Factory(func() supervisor.Task { return made() })
	},
	"by hand": func(made func() *supervisor.Supervisor) supervisor.Task {
		return supervisor.TaskFunc(func(ctx context.Context) error { return made().Run(ctx) })
	},
}

// deepTree returns root/mid/inner, all nested in one way, with a leaf in the innermost that panics once and then fails once
// a minute, and has the root run for two minutes. The options are those of root, mid and inner.
func deepTree(t *testing.T, nested func(func() *supervisor.Supervisor) supervisor.Task, options ...[]supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	runs := 0
	leaf := supervisor.TaskFunc(func(ctx context.Context) error {
		if runs++; runs == 1 {
			panicsDeepDown("boom")
		}
		select {
		case <-time.After(time.Minute):
			return errFailed
		case <-ctx.Done():
			return nil
		}
	})
	inner := func() *supervisor.Supervisor {
		return newSupervisor(t, append(options[2], supervisor.WithIntensity(1, time.Hour), supervisor.WithTask("leaf", leaf))...)
	}
	mid := func() *supervisor.Supervisor {
		return newSupervisor(t, append(options[1], supervisor.WithTask("inner", nested(inner)))...)
	}
	return newSupervisor(t, append(options[0], supervisor.WithName("root"), supervisor.WithTask("mid", nested(mid)))...)
}

func runFor(t *testing.T, sup *supervisor.Supervisor, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	require.NoError(t, sup.Run(ctx))
}

// What happens two levels down is logged, observed and recorded by the root, however it came to run there.
func TestATreeIsOneThingToLookAt(t *testing.T) {
	for name, nested := range nestings {
		t.Run(name, func(t *testing.T) {
			var recording bytes.Buffer
			seen := new(events)
			lines := logged(t, slog.LevelWarn, func(t *testing.T, logger *slog.Logger) {
				sup := deepTree(t, nested, []supervisor.Option{
					supervisor.WithLogger(logger), supervisor.WithRecorder(&recording), seen.of(),
				}, nil, nil)
				runFor(t, sup, 2*time.Minute)
			})
			prefix := "root/mid/inner"
			require.Equal(t, []string{
				`level=WARN msg="task failed" supervisor=` + prefix + ` task=leaf run=1 status=failed why=failure exit=panic attempts=1 restart_in=2s error="panic: boom" stack=true`,
				`level=ERROR msg="task dead" supervisor=` + prefix + ` task=leaf run=2 status=dead why=intensity exit=error attempts=1 error="it failed"`,
				`level=ERROR msg="supervisor stopped" supervisor=` + prefix + ` task=leaf run=2 why=intensity error="task \"leaf\", run 2, failed, which exceeds 1 failure within 1h0m0s: it failed"`,
			}, slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.Contains(line, "supervisor="+prefix+" ") }))

			last := map[string]uint64{}
			supervisors := map[string]int{}
			for i, e := range seen.kept {
				require.EqualValues(t, i+1, e.Seq, "one observer, one count")
				supervisors[e.Supervisor]++
				last[e.Supervisor] = e.Seq
			}
			require.Len(t, supervisors, 3)
			require.Greater(t, last["root"], last["root/mid"])

			parts, _ := playAll(t, recording.String())
			var heads []string
			for i, part := range parts {
				heads = append(heads, part.Head.Of)
				require.EqualValues(t, i+1, part.Head.Part)
				require.False(t, part.Head.Origin.IsZero())
			}
			require.Equal(t, []string{"root", "root/mid", "root/mid/inner", "root/mid/inner"}, heads, "one for every life")
			if name != "by hand" {
				require.EqualValues(t, 2, parts[3].Head.Run, "it is the task's second run")
			}
			for _, part := range parts {
				require.NotEmpty(t, part.Statements)
				require.Empty(t, part.Snapshot, "it is readable")
			}
		})
	}
}

// The nearest logger and the nearest recorder count, and all observers.
func TestLoggersAndRecordersBelowReplaceThoseAbove(t *testing.T) {
	for name, nested := range nestings {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var rootLog, midLog, rootRecording, midRecording bytes.Buffer
				rootSeen, midSeen := new(events), new(events)
				sup := deepTree(t, nested,
					[]supervisor.Option{
						supervisor.WithLogger(slog.New(slog.NewTextHandler(&rootLog, nil))), supervisor.WithRecorder(&rootRecording), rootSeen.of(),
					}, []supervisor.Option{
						supervisor.WithLogger(slog.New(slog.NewTextHandler(&midLog, nil))), supervisor.WithRecorder(&midRecording), midSeen.of(),
					}, nil)
				runFor(t, sup, 2*time.Minute)
				require.NotContains(t, rootLog.String(), "supervisor=root/mid")
				require.Contains(t, midLog.String(), "supervisor=root/mid/inner ")
				require.NotContains(t, midLog.String(), "supervisor=root ")

				require.Equal(t, []string{"root"}, headsOf(t, &rootRecording))
				require.Equal(t, []string{"root/mid", "root/mid/inner", "root/mid/inner"}, headsOf(t, &midRecording))

				below := slices.DeleteFunc(slices.Clone(rootSeen.kept), func(e supervisor.Transition) bool { return e.Supervisor == "root" })
				seenBelow := slices.DeleteFunc(slices.Clone(midSeen.kept), func(e supervisor.Transition) bool { return e.Supervisor == "mid" || e.Supervisor == "" })
				require.Greater(t, len(below), 10)
				require.Equal(t, withoutSeq(below), withoutSeq(seenBelow))
			})
		})
	}
}

func withoutSeq(of []supervisor.Transition) []supervisor.Transition {
	of = slices.Clone(of)
	for i := range of {
		of[i].Seq = 0
	}
	return of
}

func headsOf(t *testing.T, recording *bytes.Buffer) (heads []string) {
	t.Helper()
	parts, _ := playAll(t, recording.String())
	for _, part := range parts {
		heads = append(heads, part.Head.Of)
	}
	return heads
}

// A subtree can be kept out of everything.
func TestASubtreeKeptToItself(t *testing.T) {
	for name, nested := range nestings {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var log, recording bytes.Buffer
				seen := new(events)
				sup := deepTree(t, nested,
					[]supervisor.Option{
						supervisor.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
						supervisor.WithRecorder(&recording), seen.of(),
					}, []supervisor.Option{
						supervisor.WithLogger(slog.New(slog.DiscardHandler)), supervisor.WithRecorder(io.Discard), supervisor.WithoutParentObservers(),
					}, nil)
				runFor(t, sup, 2*time.Minute)
				require.Contains(t, log.String(), "supervisor=root ")
				require.NotContains(t, log.String(), "supervisor=root/mid")
				require.Equal(t, []string{"root"}, headsOf(t, &recording))
				for _, e := range seen.kept {
					require.Equal(t, "root", e.Supervisor)
				}
			})
		})
	}
}

// What was said to a supervisor before it ran is in the recording of the supervisor above, which begins only when it runs.
func TestRecordingBelowBeginsWithWhatWasSaid(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var recording bytes.Buffer
		inner := newSupervisor(t)
		addFunc(t, inner, "killed", untilStopped)
		addFunc(t, inner, "suspended", untilStopped, supervisor.WithSuspended(true))
		addFunc(t, inner, "runs", untilStopped, supervisor.WithNeeds("killed"))
		require.NoError(t, inner.Kill("killed"))
		require.NoError(t, inner.SetLimits(supervisor.WithIntensity(7, time.Second)))
		sup := newSupervisor(t, supervisor.WithRecorder(&recording), supervisor.WithName("root"))
		add(t, sup, "inner", inner)
		start(t, sup)
		require.NoError(t, inner.Resume("suspended"))
		require.NoError(t, inner.SetPolicy("runs", supervisor.WithStopTimeout(time.Minute)))
		require.NoError(t, sup.Drain(t.Context()))

		parts, machines := playAll(t, recording.String())
		require.Equal(t, scenario.Head{Part: 2, Of: "root/inner", Run: 1, Origin: parts[1].Head.Origin}, parts[1].Head)
		require.Equal(t, inner.Counts(), machines[1].Counts())
		require.EqualValues(t, 7, machines[1].Config().Intensity.Count)
		require.Contains(t, recording.String(), " resume suspended\n")
	})
}

// A supervisor that moves to another tree is looked at from there.
func TestWatchersChangeWithTheTree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		inner := newSupervisor(t)
		addFunc(t, inner, "task", untilStopped)
		var first, second events
		for _, seen := range []*events{&first, &second} {
			sup := newSupervisor(t, seen.of(), supervisor.WithName("root"))
			add(t, sup, "inner", inner)
			require.NoError(t, sup.Start(t.Context()))
			wait(time.Second)
			require.NoError(t, sup.Shutdown(t.Context()))
			require.NoError(t, sup.Remove("inner"))
		}
		// It has stopped, but whoever looked at it last still does.
		require.NoError(t, inner.Remove("task"))
		require.NoError(t, inner.Drain(t.Context()))
		count := func(of *events, why supervisor.Reason) (n int) {
			for _, e := range of.kept {
				if e.Supervisor == "root/inner" && e.Why == why {
					n++
				}
			}
			return n
		}
		require.Equal(t, 1, count(&first, supervisor.ReasonSupervisorStart))
		require.Equal(t, 1, count(&second, supervisor.ReasonSupervisorStart))
		require.Zero(t, count(&first, supervisor.ReasonRemoved))
		require.Equal(t, 1, count(&second, supervisor.ReasonRemoved))
	})
}

// An observer that is given to a supervisor and to the one above is told twice; it was asked for twice.
func TestAnObserverGivenTwiceIsToldTwice(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := new(events)
		inner := newSupervisor(t, seen.of(supervisor.ReasonSupervisorStart))
		addFunc(t, inner, "task", untilStopped)
		sup := newSupervisor(t, seen.of(supervisor.ReasonSupervisorStart), supervisor.WithTask("inner", inner))
		start(t, sup)
		var tasks []string
		for _, e := range seen.all(t, sup) {
			tasks = append(tasks, e.Task)
		}
		slices.Sort(tasks)
		require.Equal(t, []string{"inner", "task", "task"}, tasks)
	})
}
