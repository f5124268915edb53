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
config seed=18446744073709551615 dead=1/2 auto=any stop=reverse shutdown=1m30s check=200ms tasks=7
policy usual
# A policy in which nothing is usual.
policy odd restart=always base=10ms factor=3 exponent=7 cap=1h0m0s jitter=1/10 attempts=unlimited stable=forever stop=0s abandon=replace significant=false
policy "with space" restart=never attempts=0 abandon=escalate

at -1.000000001s start task=@3.9#4 policy=odd key=4294967295 exit=panic
at 0s add a policy=odd key=9
  0s add a none->created added
  0s start a#1 created->healthy added
at 0s add "b c" task=@1.2#3 policy=65535 exit=ok
  0s reject @1.2#3 unknown-policy
at 1ns add
at 1µs remove a
at 1ms restart a#4294967295
at 1.5s kill @1099511627775.16777215
at 2s exit a#1 goexit
  2s note a#1 healthy->failed failure attempts=1 until=4s exit=goexit

# Between a blank line and another.

  # An indented comment belongs to what is below it, too.
define odd base=1ns
define new base=2ns
task "b c" @2.1
expect status a -> failed failure run=1 attempts=1 since=2s until=4s exit=goexit policy=odd key=9
expect status @2.1
expect counts -> total=1
expect deadline -> never
expect now
expect phase
expect digest -> 0123456789abcdef
at 3s tick
  nothing
