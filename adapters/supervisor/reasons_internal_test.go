package supervisor

import (
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
)

// decisions are all that the state machine decides in its own transcripts, which show every reason that it has, and in
// random worlds.
func decisions(t *testing.T) []core.Action {
	t.Helper()
	files, err := filepath.Glob("../../core/testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []core.Action
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		parsed, err := scenario.Parse(text)
		require.NoError(t, err, file)
		player, err := scenario.NewPlayer(parsed)
		require.NoError(t, err, file)
		for player.Next() {
			all = append(all, player.Actions()...)
		}
		require.NoError(t, player.Err(), file)
	}
	collect := watcher(func(step *sim.Step) { all = append(all, step.Actions...) })
	for seed := range uint64(200) {
		_, err := sim.Run(swarm.World(seed), sim.Unchecked(), sim.Watch(func(string) []sim.Watcher { return []sim.Watcher{collect} }))
		require.NoError(t, err)
	}
	return append(all, resumedInTurn(t)...)
}

// resumedInTurn is what is decided when a task is suspended, and resumed while another has to stop before it.
func resumedInTurn(t *testing.T) []core.Action {
	t.Helper()
	machine, err := core.New(core.Config{})
	require.NoError(t, err)
	var all []core.Action
	step := func(ev core.Event) { all = machine.Step(all, ev) }
	step(core.Event{Kind: core.EventAdd})
	step(core.Event{Kind: core.EventAdd, Suspended: true})
	first, second := all[0].Task, all[1].Task
	step(core.Event{Kind: core.EventNeed, Task: second, Other: first, Bound: true})
	step(core.Event{Kind: core.EventResume, Task: second})
	step(core.Event{Kind: core.EventStart})
	step(core.Event{Kind: core.EventSuspend, Task: first})
	step(core.Event{Kind: core.EventResume, Task: first})
	step(core.Event{Kind: core.EventExit, Task: second, Run: 1, Exit: ExitOK})
	return all
}

type watcher func(*sim.Step)

func (w watcher) Watch(step *sim.Step) error {
	w(step)
	return nil
}

// Every reason for which the machine stops a run has a cause of its own: the shutdown's is for nothing but a shutdown. One
// that was resumed while it waited for its turn to stop is stopped because it was suspended.
func TestEveryStopHasACauseOfItsOwn(t *testing.T) {
	stops := make(map[Reason]bool)
	for _, a := range decisions(t) {
		if a.Kind == ActionStop {
			stops[a.Why] = true
		}
	}
	require.NotEmpty(t, stops)
	s, err := New()
	require.NoError(t, err)
	r := &run{member: &member{rarities: none}, session: &session{supervisor: s, shutdown: ErrShutdown}}
	seen := make(map[error]Reason)
	for why := range core.ValuesFrom(ReasonAdded) {
		require.Equal(t, stops[why], meaningOf(why).cause != nil, "runs are stopped for %v: %t", why, stops[why])
		if !stops[why] {
			continue
		}
		cause := r.stopCause(why)
		require.Equal(t, why == ReasonSupervisorStop, errors.Is(cause, ErrShutdown), why.String())
		if why == ReasonResumed {
			require.Equal(t, ReasonSuspended.String(), seen[cause].String(), why.String())
			continue
		}
		require.NotContains(t, seen, cause, "%v and %v have one cause", why, seen[cause])
		seen[cause] = why
	}
}

// Every reason has a level, and a message for every way in which the machine gives it.
func TestEveryReasonIsLogged(t *testing.T) {
	for why := range core.ValuesFrom(ReasonAdded) {
		require.Less(t, int(why), len(meanings), "%v has no meaning", why)
		require.NotNil(t, meanings[why], "%v has no meaning", why)
	}
	stay := make(map[Reason]bool)
	for _, a := range decisions(t) {
		if a.Kind != core.ActionReject && a.Kind != ActionHalt && a.From == a.To {
			stay[a.Why] = true
		}
	}
	for why := range stay {
		require.NotEmpty(t, meaningOf(why).stays, "there is no message for %v where the status stays", why)
	}
	for status := range core.ValuesFrom(StatusNone) {
		for why := range core.ValuesFrom(ReasonNone) {
			require.NotEmpty(t, logMessage(&Transition{From: StatusNone, To: status, Why: why}))
		}
	}
}

// A Transition that a program made up has a level, whatever its reason.
func TestWhatIsNoReasonHasALevel(t *testing.T) {
	for _, why := range []Reason{ReasonNone, Reason(len(meanings)), math.MaxUint8} {
		require.Equal(t, slog.LevelInfo, Transition{Why: why}.Level())
	}
}
