package workload_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func TestParseReadsEverything(t *testing.T) {
	o, err := workload.Parse([]byte(`# a comment
workload 1
about  Everything   there is
seed 12
for 90s
origin -5s
liveness
steps 1000
config dead=1/2
policy quick base=10ms
limits tight restart-rate=1/2s

tasks a count=3 policy=quick lifetime=uniform(1s,2s) ends=ok:2,panic,done,fatal:3 asks=uniform(1s,2s) stops=endless ignores-stop=1/9 ready=1s beats=2s within=3s
	run lifetime=exponential(5s) ends=goexit asks=7s stops=1s answers=4s fails-probe=1/5 hangs=6s
supervisor pool later=true needs=a notice=1s fails=weibull(2s,3/2) declares=bound ready=7s wavers=8s recovers=9s
  config stop=reverse
  tasks b
  outage lasts=1m
end
outage of=b at=1s every=5s lasts=1s share=1/3 notice=endless fails=0s ends=error asks=8s
operator kill of=b at=1s every=exponential(1s) count=all
operator policy policy=quick
operator limits limits=tight
operator need of=a other=a bound=true
fault stall share=1/2 at=3s every=1s by=2s
`))
	require.NoError(t, err)
	quick := core.DefaultPolicy()
	quick.BaseDelay = 10 * time.Millisecond
	require.Equal(t, workload.World{
		About: "Everything   there is", Seed: 12, For: 90 * time.Second, Origin: core.Instant(-5 * time.Second),
		Liveness: true, MaxSteps: 1000,
		Config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
		Tasks: []workload.Tasks{
			{
				Name: "a", Count: 3, Policy: quick, Lifetime: workload.Uniform(time.Second, 2*time.Second),
				Ends: workload.Ends{OK: 2, Panic: 1, Done: 1, Fatal: 3}, Asks: workload.Uniform(time.Second, 2*time.Second),
				Stops: workload.Endless(), IgnoresStop: core.Fraction{Num: 1, Den: 9},
				Signals: workload.Signals{
					Ready: workload.Constant(time.Second), Beats: workload.Constant(2 * time.Second), Within: workload.Constant(3 * time.Second),
				},
				Script: []workload.RunScript{{
					Lifetime: workload.Exponential(5 * time.Second), Ends: core.ExitGoexit, Asks: workload.Constant(7 * time.Second), Stops: workload.Constant(time.Second),
					Signals: workload.Signals{
						Answers: workload.Constant(4 * time.Second), FailsProbe: core.Fraction{Num: 1, Den: 5}, Hangs: workload.Constant(6 * time.Second),
					},
				}},
			},
			{
				Name: "pool", Later: true, Needs: "a", Notice: workload.Constant(time.Second),
				Fails:    workload.Weibull(2*time.Second, core.Fraction{Num: 3, Den: 2}),
				Declares: workload.DeclareBound, Signals: workload.Signals{
					Ready: workload.Constant(7 * time.Second), Wavers: workload.Constant(8 * time.Second), Recovers: workload.Constant(9 * time.Second),
				},
				Supervises: &workload.Supervisor{
					Config: core.Config{StopOrder: core.StopReverse},
					Tasks:  []workload.Tasks{{Name: "b"}}, Outages: []workload.Outage{{Lasts: workload.Constant(time.Minute)}},
				},
			},
		},
		Outages: []workload.Outage{{
			Of: "b", At: time.Second, Every: workload.Constant(5 * time.Second), Lasts: workload.Constant(time.Second),
			Share: core.Fraction{Num: 1, Den: 3}, Notice: workload.Endless(), Fails: workload.Constant(0), Ends: workload.Ends{Error: 1},
			Asks: workload.Constant(8 * time.Second),
		}},
		Operators: []workload.Operator{
			{Does: core.EventKill, Of: "b", At: time.Second, Every: workload.Exponential(time.Second), Count: workload.All},
			{Does: core.EventPolicy, Policy: quick},
			{Does: core.EventLimits, Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: 2 * time.Second}}},
			{Does: core.EventNeed, Of: "a", Other: "a", Bound: true},
		},
		Faults: []workload.Fault{{
			Kind: workload.Stall, Share: core.Fraction{Num: 1, Den: 2}, At: 3 * time.Second, Every: workload.Constant(time.Second),
			By: workload.Constant(2 * time.Second),
		}},
	}, o)
}

