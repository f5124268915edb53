package scenario_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// full uses every construct of the format in canonical form.
const full = `scenario 1

# Everything there is.
config seed=18446744073709551615 strategy=rest-for-one dead=1/2 intensity=5/10s restart-rate=65536/forever auto=any stop=reverse shutdown=1m30s check=200ms tasks=7
policy usual
# A policy in which nothing is usual.
policy odd restart=always base=10ms factor=3 exponent=7 cap=1h0m0s jitter=1/10 attempts=unlimited exhausted=escalate stable=forever readiness=true start=forever watchdog=1ms probe=10s/forever/255 miss=report stop=0s abandon=replace significant=false
policy "with space" restart=never attempts=0 abandon=escalate

at -1.000000001s start task=@3.9#4 policy=odd key=4294967295 exit=panic
at 0s add a policy=odd key=9
  0s add a none->created added
  0s start a#1 created->healthy added
at 0s add "b c" task=@1.2 policy=65535 run=3 fenced=2 exit=ok
  0s reject @1.2#3 unknown-policy
at 1ns add
at 1µs remove a
at 1ms restart a#18446744073709551615
at 1.5s kill @1099511627775.16777215
at 2s exit a#1 goexit
  2s transition a#1 healthy->failed failure attempts=1 until=4s exit=goexit

# Between a blank line and another.

  # An indented comment belongs to what is below it, too.
define odd base=1ns
define new base=2ns
task "b c" @2.1
expect status a -> failed failure wait=delay run=1 attempts=1 since=2s until=4s exit=goexit policy=odd key=9
expect status @2.1
expect counts -> total=1
expect deadline -> never
expect now
expect phase
expect digest -> 0123456789abcdef
expect needs a -> bound="b c" @2.1
expect needs a
expect timer
at 3s tick
  nothing
limits tight dead=1/3 intensity=0/1ns restart-rate=1/1s auto=all shutdown=5s
limits "no limits"
at 3s ready a#1
at 3s beat a#1 within=forever
at 3s probe a#1 error
  3s probe a#1 healthy probe until=4s
at 3s need a "b c" bound=true
at 3s need @1.0 @2.1
at 3s suspend a#9 suspended=true
at 3s resume a other=a limits=tight
at 3s policy a odd
at 3s policy a 65535
at 3s limits tight task=a#1
at 3s limits 0 policy=odd
at 3s add c other=@1.0 within=-1s limits=7 bound=true suspended=true held=true
at 3s hold c
at 3s release c
at never shutdown task="b c"
at 4s 99 task=a other="b c" limits=65535
at 5s exit a 99
  5s 200 a 100->101 102 attempts=4294967295 until=0s exit=103 left-behind=4
  5s halt @0.0#7 shutdown
  5s transition healthy->healthy none
  5s transition a healthy none
  never halt shutdown until=-2562047h47m16.854775808s

# The end.
`

func TestParseAndPrintAreInverse(t *testing.T) {
	s, err := scenario.Parse([]byte(full))
	require.NoError(t, err)
	canonical := strings.ReplaceAll(full, "  # An indented", "# An indented")
	require.Equal(t, canonical, s.String())

	again, err := scenario.Parse([]byte(canonical))
	require.NoError(t, err)
	require.Equal(t, s, again, "same lines, so even the line numbers agree")
}

func TestParseTakesWhatPeopleWrite(t *testing.T) {
	s, err := scenario.Parse([]byte("scenario   1 \r\n" +
		"config\tstop=by-strategy seed=0   \n" +
		"policy p significant=true attempts=4294967295 cap=2562047h47m16.854775807s base=1000ms stop=+90s\r\n" +
		"at 1.50s add \"a\" key=0 policy=p\n" +
		"\t1500000us 1 a 0->1 1 left-behind=0 attempts=0\n" +
		"at 9223372036854775807ns tick"))
	require.NoError(t, err)
	require.Equal(t, `scenario 1
policy p attempts=unlimited stop=1m30s
at 1.5s add a policy=p
  1.5s add a none->created added
at never tick
`, s.String())
}

