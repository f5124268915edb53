package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// forest is a tree of supervisors, four deep, whose leaves do all kinds of things, and what they have done.
//
//	root
//	  0, 1           a value; made anew for every run
//	    0, 1
//	      0, 1       abandoned and replaced if it takes too long to stop; restarted with all else if a task fails too often
//	        0 to 3   tasks: 0 and 1 are waited for when they are abandoned, 2 and 3 are replaced
type forest struct {
	census
	abandoned atomic.Uint64
	mu        sync.Mutex
	live      map[string]int // runs by path
	overlaps  []string
}

func (f *forest) enter(path string, most int) {
	f.started.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.live[path]++; f.live[path] > most {
		f.overlaps = append(f.overlaps, path)
	}
}

func (f *forest) leave(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live[path]--
	f.ended.Add(1)
}

// leaf returns a task that, at most, has so many runs at a time.
func (f *forest) leaf(most int) supervisor.TaskFunc {
	return func(ctx context.Context) error {
		info, _ := supervisor.Current(ctx)
		f.enter(info.Path, most)
		defer f.leave(info.Path)
		switch rand.IntN(10) {
		case 0:
			return nil
		case 1, 2:
			time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
			return errFailed
		case 3:
			<-ctx.Done()
			time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond) // perhaps longer than the stop timeout
			f.abandoned.Add(1)
			return nil
		}
		return untilStopped(ctx)
	}
}

func (f *forest) grow(t *testing.T, depth int) *supervisor.Supervisor {
	t.Helper()
	sup := newSupervisor(t, supervisor.WithBaseDelay(time.Millisecond), supervisor.WithStopTimeout(10*time.Millisecond))
	if depth == 3 {
		require.NoError(t, sup.SetLimits(supervisor.WithIntensity(20, 20*time.Millisecond)))
		for i := range 4 {
			require.NoError(t, f.addLeaf(sup, i))
		}
		return sup
	}
	for i := range 2 {
		var options []supervisor.TaskOption
		if depth == 2 {
			options = append(options, supervisor.WithStopTimeout(30*time.Millisecond), supervisor.WithOnAbandon(supervisor.AbandonReplace),
				supervisor.WithMaxAttempts(supervisor.Unlimited))
		}
		if depth == 0 && i == 1 {
			add(t, sup, fmt.Sprint(i), supervisor.Factory(func() supervisor.Task { return f.grow(t, depth+1) }), options...)
		} else {
			add(t, sup, fmt.Sprint(i), f.grow(t, depth+1), options...)
		}
	}
	return sup
}

func (f *forest) addLeaf(sup *supervisor.Supervisor, i int) error {
	policy, most := supervisor.AbandonWait, 1
	if i >= 2 {
		policy, most = supervisor.AbandonReplace, 2
	}
	return sup.Add(fmt.Sprint(i), f.leaf(most), supervisor.WithOnAbandon(policy))
}

// said returns what was said by hand about the tasks that are known, by path.
func said(root *supervisor.Supervisor) map[string]string {
	words := map[string]string{}
	for _, node := range root.Tree() {
		switch {
		case node.Suspended:
			words[node.Path] = "suspended"
		case node.Status == supervisor.StatusDead && node.Why == supervisor.ReasonKilled, node.Intent == supervisor.IntentKill:
			words[node.Path] = "killed"
		}
	}
	return words
}

// Commands are given at once, in all depths, to what runs, stops, waits for its restart or is abandoned. Then every run is
// accounted for, no task has had more runs at a time than its policy allows, whatever became of its supervisors, and what was
// said by hand last is what holds when the root runs again.
func TestStressOfATree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const workers, operations = 64, 250
		f := &forest{live: map[string]int{}}
		root := f.grow(t, 0)
		ctx := context.Background()
		require.NoError(t, root.Start(ctx))
		tolerated := []error{
			supervisor.ErrUnknownTask, supervisor.ErrDuplicateName, supervisor.ErrBeingRemoved, supervisor.ErrAlreadyEnded,
			supervisor.ErrNotSuspended, supervisor.ErrShuttingDown, supervisor.ErrStopped, context.DeadlineExceeded,
		}
		inParallel(t, workers, operations, tolerated, func() error {
			time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
			depth := 1 + rand.IntN(4)
			path := fmt.Sprint(rand.IntN(2))
			for d := 1; d < depth; d++ {
				path += fmt.Sprint("/", rand.IntN(2+2*(d/3)))
			}
			brief, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(30))*time.Millisecond)
			defer cancel()
			switch rand.IntN(20) {
			case 0, 1, 2, 3:
				return root.Restart(path)
			case 4, 5:
				return root.Suspend(path)
			case 6, 7, 8, 9:
				return root.Resume(path)
			case 10:
				return root.Kill(path)
			case 11:
				return unlessLeftBehind(root.KillWait(brief, path))
			case 12:
				return root.SetPolicy(path, supervisor.WithBaseDelay(time.Duration(1+rand.IntN(5))*time.Millisecond))
			case 13:
				for _, node := range root.Tree() {
					if node.Inside != nil && node.Depth == 2 && rand.IntN(8) == 0 {
						return f.addLeaf(node.Inside, rand.IntN(4))
					}
				}
				return nil
			case 14:
				if depth < 4 {
					return nil
				}
				return root.Remove(path)
			case 15, 16:
				return root.WaitFor(brief, path, supervisor.UntilHealthy)
			case 17:
				return root.WaitForAll(brief, path, supervisor.UntilStopped)
			default:
				_, _ = root.Report(), root.Statuses()
				return nil
			}
		})
		wait(time.Second)
		words := said(root)
		for _, again := range []bool{true, false} {
			require.NoError(t, root.Shutdown(ctx))
			_ = root.Wait() // a run may be left behind
			wait(time.Second)
			require.Equal(t, f.started.Load(), f.ended.Load())
			report := root.Report()
			require.Equal(t, report.Runs.Started, report.Runs.Ended)
			require.Empty(t, report.LeftBehind)
			if again {
				require.NoError(t, root.Start(ctx))
				synctest.Wait()
				require.Equal(t, words, said(root))
			}
		}
		require.Empty(t, f.overlaps, "more runs at a time than the policy allows")
		require.NotEmpty(t, words)
		require.Greater(t, f.started.Load(), uint64(1000))
		require.Greater(t, f.abandoned.Load(), uint64(10))
	})
}

// unlessLeftBehind tolerates that a run is abandoned while it is waited for.
func unlessLeftBehind(err error) error {
	if errors.As(err, new(*supervisor.LeftBehindError)) {
		return nil
	}
	return err
}
