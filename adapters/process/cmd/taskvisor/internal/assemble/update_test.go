package assemble_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// body is a task of a test. It writes down when it starts and stops.
type body struct {
	path string
	diary

	mu      sync.Mutex
	command string
}

type diary struct{ write func(line string) }

func (b *body) Run(ctx context.Context) error {
	b.mu.Lock()
	command := b.command
	b.mu.Unlock()
	b.write(command + " starts")
	<-ctx.Done()
	time.Sleep(time.Second)
	b.write(command + " stops")
	return nil
}

func (b *body) Prepare(t *taskfile.Task) (func() ([]supervisor.TaskOption, error), error) {
	if t.Command == "wrong" {
		return nil, errors.New("is wrong")
	}
	return func() ([]supervisor.TaskOption, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.command = t.Command
		return nil, nil
	}, nil
}

// world runs a tree of bodies.
type world struct {
	*assemble.Tree
	t     *testing.T
	mu    sync.Mutex
	lines []string
	end   func() error
}

func (w *world) make(path string, t *taskfile.Task) (supervisor.Task, []supervisor.TaskOption, error) {
	if t.Command == "wrong" {
		return nil, nil, errors.New("is wrong")
	}
	_, options, err := assemble.Standin(path, t)
	return &body{path: path, command: t.Command, diary: diary{func(line string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.lines = append(w.lines, line)
	}}}, options, err
}

// read returns what was written down since the last time, in alphabetical order of what happened at once.
func (w *world) read() []string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := w.lines
	w.lines = nil
	return lines
}

func run(t *testing.T, text string) *world {
	w := &world{t: t}
	tree, err := assemble.New(readIn(t, "/srv", text), w.make)
	require.NoError(t, err)
	w.Tree = tree
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- tree.Root.Run(ctx) }()
	w.end = func() error { cancel(); return <-ended }
	synctest.Wait()
	return w
}

func (w *world) update(text string) (did []string, err error) {
	update, err := w.Update(readIn(w.t, "/srv", text), w.make)
	if err != nil {
		return nil, err
	}
	err = update.Apply(w.t.Context(), func(c assemble.Change) { did = append(did, c.String()) })
	return did, err
}

// One changed command, one new task, one removed and one changed policy among fifty: one restart, one start, one stop.
func TestUpdateTouchesOnlyWhatHasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var old, new strings.Builder
		for i := range 50 {
			fmt.Fprintf(&old, "[tasks.t%d]\ncommand = \"c%d\"\n", i, i)
			switch i {
			case 7:
				new.WriteString("[tasks.t7]\ncommand = \"other\"\n")
			case 8:
			case 9:
				new.WriteString("[tasks.t9]\ncommand = \"c9\"\nattempts = 3\n")
			default:
				fmt.Fprintf(&new, "[tasks.t%d]\ncommand = \"c%d\"\n", i, i)
			}
		}
		new.WriteString("[tasks.t50]\ncommand = \"c50\"\n")
		w := run(t, old.String())
		require.Len(t, w.read(), 50)

		did, err := w.update(new.String())
		require.NoError(t, err)
		require.Equal(t, []string{"remove   t8", "adjust   t9: attempts", "add      t50", "restart  t7: command"}, did)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"c8 stops", "c50 starts", "c7 stops", "other starts"}, w.read())
		policy, err := w.Root.Policy("t9")
		require.NoError(t, err)
		require.Equal(t, uint32(3), policy.MaxAttempts)

		did, err = w.update(new.String())
		require.NoError(t, err)
		require.Empty(t, did)
		did, err = w.update(old.String())
		require.NoError(t, err)
		require.Len(t, did, 4)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"c50 stops", "c8 starts", "other stops", "c7 starts"}, w.read())
		policy, err = w.Root.Policy("t9")
		require.NoError(t, err)
		require.Equal(t, uint32(supervisor.Unlimited), policy.MaxAttempts)
		require.NoError(t, w.end())
	})
}

// What has not changed is not told: a restart with another command is no change of policy, and new limits are none.
func TestUpdateChangesNoPolicyWithoutNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = "[tasks.a]\ncommand = \"a\"\n[groups.g]\nintensity = { count = 3, within = \"1m\" }\n[groups.g.tasks.b]\ncommand = \"b\"\n"
		w := run(t, text)
		var policies []string
		stop, err := w.Root.Observe(func(tr supervisor.Transition) {
			if tr.Why == supervisor.ReasonPolicy {
				policies = append(policies, tr.Task)
			}
		})
		require.NoError(t, err)
		defer stop()
		_, err = w.update(strings.NewReplacer(`"a"`, `"other"`, "count = 3", "count = 5").Replace(text))
		require.NoError(t, err)
		synctest.Wait()
		require.Empty(t, policies)
		_, err = w.update(strings.NewReplacer(`"a"`, `"other"`, "count = 3", "count = 5").Replace(text) + "attempts = 3\n")
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, []string{"b"}, policies)
		require.NoError(t, w.end())
	})
}