func TestParsedValues(t *testing.T) {
	s, err := scenario.Parse([]byte(full))
	require.NoError(t, err)
	require.Equal(t, core.Config{
		Seed:                1<<64 - 1,
		Strategy:            core.RestForOne,
		Limits:              core.Limits{Intensity: core.Rate{Count: 5, Per: 10e9}, RestartRate: core.Rate{Count: 65536, Per: core.Forever}, DeadThreshold: core.Fraction{Num: 1, Den: 2}, AutoShutdown: core.AutoShutdownAny, ShutdownTimeout: 90e9},
		StopOrder:           core.StopReverse,
		HealthCheckInterval: 200e6,
		MaxTasks:            7,
	}, s.Config)
	require.Equal(t, scenario.Policy{
		Place: scenario.Place{Line: 7, Above: []string{"# A policy in which nothing is usual."}},
		Name:  "odd",
		Policy: core.Policy{
			Restart:      core.RestartAlways,
			BaseDelay:    10e6,
			Factor:       3,
			MaxExponent:  7,
			MaxDelay:     3600e9,
			Jitter:       core.Fraction{Num: 1, Den: 10},
			MaxAttempts:  core.Unlimited,
			OnExhausted:  core.ExhaustedEscalate,
			StableAfter:  core.Forever,
			Readiness:    true,
			StartTimeout: core.Forever,
			Watchdog:     1e6,
			Probe:        core.Probe{Interval: 10e9, Timeout: core.Forever, Failures: 255},
			OnMiss:       core.MissReport,
			StopTimeout:  0,
			OnAbandon:    core.AbandonReplace,
			Significant:  false,
		},
	}, s.Policies[1])
	require.Equal(t, core.DefaultPolicy(), s.Policies[0].Policy)
	require.Equal(t, &scenario.Event{
		Place: scenario.Place{Line: 10, Above: []string{""}},
		Event: core.Event{
			Kind: core.EventStart, At: -1_000_000_001, Task: 3<<24 | 9, Run: 4, Key: 1<<32 - 1, Exit: core.ExitPanic,
		},
		PolicyName: "odd",
	}, s.Statements[0])
	require.Equal(t, &scenario.Event{
		Place:    scenario.Place{Line: 20},
		Event:    core.Event{Kind: core.EventExit, At: 2e9, Run: 1, Exit: core.ExitGoexit},
		Name:     "a",
		Recorded: true,
		Actions: []scenario.Action{{
			Name: "a",
			Action: core.Action{
				Kind: core.ActionTransition, At: 2e9, Run: 1, From: core.StatusHealthy, To: core.StatusFailed,
				Why: core.ReasonFailure, Attempts: 1, Until: 4e9, Exit: core.ExitGoexit,
			},
		}},
	}, s.Statements[7])
}

func TestParsedGroupsAndNeeds(t *testing.T) {
	s, err := scenario.Parse([]byte("scenario 1\nlimits l intensity=3/2s\nat 0s add a suspended=true\nat 0s add b\n" +
		"at 1s need b a bound=true\nat 1s beat b#2 within=5s\nat 1s policy a 3\nat 1s limits l\nexpect needs b\n"))
	require.NoError(t, err)
	place := func(line int) scenario.Place { return scenario.Place{Line: line} }
	require.Equal(t, []scenario.Statement{
		&scenario.DefineLimits{Place: place(2), Name: "l", Limits: core.Limits{Intensity: core.Rate{Count: 3, Per: 2e9}}},
		&scenario.Event{Place: place(3), Name: "a", Event: core.Event{Kind: core.EventAdd, Suspended: true}},
		&scenario.Event{Place: place(4), Name: "b", Event: core.Event{Kind: core.EventAdd}},
		&scenario.Event{Place: place(5), Name: "b", OtherName: "a", Event: core.Event{At: 1e9, Kind: core.EventNeed, Bound: true}},
		&scenario.Event{Place: place(6), Name: "b", Event: core.Event{At: 1e9, Kind: core.EventBeat, Run: 2, Within: 5e9}},
		&scenario.Event{Place: place(7), Name: "a", Event: core.Event{At: 1e9, Kind: core.EventPolicy, Policy: 3}},
		&scenario.Event{Place: place(8), LimitsName: "l", Event: core.Event{At: 1e9, Kind: core.EventLimits}},
		&scenario.Expect{Place: place(9), Query: scenario.QueryNeeds, Name: "b"},
	}, s.Statements)
}

