package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// accounted returns how many records some lines are or stand for that begin with a message.
func accounted(t *testing.T, lines []string, message string) (records int) {
	t.Helper()
	for _, line := range lines {
		switch {
		case strings.Contains(line, `msg="`+message+`"`):
			records++
		case strings.Contains(line, `msg="`+message+` (summed up)"`):
			n, err := strconv.Atoi(regexp.MustCompile(`records=(\d+)`).FindStringSubmatch(line)[1])
			require.NoError(t, err)
			records += n
		}
	}
	return records
}

// 5,000 tasks that fail in one instant, come back together and fail again for good leave a few dozen lines. No task is missing.
func TestAStormIsSummedUp(t *testing.T) {
	const tasks = 5000
	lines := logged(t, slog.LevelInfo, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithName("root"),
			supervisor.WithMaxAttempts(1))
		for i := range tasks {
			addFunc(t, sup, fmt.Sprint(i), fail)
		}
		runFor(t, sup, time.Hour)
	})
	require.LessOrEqual(t, len(lines), 36)
	require.Equal(t, tasks, accounted(t, lines, "task failed"))
	require.Equal(t, tasks, accounted(t, lines, "task dead, and stays down until Restart: it has no restart attempts left"))
	summaries := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.Contains(line, "summed up") })
	require.Regexp(t, `^level=WARN msg="task failed \(summed up\)" records=4990 within=0s tasks=4990 `+
		`names="root/\d+, root/\d+, root/\d+, root/\d+, root/\d+ and 4985 more" errors="it failed \(4990\)"$`, summaries[0])
	require.Contains(t, strings.Join(summaries, "\n"), `level=ERROR msg="task dead, and stays down until Restart`)
}

// What is held back is told when its time is over, though nothing else happens; at once when somebody waits; and once.
func TestWhatIsHeldBackIsToldInTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log lockedLines
		gate := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), supervisor.WithBaseDelay(time.Hour),
			supervisor.WithLogLimit(2, 10*time.Second))
		for i := range 5 {
			addFunc(t, sup, fmt.Sprint(i), func(ctx context.Context) error { <-gate; return fmt.Errorf("error %d", i) })
		}
		start(t, sup)
		close(gate)
		wait(10*time.Second - 1)
		require.Equal(t, 2, accounted(t, log.lines(), "task failed"))
		wait(1)
		require.Equal(t, 5, accounted(t, log.lines(), "task failed"))
		wait(2*time.Hour - 5*time.Second) // they fail again
		require.Equal(t, 7, accounted(t, log.lines(), "task failed"))
		require.NoError(t, sup.Drain(context.Background()))
		require.Equal(t, 10, accounted(t, log.lines(), "task failed"))
		written := len(log.lines())
		wait(time.Minute)
		require.Len(t, log.lines(), written)
	})
}

// Errors are told apart up to a number, and the rest are counted.
func TestAStormOfManyErrors(t *testing.T) {
	lines := logged(t, slog.LevelWarn, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithBaseDelay(time.Hour), supervisor.WithLogLimit(1, time.Minute))
		for i := range 20 {
			addFunc(t, sup, fmt.Sprint(i), func(context.Context) error { return fmt.Errorf("error %d", min(i, 9)) })
		}
		runFor(t, sup, time.Second)
	})
	counted := 0
	for _, n := range regexp.MustCompile(`\((\d+)\)`).FindAllStringSubmatch(lines[len(lines)-1], -1) {
		times, err := strconv.Atoi(n[1])
		require.NoError(t, err)
		counted += times
	}
	require.Equal(t, 19, counted)
	require.Len(t, regexp.MustCompile(`(error \d|others) \(`).FindAllString(lines[len(lines)-1], -1), 6)
}

func TestLogLimitsAreChecked(t *testing.T) {
	for _, option := range []supervisor.Option{supervisor.WithLogLimit(0, time.Second), supervisor.WithLogLimit(1, 0)} {
		_, err := supervisor.New(option)
		require.EqualError(t, err, "invalid options: WithLogLimit must be positive")
	}
}

// lockedLines is a writer of lines that can be read meanwhile.
type lockedLines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLines) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.text.String()), "\n")
}

// keeping is a handler that keeps the records and their contexts.
type keeping struct {
	mu       sync.Mutex
	records  []slog.Record
	contexts []context.Context
}

func (k *keeping) Enabled(context.Context, slog.Level) bool { return true }
func (k *keeping) WithAttrs([]slog.Attr) slog.Handler       { return k }
func (k *keeping) WithGroup(string) slog.Handler            { return k }

func (k *keeping) Handle(ctx context.Context, r slog.Record) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.records, k.contexts = append(k.records, r), append(k.contexts, ctx)
	return nil
}

// attributes returns all attributes of the records, those in groups, too.
func (k *keeping) attributes() (all []slog.Attr) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var add func(a slog.Attr) bool
	add = func(a slog.Attr) bool {
		value := a.Value.Resolve()
		if value.Kind() != slog.KindGroup {
			all = append(all, slog.Attr{Key: a.Key, Value: value})
			return true
		}
		for _, inner := range value.Group() {
			add(inner)
		}
		return true
	}
	for _, r := range k.records {
		r.Attrs(add)
	}
	return all
}

type traceKey struct{}

