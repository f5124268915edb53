package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// The examples of docs/trees.md.

var (
	api, cache, database, index, search, line, ledger supervisor.TaskFunc = idle, idle, idle, idle, idle, idle, idle

	jobs = make(chan job)
)

func idle(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

type job struct{ large bool }

func (job) do() {}

func ping(context.Context) error { return nil }

func answer(ctx context.Context, _ net.Listener) error { return idle(ctx) }

func newStorage() (*supervisor.Supervisor, error) {
	return supervisor.New(
		supervisor.WithStrategy(supervisor.RestForOne),
		supervisor.WithReadiness(true), // task options given here hold for all tasks
		supervisor.WithTask("database", database),
		supervisor.WithTask("index", index),
		supervisor.WithTask("search", search),
	)
}

func Example_strategy() {
	storage, err := newStorage()
	fmt.Println(storage.Counts().Total, err)
	// Output: 3 <nil>
}

func Example_needs() {
	sup, err := supervisor.New(
		supervisor.WithTask("api", api, supervisor.WithNeeds("cache"), supervisor.WithBoundTo("database")),
		supervisor.WithTask("cache", cache),
		supervisor.WithTask("database", database,
			supervisor.WithReadiness(true), supervisor.WithStartTimeout(10*time.Second)),
	)
	if err != nil {
		panic(err)
	}
	for _, task := range sup.Statuses() {
		fmt.Println(task.Name)
	}
	// Output:
	// cache
	// database
	// api
}

// serve is ready when it listens.
func serve(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	if err := supervisor.Ready(ctx); err != nil {
		return err
	}
	return answer(ctx, listener)
}

func Example_readiness() {
	ctx, cancel := context.WithCancel(context.Background())
	sup, err := supervisor.New(
		supervisor.WithTask("web", supervisor.TaskFunc(serve), supervisor.WithReadiness(true)),
		supervisor.WithTask("visitor", supervisor.TaskFunc(func(context.Context) error {
			fmt.Println("it listens")
			cancel()
			return nil
		}), supervisor.WithNeeds("web")),
	)
	if err != nil {
		panic(err)
	}
	fmt.Println(sup.Run(ctx))
	// Output:
	// it listens
	// <nil>
}

// Example_current is of a task whose second run knows that the first has panicked.
func Example_current() {
	verified := func(context.Context) error {
		fmt.Println("verified")
		return nil
	}
	sup, err := supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithBaseDelay(0),
		supervisor.WithTask("index", supervisor.TaskFunc(func(ctx context.Context) error {
			info, _ := supervisor.Current(ctx)
			if info.LastExit == supervisor.ExitPanic {
				return verified(ctx) // the one before may have left the index half written
			}
			panic("half written")
		})))
	if err != nil {
		panic(err)
	}
	fmt.Println(sup.Run(context.Background()))
	// Output:
	// verified
	// <nil>
}

// maintain compacts the cache's directory while it is not in use.
func maintain(ctx context.Context, sup *supervisor.Supervisor) error {
	compact := func(context.Context) error {
		status, err := sup.Status("shop/cache")
		fmt.Println(status.Status, status.Suspended)
		return err
	}
	if err := sup.Suspend("shop/cache"); err != nil {
		return err
	}
	if err := sup.WaitFor(ctx, "shop/cache", supervisor.UntilStopped); err != nil {
		return err // the directory is in use
	}
	if err := compact(ctx); err != nil {
		return err
	}
	return sup.Resume("shop/cache")
}

func Example_maintenance() {
	shop, err := supervisor.New(supervisor.WithTask("cache", supervisor.TaskFunc(idle)))
	if err != nil {
		panic(err)
	}
	root, err := supervisor.New(supervisor.WithTask("shop", shop))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	fmt.Println(root.Start(ctx), maintain(ctx, root), root.WaitForAll(ctx, "", supervisor.UntilHealthy))
	fmt.Println(root.Shutdown(ctx))
	// Output:
	// created true
	// <nil> <nil> <nil>
	// <nil>
}