func TestParseTellsWhereAMistakeIs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "line 1, column 1: a description begins with: workload 1"},
		{"# only a comment\n", "line 2, column 1: a description begins with: workload 1"},
		{"scenario 1\n", "line 1, column 1: a description begins with: workload 1"},
		{"workload 2\n", `line 1, column 10: unknown version of the format: "2"`},
		{"workload 1\nnonsense\n", `line 2, column 1: not a line of a description, or not one word after it: "nonsense"`},
		{"workload 1\nnonsense x\n", `line 2, column 1: not a line of a description: "nonsense"`},
		{"workload 1\nfor soon\n", `line 2, column 5: not a duration such as 1.5s: "soon"`},
		{"workload 1\nfor -1s\n", "line 1, column 1: For is negative"},
		{"workload 1\nliveness now\n", "line 2, column 10: nothing stands after liveness"},
		{"workload 1\nsteps many\n", `line 2, column 7: not a number of at most 64 bits: "many"`},
		{"workload 1\n  config dead=1\n", `line 2, column 15: not a fraction such as 1/2: "1"`},
		{"workload 1\nconfig dead=3/2\n", "line 2, column 1: DeadThreshold is above 1"},
		{"workload 1\nconfig\nconfig\n", "line 3, column 1: a second config"},
		{"workload 1\npolicy p base=x\n", `line 2, column 15: not a duration such as 1.5s: "x"`},
		{"workload 1\npolicy p\npolicy p\n", `line 3, column 1: a second policy of that name: "p"`},
		{"workload 1\npolicy p factor=0\n\ntasks a policy=p\n", "line 4, column 1: Policy.Factor is 0: it must be at least 1"},
		{"workload 1\ntasks\n", "line 2, column 1: the name is missing after tasks"},
		{"workload 1\ntasks a count\n", `line 2, column 9: not KEY=VALUE: "count"`},
		{"workload 1\ntasks a count=1 count=2\n", "line 2, column 17: a second count"},
		{"workload 1\ntasks a count=-1\n", `line 2, column 15: not a number of at most 24 bits: "-1"`},
		{"workload 1\ntasks a colour=red\n", "line 2, column 9: no such field here: colour"},
		{"workload 1\ntasks a later=maybe\n", "line 2, column 15: not true or false"},
		{"workload 1\ntasks a policy=p\n", `line 2, column 16: no policy of that name stands above: "p"`},
		{"workload 1\ntasks a\ntasks a\n", `line 3, column 1: Name is in use: "a"`},
		{"workload 1\ntasks a needs=b\n", `line 2, column 1: Needs names no group: "b"`},
		{"workload 1\ntasks a needs=a\n", "line 2, column 1: Needs is the group itself"},
		{"workload 1\ntasks a needs=b declares=need\ntasks b\n", `line 2, column 1: Needs is declared and does not stand above: "b"`},
		{"workload 1\ntasks a declares=need\n", "line 2, column 1: Declares has no effect without needs"},
		{"workload 1\ntasks a declares=love\n", `line 2, column 18: not nothing, need or bound: "love"`},
		{"workload 1\ntasks a beats=0s\n", "line 2, column 1: Beats is no time at all"},
		{"workload 1\ntasks a wavers=0s\n", "line 2, column 1: Wavers is no time at all"},
		{"workload 1\ntasks a wavers=1s beats=1s\n", "line 2, column 1: Wavers does not go with Beats"},
		{"workload 1\ntasks a ready=soon\n", `line 2, column 15: not a duration such as 1.5s: "soon"`},
		{"workload 1\ntasks a fails-probe=3/2\n", "line 2, column 1: FailsProbe is above 1"},
		{"workload 1\ntasks a asks=endless\n", "line 2, column 1: Asks is endless"},
		{"workload 1\ntasks a ignores-stop=2/1\n", "line 2, column 1: IgnoresStop is above 1"},
		{"workload 1\ntasks a ignores-stop=1/x\n", `line 2, column 24: not a number of at most 32 bits: "x"`},
		{"workload 1\ntasks a lifetime=uniform(3s,1s)\n", "line 2, column 1: Lifetime ends before it begins"},
		{"workload 1\ntasks a lifetime=uniform(3s\n", "line 2, column 18: the closing parenthesis is missing"},
		{"workload 1\ntasks a lifetime=uniform(3s)\n", "line 2, column 18: not a length: 5s, endless, uniform(1s,3s), exponential(5s) or weibull(5s,3/2)"},
		{"workload 1\ntasks a lifetime=weibull(3s,1)\n", `line 2, column 29: not a fraction such as 1/2: "1"`},
		{"workload 1\ntasks a lifetime=uniform(3s,x)\n", `line 2, column 29: not a duration such as 1.5s: "x"`},
		{"workload 1\ntasks a ends=well\n", `line 2, column 14: not ok, error, panic, goexit, done, fatal or lost: "well"`},
		{"workload 1\ntasks a ends=ok:1,error:x\n", `line 2, column 25: not a number of at most 32 bits: "x"`},
		{"workload 1\nrun lifetime=1s\n", "line 2, column 1: there are no tasks above whose script it could be in"},
		{"workload 1\ntasks a\nrun ends=stopped\n", `line 3, column 10: not ok, error, panic, goexit, done, fatal or lost: "stopped"`},
		{"workload 1\nsupervisor a\n  run\nend\n", "line 3, column 3: there are no tasks above whose script it could be in"},
		{"workload 1\nsupervisor a\ntasks b\n", "line 2, column 1: this supervisor has no end"},
		{"workload 1\nsupervisor a\n  config dead=2/1\nend\n", "line 3, column 3: DeadThreshold is above 1"},
		{"workload 1\nsupervisor a lifetime=1s\nend\n", "line 2, column 14: no such field here: lifetime"},
		{"workload 1\nsupervisor a\n  operator kill\nend\n", `line 3, column 3: not a line that can stand below a supervisor: "operator"`},
		{"workload 1\nend\n", "line 2, column 1: there is no supervisor above that could end"},
		{"workload 1\noutage at=1s\n", "line 2, column 1: Lasts is missing"},
		{"workload 1\noutage lasts=1s of=x\n", `line 2, column 1: Of names no group: "x"`},
		{"workload 1\noutage lasts=1s every=0s\n", "line 2, column 1: Every is no time at all"},
		{"workload 1\noperator\n", "line 2, column 1: the name is missing after operator"},
		{"workload 1\noperator praise\n", `line 2, column 10: not an operator command: "praise"`},
		{"workload 1\noperator add\n", "line 2, column 1: Of is needed to add tasks"},
		{"workload 1\noperator policy policy=p\n", `line 2, column 24: no policy of that name stands above: "p"`},
		{"workload 1\noperator limits limits=l\n", `line 2, column 24: no limits of that name stands above: "l"`},
		{"workload 1\nlimits l\nlimits l\n", `line 3, column 1: a second limits of that name: "l"`},
		{"workload 1\nlimits l restart-rate=1\n", `line 2, column 23: not a rate such as 5/10s: "1"`},
		{"workload 1\nlimits l restart-rate=1/0s\n\noperator limits limits=l\n", "line 4, column 1: Limits.RestartRate has a Count and no Per"},
		{"workload 1\npolicy p factor=0\n\noperator policy policy=p\n", "line 4, column 1: Policy.Factor is 0: it must be at least 1"},
		{"workload 1\noperator need other=x\n", `line 2, column 1: Other names no group: "x"`},
		{"workload 1\noperator need bound=1\n", "line 2, column 21: not true or false"},
		{"workload 1\noperator kill count=some\n", `line 2, column 21: not a number of at most 24 bits: "some"`},
		{"workload 1\nfault gremlin\n", `line 2, column 7: not a kind of fault: "gremlin"`},
		{"workload 1\nfault stall by=weibull(1s,1/99)\n", "line 2, column 1: By has a shape that is not between 1/10 and 10"},
	} {
		_, err := workload.Parse([]byte(c.text))
		var syntax *workload.SyntaxError
		require.ErrorAs(t, err, &syntax, "%q", c.text)
		require.EqualError(t, err, "workload: "+c.want, "%q", c.text)
	}
}