// A handler gets the values of Run's context, and the run, of whatever supervisor of the tree. The context has not ended.
func TestRecordsHaveTheContextOfTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var kept keeping
		inner := newSupervisor(t, supervisor.WithTask("fails", failsAfter(time.Second)))
		sup := newSupervisor(t, supervisor.WithLogger(slog.New(&kept)), supervisor.WithTask("inner", inner))
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), traceKey{}, "4bf92f35"))
		require.NoError(t, sup.Start(ctx))
		wait(time.Minute * 5)
		cancel()
		require.NoError(t, sup.Wait())
		seen := map[string]bool{}
		for i, r := range kept.records {
			if r.Message == "task added" || r.Message == "option to reconsider" || r.Message == "all tasks are well again" {
				continue
			}
			require.NoError(t, kept.contexts[i].Err(), r.Message)
			require.Equal(t, "4bf92f35", kept.contexts[i].Value(traceKey{}), r.Message)
			r.Attrs(func(a slog.Attr) bool {
				if a.Key != "run" || a.Value.Uint64() == 0 {
					return true
				}
				info, ok := supervisor.Current(kept.contexts[i])
				require.True(t, ok, r.Message)
				require.EqualValues(t, a.Value.Uint64(), info.Run, r.Message)
				return true
			})
			seen[r.Message] = true
		}
		for _, message := range []string{"task started", "task failed", "task recovered", "task stopping", "task halted", "supervisor stopped"} {
			require.True(t, seen[message], message)
		}
	})
}

// The keys are those that are documented, and no value is of a kind that handlers write in different ways.
func TestLogKeysAreKept(t *testing.T) {
	operating, err := os.ReadFile("../../docs/operating.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(operating), "<!-- Log -->")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "<!-- end of Log -->")
	documented := map[string]bool{}
	for _, line := range strings.Split(table, "\n| ") {
		keys, _, _ := strings.Cut(line, " |")
		for _, key := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(keys, -1) {
			documented[key[1]] = true
		}
	}
	require.Greater(t, len(documented), 25)
	inBubble(t, func(t *testing.T) {
		var kept keeping
		logger := slog.New(&kept)
		sup, release := lively(t, supervisor.WithLogger(logger), supervisor.WithLogLimit(1, time.Minute))
		logger.Info("tree", "nodes", sup.Tree()[1], "status", status(t, sup, "panics"), "waits", sup.Statuses()[0], "health", sup.Health())
		logger.Info("totals", "totals", totals(t, sup, "root/bank"), "ready", sup.Ready().Problems[0], "ready all", sup.Ready())
		release()
		logger.Info("report", "report", sup.Report(), "cause", sup.Report().Cause, "problem", sup.Ready().Problems[0])
		storm := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithLogLimit(1, time.Minute), supervisor.WithMaxAttempts(2),
			supervisor.WithTask("fails", failsAfter(0)), supervisor.WithTask("too", failsAfter(0)),
			supervisor.WithTask("waits", supervisor.TaskFunc(untilStopped), supervisor.WithNeeds("held")),
			supervisor.WithTask("held", supervisor.TaskFunc(untilStopped), supervisor.WithHeld("no machine")))
		require.NoError(t, storm.Start(context.Background()))
		wait(time.Hour)
		logger.Info("waits", "waits", status(t, storm, "waits"), "held", status(t, storm, "held"))
		require.NoError(t, storm.Shutdown(context.Background()))
		used := map[string]bool{}
		for _, a := range kept.attributes() {
			if !slices.Contains([]string{"health", "ready all"}, a.Key) {
				require.True(t, documented[a.Key], a.Key)
			}
			used[a.Key] = true
			switch a.Value.Kind() {
			case slog.KindString, slog.KindUint64, slog.KindInt64:
			default:
				_, isError := a.Value.Any().(error)
				require.True(t, isError, "%s is %T", a.Key, a.Value.Any())
			}
		}
		for key := range documented {
			if !slices.Contains([]string{"lost_debug", "lost_info", "lost_warn", "lost_error", "more_tasks", "signal", "delay", "runs"}, key) {
				require.True(t, used[key], key)
			}
		}
	})
}

// All is well when the last task has recovered, and that is told once. One that is removed is in no trouble either.
func TestAllIsWellWhenTheLastTaskIs(t *testing.T) {
	lines := logged(t, slog.LevelInfo, func(t *testing.T, logger *slog.Logger) {
		inner := newSupervisor(t, supervisor.WithTask("late", failsAfter(time.Minute, 0)))
		sup := newSupervisor(t, supervisor.ForService(), supervisor.WithLogger(logger), supervisor.WithTask("early", failsAfter(0)),
			supervisor.WithTask("inner", inner), supervisor.WithTask("dies", failsAfter(2*time.Hour), supervisor.WithMaxAttempts(0)))
		start(t, sup)
		wait(3 * time.Hour)
		require.NoError(t, sup.Remove("dies"))
		require.NoError(t, sup.Drain(t.Context()))
	})
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, "option to reconsider") })
	var said []string
	for _, line := range lines {
		said = append(said, regexp.MustCompile(`msg=("[^"]*")`).FindStringSubmatch(line)[1])
	}
	require.Equal(t, []string{
		`"task failed"`, `"task failed"`, `"task failed"`, `"task recovered"`, `"task recovered"`, `"all tasks are well again"`,
		`"task dead, and stays down until Restart: it has no restart attempts left"`, `"task removed"`, `"all tasks are well again"`,
		`"supervisor stopped"`, `"supervisor stopped"`,
	}, said)
	require.Contains(t, lines[5], "tasks=2 failures=3")
	require.Contains(t, lines[8], "tasks=1 failures=1")
}
