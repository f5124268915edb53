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
// to) every Failed task is started after its delay, every stop ends, and all comes to rest.
func TestInvariant16Settles(t *testing.T) {
	checked := 0
	Check(t, tameCases(), func(c Case, _ *rand.Rand) error {
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
		counts := m.Counts()
		if counts.Failed+counts.Stopping+counts.Abandoned+counts.Left > 0 {
			return fmt.Errorf("at rest there are still %+v", counts)
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// TestInvariant13ShutdownEnds: whatever happened before, a shutdown ends when the runs heed it, and reports nothing
// left behind that was not abandoned before.
func TestInvariant13ShutdownEnds(t *testing.T) {
	checked := 0
	Check(t, tameCases(), func(c Case, _ *rand.Rand) error {
		m := machine(c)
		for _, ev := range c.Events {
			m.Step(nil, ev)
		}
		if m.Counts().Healthy+m.Counts().Stopping > 1 {
			checked++
		}
		m.Step(nil, core.Event{At: m.Now(), Kind: core.EventShutdown})
		if err := settle(m); err != nil {
			return err
		}
		if counts := m.Counts(); m.Phase() != core.PhaseHalted || counts.Left > 0 {
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
		alive := m.Counts().Healthy + m.Counts().Stopping + m.Counts().Left
		end := shifted(m.Now(), int64(c.Config.ShutdownTimeout))
		m.Step(nil, core.Event{At: m.Now(), Kind: core.EventShutdown})
		actions := m.Step(nil, core.Event{At: end, Kind: core.EventTick})
		if m.Phase() != core.PhaseHalted || m.Counts().Left != alive {
			return fmt.Errorf("at the deadline the supervisor is %v, and of %d runs %d are left: %+v", m.Phase(), alive, m.Counts().Left, actions)
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

// settle turns faults off and lets time pass until nothing is due any more: no run fails, every run that was asked to
// stop ends, and so do those that were abandoned.
func settle(m *core.Machine) error {
	limit := 10 * (m.Counts().Total + 1)
	for range limit {
		ended := false
		for _, s := range slices.Collect(m.Tasks()) {
			asked := s.Status == core.StatusStopping || s.Status == core.StatusAbandoned
			for _, run := range []core.Run{s.Fenced, s.Run} {
				if run != 0 && (run == s.Fenced || s.Live && asked) {
					m.Step(nil, core.Event{At: m.Now(), Kind: core.EventExit, Task: s.Task, Run: run, Exit: core.ExitOK})
					ended = true
				}
			}
		}
		due, waits := m.NextDeadline()
		if !waits && !ended {
			return nil
		}
		if waits && !ended {
			m.Step(nil, core.Event{At: due, Kind: core.EventTick})
		}
	}
	return fmt.Errorf("after %d steps all is not at rest: %+v", limit, m.Counts())
}
