package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func parse(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse([]byte(text))
	require.NoError(t, err)
	return s
}

// differs plays a scenario that must differ.
func differs(t *testing.T, text string) *scenario.Difference {
	t.Helper()
	machine, err := parse(t, text).Play()
	require.NotNil(t, machine)
	var difference *scenario.Difference
	require.ErrorAs(t, err, &difference)
	return difference
}

func TestPlayReportsTheFirstDifference(t *testing.T) {
	const head = "scenario 1\nat 0s start\nat 0s add a\n"
	require.Equal(t, &scenario.Difference{
		Line: 5, Index: 1, Statement: "at 0s add a",
		Expected: "0s start a#2 created->healthy added",
		Got:      "0s start a#1 created->healthy added",
	}, differs(t, head+"  0s add a none->created added\n  0s start a#2 created->healthy added\n"))

	require.Equal(t, &scenario.Difference{
		Line: 3, Index: 1, Statement: "at 0s add a",
		Expected: "nothing",
		Got:      "0s start a#1 created->healthy added",
	}, differs(t, head+"  0s add a none->created added\n"), "an action too many")

	require.Equal(t, &scenario.Difference{
		Line: 6, Index: 1, Statement: "at 0s add a",
		Expected: "0s halt shutdown",
		Got:      "nothing",
	}, differs(t, head+"  0s add a none->created added\n  0s start a#1 created->healthy added\n  0s halt shutdown\n"),
		"an action too few")

	require.Equal(t, &scenario.Difference{
		Line: 3, Index: 1, Statement: "at 0s add a", Expected: "nothing", Got: "0s add a none->created added",
	}, differs(t, head+"  nothing\n"))

	require.Equal(t, &scenario.Difference{
		Line: 4, Index: 2, Statement: "expect counts", Expected: "total=1", Got: "total=1 healthy=1",
	}, differs(t, head+"expect counts -> total=1\nexpect now -> 7s\n"))
}

func TestDifferenceOfAScenarioThatWasNotParsed(t *testing.T) {
	s := &scenario.Scenario{Statements: []scenario.Statement{
		&scenario.Event{Event: core.Event{Kind: core.EventStart}, Recorded: true},
		&scenario.Event{Event: core.Event{Kind: core.EventStart}, Recorded: true},
	}}
	_, err := s.Play()
	require.EqualError(t, err, "scenario: statement 1: at 0s start\n"+
		"  expected: nothing\n"+
		"  got:      0s reject already-started")
}

func TestUnrecordedIsNotCompared(t *testing.T) {
	machine, err := parse(t, "scenario 1\nat 0s start\nat 0s add a\nexpect counts\n").Play()
	require.NoError(t, err)
	require.Equal(t, 1, machine.Counts().Healthy)
}

func TestRewriteKeepsAllButTheRecord(t *testing.T) {
	s := parse(t, `scenario 1

# Kept.
config seed=1
at 0s start
  0s halt shutdown

# Kept too.
at 0s add a
expect counts -> wrong
at 1s tick
# And this.
`)
	require.NoError(t, s.Rewrite())
	const rewritten = `scenario 1

# Kept.
config seed=1
at 0s start
  nothing

# Kept too.
at 0s add a
  0s add a none->created added
  0s start a#1 created->healthy added
expect counts -> total=1 healthy=1
at 1s tick
  nothing
# And this.
`
	require.Equal(t, rewritten, s.String())
	_, err := parse(t, rewritten).Play()
	require.NoError(t, err)
}

func TestNamesFollowTheLatestAdd(t *testing.T) {
	_, err := parse(t, `scenario 1
config tasks=1
at 0s start
at 0s add a
at 1s remove a
at 2s exit a#1 ok
  2s forget a#1 stopping->none removed exit=stopped
at 3s kill a
  3s reject a unknown-task
# The name is taken over, and the task that had it is left with its id.
at 4s add a
  4s add a none->created added
  4s start a#1 created->healthy added
expect status @2.0 -> healthy added run=1 live=true since=4s
at 5s kill @1.0
  5s reject @1.0 unknown-task
# A refused add takes no name over.
at 6s add a
  6s reject too-many-tasks
at 7s kill a
  7s stop a#1 healthy->stopping killed until=17s
# The name of a refused add stands for nothing.
at 8s add b
  8s reject too-many-tasks
at 8s kill b
  8s reject unknown-task
expect status b -> unknown
`).Play()
	require.NoError(t, err)
}

func TestBindNamesATaskWithoutOne(t *testing.T) {
	_, err := parse(t, `scenario 1
at 0s start
at 0s add
  0s add @1.0 none->created added
  0s start @1.0#1 created->healthy added
task late @1.0
at 1s exit late#1 ok
  1s transition late#1 healthy->completed completed exit=ok
# Its new name takes the place of the old one.
task later @1.0
at 2s restart later
  2s start later#2 completed->healthy restarted
at 2s restart late
  2s reject unknown-task
`).Play()
	require.NoError(t, err)
}

