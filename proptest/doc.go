// Package proptest tests the supervisor's core, and whatever is built on it, with random cases: generators for
// configurations, policies, events and workloads, a reference implementation to compare with (package oracle), and a
// check that hands failures back as scenarios.
//
// # Testing a rule of your own
//
// A rule is a [Property]: it looks at a [Case], which is a configuration and a list of events, and returns what is
// wrong. [Check] calls it with many cases:
//
//	func TestNoTaskRunsTenTimes(t *testing.T) {
//		proptest.Check(t, proptest.Cases(), func(c proptest.Case, _ *rand.Rand) error {
//			m, err := c.Machine()
//			if err != nil {
//				return err
//			}
//			for _, ev := range c.Events {
//				for _, a := range m.Step(nil, ev) {
//					if a.Kind == core.ActionStart && a.Run >= 10 {
//						return fmt.Errorf("task %v starts for the tenth time", a.Task)
//					}
//				}
//			}
//			return nil
//		})
//	}
//
// When the rule does not hold, the test fails with the smallest case that shows it, written as a scenario (package
// core/scenario) with what the oracle expects. Paste it into a test, save it to a file, play it with tasksim.
//
// # Choosing what is drawn
//
// [Cases] draws from everything. [CasesOf] keeps to configurations of your choice, for instance to a single one with
// rapid.Just(cfg). [Events] keeps to a [Mix] of your choice, and [Play] makes the events that follow from [Workload]s:
// tasks whose runs live, get ready, hang, fail and stop as you say, and that need each other. All generators are
// rapid's and can be mapped, filtered and combined like any others. Most time steps are a few nanoseconds or end
// exactly at a deadline, because that is where order matters; only differences of time affect the machine.
//
// Nothing that is drawn is ever skipped: events that make no sense in their place are cases too, and the machine has
// to reject them.
//
// # How much is drawn
//
// The flags of rapid say so: -rapid.checks is the number of cases, -rapid.steps their average length, -rapid.seed
// repeats them. The environment variables RAPID_CHECKS, RAPID_STEPS and so on mean the same, and also
// work where some of the tested packages lack the flags.
//
// # What this package's own tests establish
//
// The core decides what the oracle decides, action by action (TestLockstep). It keeps the determinism contract
// (TestD1 to TestD8) and the invariants, numbered as in package sim/checkers (TestInvariant1 to TestInvariant16). Every
// one of these tests fails if it had nothing to check, and TestCasesReachEverything fails if the cases leave out a
// decision, a reason or a situation.
package proptest