// Saying nothing about the actions and expecting none are different things.
func TestNothingIsNotUnrecorded(t *testing.T) {
	s, err := scenario.Parse([]byte("scenario 1\nat 0s tick\nat 0s tick\n  nothing\n"))
	require.NoError(t, err)
	require.False(t, s.Statements[0].(*scenario.Event).Recorded)
	require.True(t, s.Statements[1].(*scenario.Event).Recorded)
	require.Empty(t, s.Statements[1].(*scenario.Event).Actions)
}

func TestSyntaxErrors(t *testing.T) {
	const v = "scenario 1\n"
	const a = v + "at 0s add a\n"
	for _, test := range []struct {
		text         string
		line, column int
		word         string
		problem      string
	}{
		{"", 1, 1, "", "first line"},
		{"\nscenario 1\n", 1, 1, "", "first line"},
		{"# no\nscenario 1\n", 1, 1, "# no", "first line"},
		{" scenario 1\n", 1, 1, " scenario 1", "first line"},
		{"scenario\n", 1, 9, "", "version is missing"},
		{"scenario 2\n", 1, 10, "2", "version"},
		{"scenario 1 2\n", 1, 12, "2", "unexpected word"},
		{v + "event\n", 2, 1, "event", "a line must begin with"},
		{v + "config sed=1\n", 2, 8, "sed", "unknown field"},
		{v + "config seed=1 seed=1\n", 2, 15, "seed", "twice"},
		{v + "config seed=-1\n", 2, 13, "-1", "not a number"},
		{v + "config seed\n", 2, 8, "seed", "unexpected word"},
		{v + "config dead=0.5\n", 2, 13, "0.5", "not a fraction"},
		{v + "config dead=1/x\n", 2, 15, "x", "not a number"},
		{v + "config dead=4294967296/1\n", 2, 13, "4294967296", "32 bits"},
		{v + "config auto=most\n", 2, 13, "most", "never, all, any"},
		{v + "config stop=256\n", 2, 13, "256", "by-strategy, together, reverse"},
		{v + "config shutdown=5\n", 2, 17, "5", "not a duration"},
		{v + "config\nconfig\n", 3, 1, "config", "out of order"},
		{v + "policy p\nconfig\n", 3, 1, "config", "out of order"},
		{v + "policy\n", 2, 7, "", "name is missing"},
		{v + "policy 1st\n", 2, 8, "1st", "not a name"},
		{v + `policy ""` + "\n", 2, 8, `""`, "empty name"},
		{v + "policy p significant=yes\n", 2, 22, "yes", "true or false"},
		{v + "policy p base=0.1ns\n", 2, 15, "0.1ns", "nanoseconds"},
		{v + "policy p base=1.0000000001s\n", 2, 15, "1.0000000001s", "nanoseconds"},
		{v + "policy p base=1.2345µs\n", 2, 15, "1.2345µs", "nanoseconds"},
		{v + "policy p base=1.0000001ms\n", 2, 15, "1.0000001ms", "nanoseconds"},
		{v + "policy p\npolicy p\n", 3, 8, "p", "policy of that name"},
		{v + "at 0s tick\npolicy p\n", 3, 1, "policy", "out of order"},
		{v + "at 0s\n", 2, 6, "", "an instant and a kind"},
		{v + "at soon tick\n", 2, 4, "soon", "not a duration"},
		{v + "at 0s tock\n", 2, 7, "tock", "a kind of event"},
		{v + "at 0s tick now\n", 2, 12, "now", "unexpected word"},
		{v + "at 0s exit\n", 2, 11, "", "missing word: task"},
		{v + "at 0s kill b\n", 2, 12, "b", "no task of that name"},
		{v + "at 0s kill @1\n", 2, 12, "@1", "generation.slot"},
		{v + "at 0s kill @1.16777216\n", 2, 15, "16777216", "24 bits"},
		{v + "at 0s add @1.0\n", 2, 11, "@1.0", "not a name"},
		{v + "at 0s add x policy=p\n", 2, 20, "p", "no policy of that name"},
		{v + "at 0s add x policy=18446744073709551616\n", 2, 20, "18446744073709551616", "64 bits"},
		{v + "at 0s add x task=x\n", 2, 18, "x", "generation.slot"},
		{a + "at 0s exit a#1\n", 3, 15, "", "missing word: exit"},
		{a + "at 0s need a\n", 3, 13, "", "missing word: other"},
		{a + "at 0s need a b\n", 3, 14, "b", "no task of that name"},
		{a + "at 0s need a a#1\n", 3, 14, "a#1", "expected a task without a run"},
		{a + "at 0s need a a bound=1\n", 3, 22, "1", "true or false"},
		{a + "at 0s policy a\n", 3, 15, "", "missing word: policy"},
		{a + "at 0s policy a p\n", 3, 16, "p", "no policy of that name"},
		{a + "at 0s policy a 0 policy=0\n", 3, 18, "policy", "unknown field"},
		{a + "at 0s beat a#1 within=5\n", 3, 23, "5", "not a duration"},
		{v + "at 0s limits\n", 2, 13, "", "missing word: limits"},
		{v + "at 0s limits l\n", 2, 14, "l", "no limits of that name"},
		{v + "at 0s limits 18446744073709551616\n", 2, 14, "18446744073709551616", "64 bits"},
		{v + "limits\n", 2, 7, "", "name of the limits is missing"},
		{v + "limits 1st\n", 2, 8, "1st", "not a name"},
		{v + "limits l seed=1\n", 2, 10, "seed", "unknown field"},
		{v + "limits l intensity=5\n", 2, 20, "5", "not a rate"},
		{v + "limits l intensity=x/1s\n", 2, 20, "x", "not a number"},
		{v + "limits l restart-rate=5/1\n", 2, 25, "1", "not a duration"},
		{v + "config strategy=all\n", 2, 17, "all", "one-for-one, one-for-all, rest-for-one"},
		{v + "policy p probe=1s/2s\n", 2, 16, "1s/2s", "interval, timeout and failures"},
		{v + "policy p probe=1/2s/3\n", 2, 16, "1", "not a duration"},
		{v + "policy p probe=1s/2/3\n", 2, 19, "2", "not a duration"},
		{v + "policy p probe=1s/2s/256\n", 2, 22, "256", "8 bits"},
		{v + "policy p probe=1s/2s/3/4\n", 2, 19, "2s/3", "not a duration"},
		{v + "policy p miss=now\n", 2, 15, "now", "restart, report"},
		{v + "policy p exhausted=now\n", 2, 20, "now", "dead, escalate"},
		{v + "policy p readiness=1\n", 2, 20, "1", "true or false"},
		{a + "at 0s exit a#x ok\n", 3, 14, "x", "not a number"},
		{a + "at 0s exit a#1 fine\n", 3, 16, "fine", "an exit kind"},
		{a + "at 0s exit a#1 ok exit=ok\n", 3, 19, "exit", "unknown field"},
		{a + `at 0s kill "a` + "\n", 3, 12, `"a`, "quotation"},
		{a + "  0s add a\n", 3, 10, "a", "a reason"},
		{a + "  0s added\n", 3, 11, "", "an action is"},
		{a + "  0s add a none->created added 1\n", 3, 32, "1", "unexpected word"},
		{a + "  0s add b none->created added\n", 3, 10, "b", "no task of that name"},
		{a + "  0s add a none->createt added\n", 3, 18, "createt", "a status"},
		{a + "  0s add a added none->created\n", 3, 12, "added", "a status"},
		{a + "  0s add a none->created adder\n", 3, 26, "adder", "a reason"},
		{a + "  0s adds a none->created added\n", 3, 6, "adds", "a kind of action"},
		{a + "  0s add a none->created added when=0s\n", 3, 32, "when", "unknown field"},
		{a + "\n  0s add a none->created added\n", 4, 3, "0s", "directly"},
		{a + "  # aside\n  0s add a none->created added\n", 4, 3, "0s", "directly"},
		{a + "  nothing\n  nothing\n", 4, 3, "nothing", "only"},
		{a + "  nothing\n  0s halt shutdown\n", 4, 3, "0s", "no action can follow"},
		{a + "  0s halt shutdown\n  nothing\n", 4, 3, "nothing", "only"},
		{v + "  nothing\n", 2, 3, "nothing", "must follow an event"},
		{v + "expect now\n  nothing\n", 3, 3, "nothing", "must follow an event"},
		{v + "task a\n", 2, 7, "", "missing"},
		{v + "task a @1.0 b\n", 2, 13, "b", "unexpected word"},
		{v + "task a 1\n", 2, 8, "1", "generation.slot"},
		{v + "expect\n", 2, 7, "", "missing"},
		{v + "expect when\n", 2, 8, "when", "a question"},
		{v + "expect 9\n", 2, 8, "9", "a question"},
		{v + "expect status\n", 2, 14, "", "task is missing"},
		{a + "expect status a#1\n", 3, 15, "a#1", "expected a task without a run"},
		{v + "expect needs\n", 2, 13, "", "task is missing"},
		{v + "expect now 5s\n", 2, 12, "5s", "->"},
		{v + "expect now ->\n", 2, 14, "", "answer is missing"},
		{v + "snapshot x\n", 2, 10, "x", "unexpected word"},
		{v + "snapshot\n", 2, 1, "", "empty"},
		{v + "snapshot\n  %%%%\nat 0s tick\n", 4, 1, "", "base64"},
		{v + "snapshot\n  AAAA\n\n  AAAA\n", 5, 3, "AAAA", "nothing may stand between"},
		{v + "snapshot\n  AAAA\npolicy p\n", 4, 1, "policy", "out of order"},
	} {
		_, err := scenario.Parse([]byte(test.text))
		var syntax *scenario.SyntaxError
		require.ErrorAs(t, err, &syntax, test.text)
		require.Equal(t, test.line, syntax.Line, test.text)
		require.Equal(t, test.column, syntax.Column, test.text)
		require.Equal(t, test.word, syntax.Text, test.text)
		require.Contains(t, syntax.Problem, test.problem, test.text)
	}
}

func TestUnknownVersionIsAnErrorOfItsOwn(t *testing.T) {
	_, err := scenario.Parse([]byte("scenario 2\n"))
	require.ErrorIs(t, err, scenario.ErrVersion)
	require.EqualError(t, err,
		`scenario: line 1, column 10: unknown version of the format; the only known one is 1: "2"`)
	_, err = scenario.Parse([]byte("scenario\n"))
	require.NotErrorIs(t, err, scenario.ErrVersion)
}

// The printer keeps to the format whatever a program puts above a line.
func TestLinesAboveAreCommentsOrBlank(t *testing.T) {
	s := scenario.Scenario{
		Above: []string{"no comment"},
		Below: []string{"two\nlines", "  ", "#kept"},
	}
	text := s.String()
	require.Equal(t, "scenario 1\n# no comment\nconfig\n# two lines\n\n#kept\n", text)
	again, err := scenario.Parse([]byte(text))
	require.NoError(t, err)
	require.Equal(t, text, again.String())
}