func TestPoliciesInMidRun(t *testing.T) {
	_, err := parse(t, `scenario 1
policy usual
at 0s start
define quick base=1ms
at 0s add a policy=quick
at 0s exit a#1 error
  0s transition a#1 healthy->failed failure attempts=1 until=2ms exit=error
expect status a -> failed failure wait=delay run=1 attempts=1 since=0s until=2ms exit=error policy=quick
define quick base=1s
at 0s add b policy=quick
expect status b -> healthy added run=1 live=true since=0s
`).Play()
	require.NoError(t, err, "defining what is known gives its id")
}

func TestPlayErrors(t *testing.T) {
	_, err := parse(t, "scenario 1\nconfig dead=2/1\npolicy p base=-1s\n").Play()
	var play *scenario.PlayError
	require.ErrorAs(t, err, &play)
	require.Equal(t, -1, play.Index)
	require.ErrorContains(t, err, "scenario: beginning: ")
	var config *core.ConfigError
	require.ErrorAs(t, err, &config)
	require.Len(t, config.Fields, 2)

	s := parse(t, "scenario 1\nat 0s start\ndefine p factor=0\nat 0s start\n")
	machine, err := s.Play()
	require.ErrorAs(t, err, &play)
	require.Equal(t, 3, play.Line)
	require.Equal(t, 1, play.Index)
	require.ErrorContains(t, err, "scenario: line 3: ")
	require.ErrorAs(t, err, &config)
	require.Equal(t, core.PhaseRunning, machine.Phase(), "it stands where it failed")
	require.ErrorAs(t, s.Rewrite(), &config)

	_, err = (&scenario.Scenario{Statements: []scenario.Statement{
		&scenario.Event{Event: core.Event{Kind: core.EventAdd}, PolicyName: "p"},
	}}).Play()
	require.ErrorIs(t, err, scenario.ErrPolicyName)
	_, err = (&scenario.Scenario{Statements: []scenario.Statement{
		&scenario.Event{Event: core.Event{Kind: core.EventLimits}, LimitsName: "l"},
	}}).Play()
	require.ErrorIs(t, err, scenario.ErrLimitsName)
	_, err = parse(t, "scenario 1\nlimits l dead=2/1\n").Play()
	require.ErrorAs(t, err, &config)
	require.ErrorContains(t, err, "scenario: line 2: ")

	_, err = (&scenario.Scenario{Snapshot: []byte("tsv")}).Play()
	require.ErrorIs(t, err, core.ErrSnapshot)
	require.ErrorIs(t, (&scenario.Scenario{Snapshot: []byte("tsv")}).Rewrite(), core.ErrSnapshot)
}

func TestEveryQuestion(t *testing.T) {
	s := parse(t, `scenario 1
config auto=any
at 0s start
at 1s add a key=3
at 2s exit a#1 error
expect status a
expect counts
expect deadline
expect now
expect phase
at 3s kill a
expect phase
expect deadline
expect digest
`)
	require.NoError(t, s.Rewrite())
	var answers []string
	for _, statement := range s.Statements {
		if x, ok := statement.(*scenario.Expect); ok {
			answers = append(answers, x.Answer)
		}
	}
	require.Equal(t, []string{
		"failed failure wait=delay run=1 attempts=1 since=2s until=4s exit=error key=3",
		"total=1 failed=1",
		"4s",
		"2s",
		"running",
		"halted any-ended",
		"never",
	}, answers[:7])
	require.Regexp(t, "^[0-9a-f]{16}$", answers[7])
}

func TestPlayerShowsWhatItDid(t *testing.T) {
	player, err := scenario.NewPlayer(parse(t, "scenario 1\nat 0s start\nat 5s add web\nexpect counts\n"))
	require.NoError(t, err)
	require.Zero(t, player.Task("web"))
	require.True(t, player.Next())
	require.Empty(t, player.Actions())
	require.True(t, player.Next())
	require.Equal(t, core.Event{Kind: core.EventAdd, At: 5e9}, player.Event())
	require.Len(t, player.Actions(), 2)
	task := player.Actions()[0].Task
	require.Equal(t, task, player.Task("web"))
	require.Equal(t, "web", player.Name(task))
	require.Empty(t, player.Answer())
	require.True(t, player.Next())
	require.Equal(t, "total=1 healthy=1", player.Answer())
	require.Empty(t, player.Actions())
	require.Equal(t, core.Event{}, player.Event())
	require.IsType(t, &scenario.Expect{}, player.Statement())
	require.False(t, player.Next())
	require.False(t, player.Next())
	require.NoError(t, player.Err())
	require.Equal(t, 1, player.Machine().Counts().Healthy)
}

func TestQueryNames(t *testing.T) {
	require.Equal(t, "digest", scenario.QueryDigest.String())
	require.Equal(t, "needs", scenario.QueryNeeds.String())
	require.Equal(t, "timer", scenario.QueryTimer.String())
	require.Equal(t, "Query(9)", scenario.Query(9).String())
}