// A task that is replaced stops after those that need it.
func TestUpdateKeepsTheOrderOfNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = `
[tasks.web]
command = "web"
needs = ["app"]
[tasks.app]
command = "app"
bound_to = ["db"]
[tasks.db]
command = "db"
[tasks.other]
command = "other"
`
		w := run(t, text)
		require.Equal(t, []string{"app starts", "db starts", "other starts", "web starts"}, slices.Sorted(slices.Values(w.read())))
		_, err := w.update(strings.Replace(text, `command = "db"`, `command = "db"`+"\nneeds = [\"other\"]", 1))
		require.NoError(t, err)
		time.Sleep(time.Minute)
		lines := w.read()
		require.Equal(t, []string{"web stops", "app stops", "db stops"}, lines[:3])
		require.Equal(t, []string{"app starts", "db starts", "web starts"}, slices.Sorted(slices.Values(lines[3:]))) // all in one instant
		require.NoError(t, w.end())
	})
}

func TestUpdateOfGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = `
[groups.pool]
intensity = { count = 3, within = "1m" }
[groups.pool.tasks.a]
command = "a"
[groups.pool.groups.inner.tasks.b]
command = "b"
`
		w := run(t, text)
		w.read()
		did, err := w.update(strings.Replace(text, "count = 3", "count = 5", 1) + "[groups.pool.groups.inner.tasks.c]\ncommand = \"c\"\n" +
			"[groups.pool.groups.second]\nsignificant = false\n[groups.pool.groups.second.tasks.d]\ncommand = \"d\"\n")
		require.NoError(t, err)
		require.Equal(t, []string{"adjust   pool/: intensity", "add      pool/inner/c", "add      pool/second/"}, did)
		require.Equal(t, []string{"c starts", "d starts"}, slices.Sorted(slices.Values(w.read())))
		require.Equal(t, supervisor.Rate{Count: 5, Per: time.Minute}, w.Group("pool").Limits().Intensity)
		require.NotNil(t, w.Group("pool/second"))

		did, err = w.update(strings.Replace(text, "[groups.pool]", "[groups.pool]\nstrategy = \"one-for-all\"", 1))
		require.NoError(t, err)
		require.Equal(t, []string{"replace  pool/: strategy"}, did)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"a starts", "a stops", "b starts", "b stops", "c stops", "d stops"}, slices.Sorted(slices.Values(w.read())))
		require.Nil(t, w.Group("pool/second"))
		require.Nil(t, w.Task("pool/inner/c"))
		require.NotNil(t, w.Task("pool/inner/b"))
		require.NoError(t, w.end())
	})
}

// An update that is wrong somewhere changes nothing.
func TestUpdateThatIsWrongChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = "[tasks.a]\ncommand = \"a\"\n[tasks.b]\ncommand = \"b\"\n"
		w := run(t, text)
		w.read()
		for _, wrong := range []string{
			"[tasks.a]\ncommand = \"wrong\"\n", // and b is to be removed
			text + "[tasks.c]\ncommand = \"wrong\"\n",
		} {
			_, err := w.update(wrong)
			require.ErrorContains(t, err, "is wrong")
		}
		time.Sleep(time.Minute)
		require.Empty(t, w.read())
		_, tasks := w.File().All()
		require.Len(t, tasks, 2)
		require.NoError(t, w.end())
	})
}

// An update that was cut short can be tried again.
func TestUpdateAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = "[tasks.a]\ncommand = \"a\"\n[tasks.b]\ncommand = \"b\"\n"
		w := run(t, text)
		w.read()
		after := readIn(t, "/srv", "[tasks.a]\ncommand = \"other\"\n[tasks.c]\ncommand = \"c\"\n")
		update, err := w.Update(after, w.make)
		require.NoError(t, err)
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.ErrorIs(t, update.Apply(short, nil), context.DeadlineExceeded)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"b stops"}, w.read())

		update, err = w.Update(after, w.make)
		require.NoError(t, err)
		require.NoError(t, update.Apply(t.Context(), nil))
		time.Sleep(time.Minute)
		require.Equal(t, []string{"c starts", "a stops", "other starts"}, w.read())
		require.NoError(t, w.end())
	})
}

// What is suspended gets its new command and stays so; what the file suspends is suspended.
func TestUpdateOfSuspendedTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = "[tasks.a]\ncommand = \"a\"\n[tasks.b]\ncommand = \"b\"\n"
		w := run(t, text)
		w.read()
		require.NoError(t, w.Root.Suspend("a"))
		time.Sleep(time.Minute)
		require.Equal(t, []string{"a stops"}, w.read())
		_, err := w.update(strings.Replace(text, `"a"`, `"other"`, 1) + "suspended = true\n")
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"b stops"}, w.read())
		require.NoError(t, w.Root.Resume("a"))
		_, err = w.update(strings.Replace(text, `"a"`, `"other"`, 1))
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"b starts", "other starts"}, slices.Sorted(slices.Values(w.read())))
		require.NoError(t, w.end())
	})
}