func TestAnErrorNamesEveryBadField(t *testing.T) {
	w := workload.World{
		For: -1,
		Tasks: []workload.Tasks{
			{Count: -1, Script: []workload.RunScript{{Lifetime: workload.Constant(-1), Ends: core.ExitStopped}}},
		},
		Outages:   []workload.Outage{{At: -1}},
		Operators: []workload.Operator{{Does: core.EventExit, At: -1, Count: -2}},
		Faults:    []workload.Fault{{Kind: 99, Share: core.Fraction{Num: 1}, At: -1}},
	}
	var bad *workload.Error
	require.ErrorAs(t, w.Validate(), &bad)
	var fields []string
	for _, f := range bad.Fields {
		fields = append(fields, f.Field)
	}
	require.Equal(t, []string{
		"For", "Tasks[0].Name", "Tasks[0].Count", "Tasks[0].Script[0].Lifetime", "Tasks[0].Script[0].Ends",
		"Outages[0].At", "Outages[0].Lasts", "Operators[0].Does", "Operators[0].At", "Operators[0].Count", "Faults[0].Kind",
		"Faults[0].Share", "Faults[0].At",
	}, fields)
	var field *core.FieldError
	require.ErrorAs(t, bad, &field)
	require.Equal(t, "For", field.Field)
}

func TestABadPolicyIsNamedByItsTasks(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.Factor = 0
	w := workload.World{Tasks: []workload.Tasks{
		{Name: "a"},
		{Name: "pool", Supervises: &workload.Supervisor{Tasks: []workload.Tasks{{Name: "b", Policy: policy}}}},
	}}
	require.EqualError(t, w.Validate(),
		"invalid simulation: Tasks[1].Supervises.Tasks[0].Policy.Factor is 0: it must be at least 1")
}