at never shutdown task="b c"
at 4s 17 task=a
at 5s exit a 99
  5s 200 a 100->101 102 attempts=4294967295 until=0s exit=103 left=4
  5s halt @0.0#7 shutdown
  5s note healthy->healthy none
  5s note a healthy none
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
		"config\tstop=together seed=0   \n" +
		"policy p significant=true attempts=4294967295 cap=2562047h47m16.854775807s base=1000ms stop=+90s\r\n" +
		"at 1.50s add \"a\" key=0 policy=p\n" +
		"\t1500000us 1 a 0->1 1 left=0 attempts=0\n" +
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
		DeadThreshold:       core.Fraction{Num: 1, Den: 2},
		AutoShutdown:        core.AutoShutdownAny,
		StopOrder:           core.StopReverse,
		ShutdownTimeout:     90e9,
		HealthCheckInterval: 200e6,
		MaxTasks:            7,
	}, s.Config)
	require.Equal(t, scenario.Policy{
		Place: scenario.Place{Line: 7, Above: []string{"# A policy in which nothing is usual."}},
		Name:  "odd",
		Policy: core.Policy{
			Restart:     core.RestartAlways,
			BaseDelay:   10e6,
			Factor:      3,
			MaxExponent: 7,
			MaxDelay:    3600e9,
			Jitter:      core.Fraction{Num: 1, Den: 10},
			MaxAttempts: core.Unlimited,
			StableAfter: core.Forever,
			StopTimeout: 0,
			OnAbandon:   core.AbandonReplace,
			Significant: false,
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
				Kind: core.ActionNote, At: 2e9, Run: 1, From: core.StatusHealthy, To: core.StatusFailed,
				Why: core.ReasonFailure, Attempts: 1, Until: 4e9, Exit: core.ExitGoexit,
			},
		}},
	}, s.Statements[7])
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
		{"scenario 1 2\n", 1, 12, "2", "one word too many"},
		{v + "event\n", 2, 1, "event", "a line begins with"},
		{v + "config sed=1\n", 2, 8, "sed", "unknown field"},
		{v + "config seed=1 seed=1\n", 2, 15, "seed", "twice"},
		{v + "config seed=-1\n", 2, 13, "-1", "not a number"},
		{v + "config seed\n", 2, 8, "seed", "one word too many"},
		{v + "config dead=0.5\n", 2, 13, "0.5", "not a fraction"},
		{v + "config dead=1/x\n", 2, 15, "x", "not a number"},
		{v + "config dead=4294967296/1\n", 2, 13, "4294967296", "32 bits"},
		{v + "config auto=most\n", 2, 13, "most", "never, all, any"},
		{v + "config stop=256\n", 2, 13, "256", "together, reverse"},
		{v + "config shutdown=5\n", 2, 17, "5", "not a duration"},
		{v + "config\nconfig\n", 3, 1, "config", "too late"},
		{v + "policy p\nconfig\n", 3, 1, "config", "too late"},
		{v + "policy\n", 2, 7, "", "name is missing"},
		{v + "policy 1st\n", 2, 8, "1st", "not a name"},
		{v + `policy ""` + "\n", 2, 8, `""`, "empty name"},
		{v + "policy p significant=yes\n", 2, 22, "yes", "true or false"},
		{v + "policy p base=0.1ns\n", 2, 15, "0.1ns", "nanoseconds"},
		{v + "policy p base=1.0000000001s\n", 2, 15, "1.0000000001s", "nanoseconds"},
		{v + "policy p base=1.2345µs\n", 2, 15, "1.2345µs", "nanoseconds"},
		{v + "policy p base=1.0000001ms\n", 2, 15, "1.0000001ms", "nanoseconds"},
		{v + "policy p\npolicy p\n", 3, 8, "p", "policy of that name"},
		{v + "at 0s tick\npolicy p\n", 3, 1, "policy", "too late"},
		{v + "at 0s\n", 2, 6, "", "an instant and a kind"},
		{v + "at soon tick\n", 2, 4, "soon", "not a duration"},
		{v + "at 0s tock\n", 2, 7, "tock", "a kind of event"},
		{v + "at 0s tick now\n", 2, 12, "now", "one word too many"},
		{v + "at 0s exit\n", 2, 11, "", "task is missing"},
		{v + "at 0s kill b\n", 2, 12, "b", "no task of that name"},
		{v + "at 0s kill @1\n", 2, 12, "@1", "generation.slot"},
		{v + "at 0s kill @1.16777216\n", 2, 15, "16777216", "24 bits"},
		{v + "at 0s add @1.0\n", 2, 11, "@1.0", "not a name"},
		{v + "at 0s add x policy=p\n", 2, 20, "p", "no policy of that name"},
		{v + "at 0s add x policy=65536\n", 2, 20, "65536", "16 bits"},
		{v + "at 0s add x task=x\n", 2, 18, "x", "generation.slot"},
		{a + "at 0s exit a#1\n", 3, 15, "", "how the run ended"},
		{a + "at 0s exit a#x ok\n", 3, 14, "x", "not a number"},
		{a + "at 0s exit a#1 fine\n", 3, 16, "fine", "an exit kind"},
		{a + "at 0s exit a#1 ok exit=ok\n", 3, 19, "exit", "unknown field"},
		{a + `at 0s kill "a` + "\n", 3, 12, `"a`, "quotation"},
		{a + "  0s add a\n", 3, 10, "a", "a reason"},
		{a + "  0s added\n", 3, 11, "", "an action is"},
		{a + "  0s add a none->created added 1\n", 3, 32, "1", "one word too many"},
		{a + "  0s add b none->created added\n", 3, 10, "b", "no task of that name"},
		{a + "  0s add a none->createt added\n", 3, 18, "createt", "a status"},
		{a + "  0s add a added none->created\n", 3, 12, "added", "a status"},
		{a + "  0s add a none->created adder\n", 3, 26, "adder", "a reason"},
		{a + "  0s adds a none->created added\n", 3, 6, "adds", "a kind of action"},
		{a + "  0s add a none->created added when=0s\n", 3, 32, "when", "unknown field"},
		{a + "\n  0s add a none->created added\n", 4, 3, "0s", "directly"},
		{a + "  # aside\n  0s add a none->created added\n", 4, 3, "0s", "directly"},
		{a + "  nothing\n  nothing\n", 4, 3, "nothing", "only"},
		{a + "  nothing\n  0s halt shutdown\n", 4, 3, "0s", "can follow nothing"},
		{a + "  0s halt shutdown\n  nothing\n", 4, 3, "nothing", "only"},
		{v + "  nothing\n", 2, 3, "nothing", "must follow an event"},
		{v + "expect now\n  nothing\n", 3, 3, "nothing", "must follow an event"},
		{v + "task a\n", 2, 7, "", "missing"},
		{v + "task a @1.0 b\n", 2, 13, "b", "one word too many"},
		{v + "task a 1\n", 2, 8, "1", "generation.slot"},
		{v + "expect\n", 2, 7, "", "missing"},
		{v + "expect when\n", 2, 8, "when", "a question"},
		{v + "expect 6\n", 2, 8, "6", "a question"},
		{v + "expect status\n", 2, 14, "", "task is missing"},
		{a + "expect status a#1\n", 3, 15, "a#1", "not of one run"},
		{v + "expect now 5s\n", 2, 12, "5s", "->"},
		{v + "expect now ->\n", 2, 14, "", "answer is missing"},
		{v + "snapshot x\n", 2, 10, "x", "one word too many"},
		{v + "snapshot\n", 2, 1, "", "empty"},
		{v + "snapshot\n  %%%%\nat 0s tick\n", 4, 1, "", "base64"},
		{v + "snapshot\n  AAAA\n\n  AAAA\n", 5, 3, "AAAA", "nothing between"},
		{v + "snapshot\n  AAAA\npolicy p\n", 4, 1, "policy", "too late"},
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
		`scenario: line 1, column 10: this version of the format is not known, only 1 is: "2"`)
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
