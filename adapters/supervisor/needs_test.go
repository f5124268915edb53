package supervisor_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

const asDependent = ": a task that this one needs went down"

// idle is for tasks that are never run.
var idle = supervisor.TaskFunc(untilStopped)

func names(sup *supervisor.Supervisor) []string {
	var all []string
	for _, s := range sup.Statuses() {
		all = append(all, s.Name)
	}
	return all
}

func TestATaskStartsWhenWhatItNeedsIsUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t,
			supervisor.WithTask("api", idle, supervisor.WithNeeds("db", "migration")),
			supervisor.WithTask("db", readyAfter(3*time.Second), supervisor.WithReadiness(true)),
			supervisor.WithTask("migration", &completes{after: 5 * time.Second}, supervisor.WithNeeds("db"), supervisor.WithReadiness(true)),
		)
		require.Equal(t, []string{"db", "migration", "api"}, names(sup))
		start(t, sup)
		s := status(t, sup, "api")
		requireWord(t, supervisor.StatusCreated, s.Status)
		requireWord(t, supervisor.WaitNeed, s.Wait)
		require.Equal(t, "db", s.WaitsFor)
		require.Equal(t, `api: created (supervisor-start), waits for "db"`, s.String())
		wait(3 * time.Second)
		require.Equal(t, "migration", status(t, sup, "api").WaitsFor)
		wait(5 * time.Second)
		requireStatus(t, sup, "migration", supervisor.StatusCompleted)
		requireStatus(t, sup, "api", supervisor.StatusHealthy)
	})
}

// When a task goes down, those bound to it go and come back with it; others run on.
func TestBoundTasksGoAndComeBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		journal := new(journal)
		db, order := journal.task("db")
		api, _ := journal.task("api")
		report, _ := journal.task("report")
		sup := newSupervisor(t)
		add(t, sup, "db", db)
		add(t, sup, "api", api, supervisor.WithBoundTo("db"))
		add(t, sup, "report", report, supervisor.WithNeeds("db"))
		start(t, sup)
		require.Len(t, journal.take(), 3)
		order <- fail
		synctest.Wait()
		require.Equal(t, []string{"-api" + asDependent}, journal.take())
		require.Equal(t, "db", status(t, sup, "api").WaitsFor)
		wait(2 * time.Second)
		require.ElementsMatch(t, []string{"+db", "+api"}, journal.take())
		require.EqualValues(t, 1, status(t, sup, "report").Run)
		require.Zero(t, status(t, sup, "api").Attempts)

		require.NoError(t, sup.Restart("db"))
		synctest.Wait()
		journal.take()
		stop(t, sup)
		stopped := journal.take()
		require.Equal(t, "-db: "+supervisor.ErrShutdown.Error(), stopped[len(stopped)-1], "it stops after those that need it")
	})
}

func TestTheListIsSortedByNeeds(t *testing.T) {
	sup := newSupervisor(t,
		supervisor.WithTask("a", idle),
		supervisor.WithTask("b", idle, supervisor.WithNeeds("d", "c")),
		supervisor.WithTask("c", idle, supervisor.WithBoundTo("a")),
		supervisor.WithTask("d", idle),
		supervisor.WithTask("e", idle, supervisor.WithNeeds("b"), supervisor.WithNeeds("b")),
		supervisor.WithBaseDelay(time.Minute), // defaults count wherever they stand
	)
	require.Equal(t, []string{"a", "d", "c", "b", "e"}, names(sup))
	policy, err := sup.Policy("c")
	require.NoError(t, err)
	require.Equal(t, time.Minute, policy.BaseDelay)
}

