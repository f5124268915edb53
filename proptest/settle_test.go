package proptest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// TestInvariant16Settles: whatever happened before, when faults are off (no run fails, and each ends when it is asked
// to), every Failed task is started after its delay, every stop ends, and all tasks come to rest.
func TestInvariant16Settles(t *testing.T) {
	checked := 0
	Check(t, healthyCases(), func(c Case, _ *rand.Rand) error {
		m := machine(c)
		for _, ev := range c.Events {
			m.Step(nil, ev)
		}
		if m.Counts().Failed+m.Counts().Stopping > 0 {
			checked++
		}
		if err := settle(m); err != nil {
			return err
		}
		for s := range m.Tasks() {
			if !atRest(s) {
				return fmt.Errorf("all is at rest, and there is still %+v", s)
			}
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// TestInvariant13ShutdownEnds: whatever happened before, a shutdown ends when the runs heed it, and reports nothing
// left behind that was not abandoned before.
func TestInvariant13ShutdownEnds(t *testing.T) {
	checked := 0
	Check(t, healthyCases(), func(c Case, _ *rand.Rand) error {
		m := machine(c)
		for _, ev := range c.Events {
			m.Step(nil, ev)
		}
		if m.Counts().Starting+m.Counts().Healthy+m.Counts().Stopping > 1 {
			checked++
		}
		m.Step(nil, core.Event{At: m.Now(), Kind: core.EventShutdown})
		if err := settle(m); err != nil {
			return err
		}
		if counts := m.Counts(); m.Phase() != core.PhaseHalted || counts.LeftBehind > 0 {
			return fmt.Errorf("all is at rest, and the supervisor is %v with %+v", m.Phase(), counts)
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// TestInvariant13ShutdownDeadline: a shutdown ends within its overall deadline even if no run heeds it.
func TestInvariant13ShutdownDeadline(t *testing.T) {
	checked := 0
	cases := rapid.Map(tameCases(), func(c Case) Case {
		c.Config.ShutdownTimeout = max(1, c.Config.ShutdownTimeout%100)
		for i := range c.Limits {
			c.Limits[i].ShutdownTimeout = c.Config.ShutdownTimeout
		}
		return c
	})
	Check(t, cases, func(c Case, _ *rand.Rand) error {
		m := machine(c)
		for _, ev := range c.Events {
			m.Step(nil, ev)
		}
		if m.Phase() == core.PhaseHalting || m.Phase() == core.PhaseHalted {
			return nil
		}
		alive := m.Counts().Starting + m.Counts().Healthy + m.Counts().Stopping + m.Counts().LeftBehind
		end := shifted(m.Now(), int64(c.Config.ShutdownTimeout))
		m.Step(nil, core.Event{At: m.Now(), Kind: core.EventShutdown})
		actions := m.Step(nil, core.Event{At: end, Kind: core.EventTick})
		if m.Phase() != core.PhaseHalted || m.Counts().LeftBehind != alive {
			return fmt.Errorf("at the deadline the supervisor is %v, and of %d runs %d are left: %+v", m.Phase(), alive, m.Counts().LeftBehind, actions)
		}
		if alive > 0 {
			checked++
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// TestInvariantsUnderWorkloads shows every checker the traces of tasks that run, fail and stop as real ones do.
func TestInvariantsUnderWorkloads(t *testing.T) {
	suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...)
	cases := rapid.Custom(func(t *rapid.T) Case {
		cfg := tameConfigs().Draw(t, "config")
		return Play(cfg, Workloads(cfg).Draw(t, "workloads"), 60)
	})
	Check(t, cases, func(c Case, random *rand.Rand) error {
		if err := lockstep(c, random); err != nil {
			return err
		}
		m := machine(c)
		suite.Begin(m)
		for _, ev := range c.Events {
			if err := suite.Observe(m, ev, m.Step(nil, ev)); err != nil {
				return err
			}
		}
		return nil
	})
	// No run ends twice here, and there are no operators.
	require.Subset(t, []string{(&checkers.StaleExits{}).Name(), (&checkers.Ended{}).Name()}, suite.Vacuous())
}

// healthyCases are tame cases in which a run that does everything right can come to rest: it has the time to become
// ready, no restart is denied forever, and it is not probed again and again.
func healthyCases() *rapid.Generator[Case] {
	return rapid.Map(tameCases(), func(c Case) Case {
		c.Config.RestartRate.Per = min(c.Config.RestartRate.Per, longest)
		for i := range c.Limits {
			c.Limits[i].RestartRate.Per = min(c.Limits[i].RestartRate.Per, longest)
		}
		for i := range c.Config.Policies {
			p := &c.Config.Policies[i]
			p.StartTimeout = max(p.StartTimeout, 1)
			p.Probe = core.Probe{}
		}
		return c
	})
}

// atRest reports whether a task can stay as it is: it runs, has ended, or waits for an operator command or for
// its driver.
func atRest(s core.TaskStatus) bool {
	switch s.Status {
	case core.StatusHealthy:
		return s.Intent == core.IntentNone && s.Fenced == 0 && !s.Unready
	case core.StatusCreated:
		return s.Fenced == 0 && (s.Wait == core.WaitSupervisor || s.Wait == core.WaitSuspended || s.Wait == core.WaitHeld || s.Wait == core.WaitNeed)
	case core.StatusCompleted, core.StatusDead, core.StatusHalted:
		return s.Fenced == 0
	default:
		return false
	}
}

// settle turns faults off and lets time pass until nothing is due: no run fails, every run becomes ready, or ready again, and
// beats, and those that were asked to stop end, as do those that were abandoned.
func settle(m *core.Machine) error {
	limit := 20 * (m.Counts().Total + 1)
	for range limit {
		news := false
		for _, s := range slices.Collect(m.Tasks()) {
			for _, ev := range tell(s) {
				ev.At = m.Now()
				m.Step(nil, ev)
				news = true
			}
		}
		due, waits := m.NextDeadline()
		if !waits && !news {
			return nil
		}
		if waits && !news {
			m.Step(nil, core.Event{At: due, Kind: core.EventTick})
		}
	}
	return fmt.Errorf("after %d steps all is not at rest: %+v", limit, m.Counts())
}

// tell returns what the runs of a task report when they do everything right.
func tell(s core.TaskStatus) []core.Event {
	var events []core.Event
	if s.Fenced != 0 {
		events = append(events, core.Event{Kind: core.EventExit, Task: s.Task, Run: s.Fenced, Exit: core.ExitOK})
	}
	ev := core.Event{Task: s.Task, Run: s.Run}
	switch {
	case !s.Live:
		return events
	case s.Status == core.StatusStopping || s.Status == core.StatusAbandoned:
		ev.Kind, ev.Exit = core.EventExit, core.ExitOK
	case s.Status == core.StatusStarting || s.Unready:
		ev.Kind = core.EventReady
	case s.Until != core.Never:
		ev.Kind, ev.Within = core.EventBeat, core.Forever
	default:
		return events
	}
	return append(events, ev)
}