// consume works off jobs. Idle or busy, it beats at least once a second, but for large jobs.
func consume(ctx context.Context) error {
	heart, err := supervisor.HeartOf(ctx)
	if err != nil {
		return err
	}
	idle := time.NewTicker(time.Second)
	defer idle.Stop()
	for {
		heart.Beat()
		select {
		case job := <-jobs:
			if job.large {
				heart.BeatWithin(10 * time.Minute)
			}
			job.do()
		case <-idle.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func Example_health() {
	sup, err := supervisor.New(
		supervisor.WithTask("consumer", supervisor.TaskFunc(consume), supervisor.WithWatchdog(5*time.Second)),
		supervisor.WithTask("database", database, supervisor.WithProbe(ping, supervisor.Probe{
			Interval: 10 * time.Second, Timeout: time.Second, Failures: 3,
		})),
		supervisor.WithTask("new", supervisor.TaskFunc(consume),
			supervisor.WithWatchdog(5*time.Second), supervisor.WithOnMiss(supervisor.MissReport)), // only reports, to begin with
	)
	fmt.Println(sup.Counts().Total, err)
	// Output: 3 <nil>
}

var (
	errNoMail    = errors.New("no mail")
	errBadConfig = errors.New("bad configuration")
)

// verdict shows how a run says what should follow.
func verdict(err error) error {
	switch {
	case errors.Is(err, errNoMail):
		return supervisor.Done(err) // completed, even where the policy restarts always
	case errors.Is(err, errBadConfig):
		return supervisor.Fatal(err) // no restart helps: the supervisor ends
	}
	return err // a failure, or nil
}

func Example_verdict() {
	sup, err := supervisor.New(supervisor.WithTask("mail", supervisor.TaskFunc(func(context.Context) error {
		return verdict(fmt.Errorf("reading: %w", errBadConfig))
	})))
	if err != nil {
		panic(err)
	}
	fmt.Println(sup.Run(context.Background()))
	// Output: task "mail", run 1, cannot continue: fatal: reading: bad configuration
}

// newPayments makes two supervisors. The inner one bears two failures in ten seconds.
func newPayments(line supervisor.Task) (*supervisor.Supervisor, error) {
	bank, err := supervisor.New(
		supervisor.WithIntensity(2, 10*time.Second),
		supervisor.WithBaseDelay(100*time.Millisecond),
		supervisor.WithTask("line", line),
	)
	if err != nil {
		return nil, err
	}
	return supervisor.New(
		supervisor.WithTask("ledger", ledger),
		supervisor.WithTask("bank", bank),
	)
}

func Example_tree() {
	payments, err := newPayments(line)
	if err != nil {
		panic(err)
	}
	for _, node := range payments.Tree() {
		fmt.Println(node)
	}
	// Output:
	// ledger: created (added)
	// bank: created (added) [supervisor created]
	//   line: created (added)
}

func Example_changes() {
	sup, err := supervisor.New(supervisor.WithName("shop"), supervisor.WithTask("cache", cache))
	if err != nil {
		panic(err)
	}
	// an incident: the cache may fail as often as it likes, half a minute apart, and not for all at once
	_ = sup.SetPolicy("cache", supervisor.WithMaxAttempts(supervisor.Unlimited),
		supervisor.WithBackoff(supervisor.Backoff{Max: 30 * time.Second}))
	_ = sup.SetLimits(supervisor.WithIntensity(100, time.Minute), supervisor.WithRestartRate(5, time.Second))
	// maintenance
	_ = sup.Suspend("shop/cache")
	fmt.Println(sup.Status("cache"))
	_ = sup.Resume("cache")
	// Output: cache: created (suspended), suspended <nil>
}

// starts runs a supervisor for some virtual time, and returns when a task of it was started.
func starts(t *testing.T, sup *supervisor.Supervisor, task *failing, length time.Duration) []time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	task.begin = time.Now()
	_ = sup.Run(ctx)
	return task.starts
}

// failing fails some time after it was started.
type failing struct {
	after  time.Duration
	begin  time.Time
	starts []time.Duration
}

func (f *failing) Run(ctx context.Context) error {
	f.starts = append(f.starts, time.Since(f.begin))
	select {
	case <-time.After(f.after):
		return errors.New("failed")
	case <-ctx.Done():
		return nil
	}
}

func tenths(numbers ...int) []time.Duration {
	durations := make([]time.Duration, len(numbers))
	for i, n := range numbers {
		durations[i] = time.Duration(n) * 100 * time.Millisecond
	}
	return durations
}

func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { bubble.Run(t, f) })
}