func TestNeedsThatCanNotBe(t *testing.T) {
	list := func(options ...supervisor.Option) error {
		sup, err := supervisor.New(options...)
		require.Nil(t, sup)
		var task *supervisor.TaskError
		require.ErrorAs(t, err, &task)
		require.Equal(t, "add", task.Op)
		return err
	}
	var cycle *supervisor.CycleError
	err := list(
		supervisor.WithTask("x", idle, supervisor.WithNeeds("a")),
		supervisor.WithTask("a", idle, supervisor.WithNeeds("b")),
		supervisor.WithTask("b", idle, supervisor.WithNeeds("c")),
		supervisor.WithTask("c", idle, supervisor.WithBoundTo("a")),
	)
	require.ErrorAs(t, err, &cycle)
	require.Equal(t, []string{"a", "b", "c", "a"}, cycle.Tasks)
	require.EqualError(t, err, `add task "x": tasks need each other: a -> b -> c -> a`)

	require.ErrorAs(t, list(supervisor.WithTask("a", idle, supervisor.WithNeeds("a"))), &cycle)
	require.EqualError(t, cycle, "tasks need each other: a -> a")

	var unknown *supervisor.UnknownNeedError
	require.ErrorAs(t, list(supervisor.WithTask("a", idle, supervisor.WithNeeds("b"))), &unknown)
	require.Equal(t, supervisor.UnknownNeedError{Task: "a", Need: "b"}, *unknown)

	require.ErrorIs(t, list(supervisor.WithTask("a", idle), supervisor.WithTask("a", idle)), supervisor.ErrDuplicateName)
	require.ErrorIs(t, list(supervisor.WithTask("", idle)), supervisor.ErrNoName)
	require.ErrorIs(t, list(supervisor.WithTask("a", nil)), supervisor.ErrNilTask)
	require.ErrorIs(t, list(supervisor.WithTask("a", idle), supervisor.WithTask("b", idle), supervisor.WithMaxTasks(1)), supervisor.ErrTooManyTasks)
	require.ErrorAs(t, list(supervisor.WithTask("a", idle, supervisor.WithBaseDelay(-1))), new(*supervisor.ConfigError))
	_, err = supervisor.New(supervisor.WithNeeds("db"))
	requireRefused(t, err, "WithNeeds cannot be a default: give it to WithTask or Add")
}

func TestNeedsOfTasksAddedLater(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		var unknown *supervisor.UnknownNeedError
		require.ErrorAs(t, sup.Add("api", idle, supervisor.WithNeeds("db")), &unknown)
		require.EqualError(t, sup.Add("api", idle, supervisor.WithNeeds("db")),
			`add task "api": "api" needs "db", which does not exist`)
		require.ErrorAs(t, sup.Add("api", idle, supervisor.WithNeeds("api")), new(*supervisor.CycleError))
		start(t, sup)

		deaf := newGated(1)
		add(t, sup, "db", deaf)
		add(t, sup, "api", idle, supervisor.WithNeeds("db"))
		synctest.Wait()
		requireStatus(t, sup, "api", supervisor.StatusHealthy)

		var needed *supervisor.NeededError
		require.ErrorAs(t, sup.Remove("db"), &needed)
		require.Equal(t, "api", needed.By)
		require.EqualError(t, sup.Remove("db"), `remove task "db": it is needed by "api"`)
		require.NoError(t, sup.RemoveWait(t.Context(), "api"))
		require.NoError(t, sup.Remove("db"))
		err := sup.Add("api", idle, supervisor.WithNeeds("db"))
		require.ErrorIs(t, err, supervisor.ErrBeingRemoved)
		require.Equal(t, []string{"db"}, names(sup), "nothing was added")
		deaf.open(1)
		synctest.Wait()
		require.Empty(t, sup.Statuses())
	})
}

// A supervisor that is run again still knows who needs whom.
func TestNeedsSurviveTheSupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var recording bytes.Buffer
		sup := newSupervisor(t, supervisor.WithRecorder(&recording))
		add(t, sup, "db", readyAfter(time.Second), supervisor.WithReadiness(true))
		add(t, sup, "api", idle, supervisor.WithBoundTo("db"))
		for range 2 {
			require.NoError(t, sup.Start(t.Context()))
			synctest.Wait()
			require.Equal(t, "db", status(t, sup, "api").WaitsFor)
			wait(time.Second)
			requireStatus(t, sup, "api", supervisor.StatusHealthy)
			require.NoError(t, sup.Shutdown(t.Context()))
		}
		var needed *supervisor.NeededError
		require.ErrorAs(t, sup.Remove("db"), &needed, "also when it has stopped")
		require.NoError(t, sup.Remove("api"))
		require.NoError(t, sup.Remove("db"))
	})
}

// A task that is suspended, and resumed before its turn to stop comes, is still told what it stops for: not a shutdown.
func TestResumedBeforeItsTurnToStop(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		causes := new(notes[error])
		sup := newSupervisor(t)
		addFunc(t, sup, "db", func(ctx context.Context) error {
			<-ctx.Done()
			causes.set("db", context.Cause(ctx))
			return nil
		})
		addFunc(t, sup, "api", lingers, supervisor.WithBoundTo("db"))
		start(t, sup)
		require.NoError(t, sup.Suspend("db"))
		require.NoError(t, sup.Resume("db"))
		wait(time.Second)
		require.Equal(t, supervisor.ErrSuspended, causes.get("db"))
		requireStatus(t, sup, "db", supervisor.StatusHealthy)
		requireStatus(t, sup, "api", supervisor.StatusHealthy)
	})
}