// What docs/trees.md works out is so.
func TestArithmeticOfTheGuide(t *testing.T) {
	inBubble(t, "the default policy gives up after 62 seconds", func(t *testing.T) {
		task := new(failing)
		sup := must(supervisor.New(supervisor.WithTask("task", task)))
		require.Equal(t, tenths(0, 20, 60, 140, 300, 620), starts(t, sup, task, time.Hour))
	})
	inBubble(t, "runs of a minute end dead, of 90 seconds never", func(t *testing.T) {
		minute, longer := &failing{after: time.Minute}, &failing{after: 90 * time.Second}
		sup := must(supervisor.New(supervisor.WithTask("minute", minute), supervisor.WithTask("longer", longer)))
		require.Len(t, starts(t, sup, minute, 91*time.Minute), 6)
		require.Len(t, longer.starts, 60)
	})
	inBubble(t, "an intensity that one task reaches", func(t *testing.T) {
		task := new(failing)
		sup := must(supervisor.New(supervisor.WithIntensity(3, 10*time.Second), supervisor.WithBaseDelay(100*time.Millisecond),
			supervisor.WithTask("task", task)))
		require.Equal(t, tenths(0, 2, 6, 14), starts(t, sup, task, time.Hour))
		var escalated *supervisor.EscalatedError
		require.ErrorAs(t, sup.Wait(), &escalated)
	})
	inBubble(t, "an intensity that the same task under the default delays does not reach", func(t *testing.T) {
		task := new(failing)
		sup := must(supervisor.New(supervisor.WithIntensity(3, 10*time.Second), supervisor.WithTask("task", task)))
		require.Len(t, starts(t, sup, task, time.Hour), 6)
		require.NoError(t, sup.Wait())
	})
	inBubble(t, "the dead threshold", func(t *testing.T) {
		sup := must(supervisor.New(supervisor.WithDeadThreshold(0.4)))
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			require.NoError(t, sup.Add(name, supervisor.TaskFunc(idle)))
		}
		require.NoError(t, sup.Start(t.Context()))
		require.NoError(t, sup.KillWait(t.Context(), "a"))
		require.NoError(t, sup.KillWait(t.Context(), "b"))
		require.Equal(t, supervisor.PhaseRunning.String(), sup.Phase().String(), "2 of 5")
		require.NoError(t, sup.Kill("c"))
		require.EqualError(t, sup.Wait(), "3 of 5 tasks are dead: 60%, more than 40%")
	})
	inBubble(t, "a budget spreads 500 restarts over 25 seconds", func(t *testing.T) {
		down := make(chan struct{})
		back := make(map[time.Duration]int)
		begin := time.Now()
		sup := must(supervisor.New(supervisor.WithRestartRate(20, time.Second), supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why == supervisor.ReasonBackoff {
				back[time.Duration(e.At)]++
			}
		})))
		for i := range 500 {
			require.NoError(t, sup.Add(fmt.Sprint(i), supervisor.TaskFunc(func(ctx context.Context) error {
				if time.Since(begin) > 0 {
					return idle(ctx)
				}
				<-down
				return errors.New("the outage")
			})))
		}
		require.NoError(t, sup.Start(t.Context()))
		close(down)
		time.Sleep(time.Minute)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))
		require.Len(t, back, 25)
		for i := range 25 {
			require.Equal(t, 20, back[time.Duration(2+i)*time.Second])
		}
	})
	inBubble(t, "escalation in a tree gives up after 65.6 seconds", func(t *testing.T) {
		line := new(failing)
		payments := must(newPayments(line))
		require.Equal(t, tenths(
			0, 2, 6, 26, 28, 32, 72, 74, 78, 158, 160, 164, 324, 326, 330, 650, 652, 656,
		), starts(t, payments, line, time.Hour))
		status, err := payments.Status("bank")
		require.NoError(t, err)
		require.Equal(t, supervisor.ReasonExhausted.String(), status.Why.String())
	})
	for _, test := range []struct {
		name  string
		hangs time.Duration
		found time.Duration
	}{
		{"a hang right after a probe is found after 33 seconds", 10*time.Second + 1, 43 * time.Second},
		{"a hang right before a probe is found after 23 seconds", 20*time.Second - 1, 43 * time.Second},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			begin := time.Now()
			sup := must(supervisor.New(supervisor.WithTask("task", supervisor.TaskFunc(idle), supervisor.WithProbe(
				func(ctx context.Context) error {
					if time.Since(begin) < test.hangs {
						return nil
					}
					return idle(ctx)
				}, supervisor.Probe{Interval: 10 * time.Second, Timeout: time.Second, Failures: 3}))))
			require.NoError(t, sup.Start(t.Context()))
			time.Sleep(test.found - 1)
			synctest.Wait()
			require.Equal(t, 1, sup.Counts().Healthy)
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			require.Equal(t, 1, sup.Counts().Failed)
			require.NoError(t, sup.Shutdown(t.Context()))
		})
	}
}

// The guide shows only code that is compiled, and a transcript that comes out.
func TestGuideShowsWhatIs(t *testing.T) {
	file, err := os.ReadFile("../../../../docs/trees.md")
	require.NoError(t, err)
	guide := string(file)

	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		code.WriteString(withoutIndentation(string(text)))
	}
	for _, block := range blocks(t, guide, "go") {
		require.Contains(t, code.String(), strings.TrimSpace(withoutIndentation(block)))
	}

	text, err := perform(t, 48*time.Second, settings{}, []step{{after: 44620 * time.Millisecond}})
	require.NoError(t, err)
	for _, block := range blocks(t, guide, "text") {
		for line := range strings.Lines(block) {
			require.Contains(t, text, strings.TrimPrefix(line, "00:00")) // the rest is the same in every time zone
		}
	}
}

// blocks returns the texts in one language.
func blocks(t *testing.T, guide, language string) []string {
	t.Helper()
	blocks := strings.Split(guide, "```"+language+"\n")[1:]
	require.NotEmpty(t, blocks)
	for i := range blocks {
		var closed bool
		blocks[i], _, closed = strings.Cut(blocks[i], "```")
		require.True(t, closed)
	}
	return blocks
}

func withoutIndentation(text string) string {
	var lines strings.Builder
	for line := range strings.Lines(text) {
		lines.WriteString(strings.TrimLeft(line, "\t "))
	}
	return lines.String()
}
