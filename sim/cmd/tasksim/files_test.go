package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// tree is the recording of a supervisor with one below it that is restarted, and of a second process behind that.
const tree = `scenario 1 part=1 of=shop run=1 origin=2026-11-28T23:59:50Z
at 0s add bank
at 0s start
scenario 1 part=2 of=shop/bank run=1 origin=2026-11-28T23:59:51Z
at 0s add teller
at 0s start
at 9s exit teller#1 error
at 11s tick
continue part=1 of=shop run=1
at 20s restart bank
continue part=2 of=shop/bank run=1
at 19s shutdown
at 19s exit teller#2 ok
continue part=1 of=shop run=1
at 21s exit bank#1 ok
scenario 1 part=3 of=shop/bank run=2 origin=2026-11-29T00:00:11Z
at 0s add teller
at 0s start
scenario 1 part=1 of=shop run=1 origin=2026-11-29T00:01:50Z
at 0s add bank
at 0s start
at 1s exit ba`

func TestAFileOfSeveralScenarios(t *testing.T) {
	path := file(t, "shop.recording", tree)
	stdout, stderr, code := tasksim("replay", path)
	require.Equal(t, exitOK, code, stderr)
	require.Contains(t, stderr, path+`:22: notice: this line was cut off, and its event is left out: "at 1s exit ba"`)
	require.Equal(t, 4, strings.Count(stdout, ": as recorded: "))
	require.Contains(t, stdout, path+" (2: shop/bank#1): as recorded: 6 statements, halted")
	require.Equal(t, 4, strings.Count(succeeds(t, "check", path), ": no violation in "))

	for which, want := range map[string]int{"2": 1, "shop/bank": 2, "shop/bank#2": 1, "shop": 2} {
		require.Equal(t, want, strings.Count(succeeds(t, "replay", "-scenario", which, path), ": as recorded: "), which)
	}
	for _, which := range []string{"5", "0", "bank", "shop#7"} {
		require.Contains(t, fails(t, exitUsage, "check", "-scenario", which, path), "no scenario \""+which+"\"; see: tasksim list")
	}
	require.Contains(t, fails(t, exitUsage, "what-if", path), "there are 4 scenarios; choose one with -scenario:\n  1  shop#1\n  2  shop/bank#1\n")
	require.Contains(t, succeeds(t, "what-if", "-scenario", "2", "-case", "x: base=3s", path), "as it is")
	require.NotContains(t, succeeds(t, "what-if", "-scenario", "2", path), "note: ")
	require.Contains(t, succeeds(t, "what-if", "-scenario", "1", path), "\nnote: what goes on in nested supervisors is not replayed")
	require.Contains(t, fails(t, exitUsage, "explore", path), "there are 4 scenarios")
}

func TestListShowsTheScenariosOfAFile(t *testing.T) {
	path := file(t, "shop.recording", tree)
	require.Equal(t, `NUMBER  NAME         FROM  TO    EVENTS  AT THE END
1       shop#1       0s    21s   4       running
2       shop/bank#1  1s    20s   6       halted
3       shop/bank#2  21s   21s   2       running
4       shop#1       2m0s  2m0s  2       running
`, succeeds(t, "list", path))
	require.Contains(t, succeeds(t, "list", "-utc", path), "2       shop/bank#1  2026-11-28 23:59:51.000  2026-11-29 00:00:10.000  6       halted\n")
	require.Contains(t, succeeds(t, "list", file(t, "x.scenario", good)), "1       no name  0s    0s  2       running\n")
	require.Contains(t, fails(t, exitUsage, "list"), "a file is needed")
	require.Contains(t, fails(t, exitUsage, "list", shipped("database-outage")), "this is the description of a world")
}

// The supervisors of a tree are on one timeline, by one clock.
func TestReportShowsATree(t *testing.T) {
	path := file(t, "shop.recording", tree)
	text := succeeds(t, "report", "-utc", path)
	require.Equal(t, `  23:59:50.000  -- Saturday, 2026-11-28, UTC
  23:59:50.000  bank        #0         none -> created   added
  23:59:50.000  -- start
  23:59:50.000  bank        #1      created -> healthy   supervisor-start
  23:59:51.000  bank/teller #0         none -> created   added
  23:59:51.000  -- bank#1: start
  23:59:51.000  bank/teller #1      created -> healthy   supervisor-start
  00:00:00.000  -- Sunday, 2026-11-29, UTC
  00:00:00.000  bank/teller #1      healthy -> failed    failure exit=error attempts=1 until=00:00:02.000
  00:00:02.000  bank/teller #2       failed -> healthy   backoff attempts=1
  00:00:10.000  -- operator: restart bank
  00:00:10.000  bank        #1      healthy -> stopping  restarted until=00:00:20.000
`, text[:strings.Index(text, "  00:00:10.000  -- bank#1: shutdown")])
	require.Contains(t, text, "  00:01:50.000  bank        #1      created -> healthy   supervisor-start\n")
	require.Contains(t, succeeds(t, "report", path), "          2m0s  bank        #1      created -> healthy   supervisor-start\n")
	require.NotContains(t, succeeds(t, "report", "-scenario", "shop/bank#1", path), "bank")

	page := filepath.Join(t.TempDir(), "page.html")
	succeeds(t, "report", "-html", page, "-utc", path)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(html), `"origin":1795910390000,"zone":"utc"`)
}

func TestTimesOfDayNeedADate(t *testing.T) {
	path := file(t, "x.scenario", good)
	for _, command := range []string{"report", "replay"} {
		require.Contains(t, fails(t, exitUsage, command, "-times", path), "it does not say at what date and time")
	}
	require.Contains(t, fails(t, exitUsage, "report", "-utc", shipped("database-outage")), "are for recordings")
}

func TestADifferenceIsToldWithItsTimeOfDay(t *testing.T) {
	path := file(t, "x.scenario", strings.Replace(strings.Replace(good, "scenario 1", "scenario 1 origin=2026-11-28T10:00:00Z", 1),
		"supervisor-start", "restarted", 1))
	require.Contains(t, fails(t, exitViolation, "replay", "-utc", path), path+":5: 2026-11-28 10:00:00.000: at 0s start\n  expected: ")
}

// Wherever a file is read, the standard input can be.
func TestAHyphenIsTheStandardInput(t *testing.T) {
	world, err := os.ReadFile(shipped("crash-looping-deploy"))
	require.NoError(t, err)
	for _, c := range []struct {
		stdin string
		args  []string
		want  string
	}{
		{string(world), []string{"run", "-"}, "seed 11: "},
		{string(world), []string{"report", "-"}, "-- start"},
		{string(world), []string{"what-if", "-"}, "as it is"},
		{good, []string{"run", "-"}, "<stdin>: as recorded"},
		{good, []string{"replay", "-"}, "<stdin>: as recorded"},
		{good, []string{"check", "-"}, "<stdin>: no violation"},
		{good, []string{"list", "-"}, "running"},
		{good, []string{"report", "-"}, "-- start"},
		{good, []string{"explore", "-states", "10", "-"}, "<stdin>"},
	} {
		stdout, stderr, code := reads(c.stdin, c.args...)
		require.Equal(t, exitOK, code, "%v: %s", c.args, stderr)
		require.Contains(t, stdout, c.want, "%v", c.args)
	}
	_, stderr, code := reads("scenario 1\nconfig\nat 0s sing\n", "check", "-")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "<stdin>:3:7: not a kind of event")
	_, stderr, code = reads(good, "check", "-", "-")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "the standard input can be read only once")
}

func TestFilesThatAreNeitherAreRefused(t *testing.T) {
	empty, other := file(t, "empty", "\n# nothing\n"), file(t, "other", "# a comment\n\n{\"json\": true}\n")
	torn := file(t, "torn", "scenario 1 part=1 of=shop run=1\ncon")
	binary := file(t, "binary", strings.Repeat("\x00\xff", 5000))
	for _, command := range []string{"run", "report", "what-if", "replay", "check", "list", "explore"} {
		require.Contains(t, fails(t, exitUsage, command, empty), empty+": it is empty; a description of a world begins with")
		require.Contains(t, fails(t, exitUsage, command, other), other+`:3: it begins with "{\"json\":"; a description`)
		require.Contains(t, fails(t, exitUsage, command, t.TempDir()), "is a directory")
		require.Contains(t, fails(t, exitUsage, command, torn), torn+": the recording was cut off before anything happened")
		text := fails(t, exitUsage, command, binary)
		require.Contains(t, text, binary+":1: it begins with ")
		require.Less(t, len(text), 1000)
	}
}

// A scenario that cannot be played is told with its line.
func TestWhatCannotBePlayedIsToldWithItsLine(t *testing.T) {
	path := file(t, "x.scenario", "scenario 1\nconfig\n\ndefine p factor=0\n")
	for _, command := range []string{"replay", "check", "report"} {
		require.Contains(t, fails(t, exitUsage, command, path), path+":4: ", command)
	}
}

func TestInterruptionEndsReading(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stdin, write := io.Pipe()
	var out bytes.Buffer
	cancel()
	require.Equal(t, exitInterrupted, run(ctx, []string{"run", "-"}, stdin, &out, &out))
	require.Equal(t, "tasksim run: interrupted\n", out.String())
	require.NoError(t, write.Close())
}

// Cancelled contexts end simulations of any length.
func TestInterruptionEndsSimulations(t *testing.T) {
	world := workload.World{
		For:   core.Forever,
		Tasks: []workload.Tasks{{Name: "a", Lifetime: workload.Constant(time.Second), Policy: endless()}},
	}
	for _, args := range [][]string{{"run"}, {"run", "-twice"}, {"report"}, {"what-if"}} {
		ctx, cancel := context.WithCancel(context.Background())
		// The context is cancelled once the file has been read.
		stdin := io.MultiReader(strings.NewReader(world.String()), canceller{cancel})
		var out bytes.Buffer
		code := run(ctx, append(args, "-"), stdin, &out, &out)
		require.Equal(t, exitInterrupted, code, "%v: %s", args, out.String())
	}
}

// Cancelled contexts end what is done with the scenarios of a file, after the one that is being dealt with.
func TestInterruptionEndsBetweenScenarios(t *testing.T) {
	path := file(t, "two.scenario", "scenario 1\nconfig\nat 0s start\n  0s reject unknown-event\nscenario 1\nconfig\n")
	for _, args := range [][]string{{"replay"}, {"replay", "-update"}, {"check"}} {
		ctx, cancel := context.WithCancel(context.Background())
		var stderr bytes.Buffer
		code := run(ctx, append(args, path), nil, &cancelling{cancel: cancel}, &stderr)
		require.Equal(t, exitInterrupted, code, "%v: %s", args, stderr.String())
		require.Contains(t, stderr.String(), "interrupted after 1 of 2 scenarios", "%v", args)
	}
}

// How far a command came is said where some of it was done.
func TestAnInterruptedComparisonSaysHowFarItCame(t *testing.T) {
	world := workload.World{For: core.Forever, Tasks: []workload.Tasks{{Name: "a", Lifetime: workload.Constant(time.Second), Policy: endless()}}}
	ctx, cancel := context.WithCancel(context.Background())
	in := &input{name: "w", workload: &world}
	time.AfterFunc(0, cancel)
	w := &comparison{cases: []whatif.Case{{Name: "a"}, {Name: "b"}}}
	err := w.compare(&call{ctx: ctx, stdout: io.Discard}, in)
	require.ErrorIs(t, err, errInterrupted)
	require.EqualError(t, err, "interrupted after 0 of 3 cases")
}

// canceller cancels a context when it is read.
type canceller struct{ cancel context.CancelFunc }

func (c canceller) Read([]byte) (int, error) {
	c.cancel()
	return 0, io.EOF
}

func endless() core.Policy {
	policy := core.DefaultPolicy()
	policy.MaxAttempts, policy.BaseDelay = core.Unlimited, time.Second
	return policy
}

func TestEveryFormOfAScenarioHasAName(t *testing.T) {
	require.Equal(t, "no name", called(&scenario.Head{}))
	require.Equal(t, "shop", called(&scenario.Head{Of: "shop"}))
	require.Equal(t, "shop#2", called(&scenario.Head{Of: "shop", Run: 2}))
}

// The delay that a run asked for is part of what is replayed: with another one, or none, the recording is not what happens.
func TestReplayAsksForTheRecordedDelays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "asked.scenario")
	const recorded = `scenario 1
at 0s start
  nothing
at 0s add web
  0s add web none->created added
  0s start web#1 created->healthy added
at 1s exit web#1 error%s
  1s transition web#1 healthy->failed failure attempts=1 until=8s exit=error
`
	for delay, code := range map[string]int{" delay=7s": exitOK, " delay=6s": exitViolation, "": exitViolation} {
		require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, recorded, delay), 0o600))
		_, stderr, got := tasksim("replay", path)
		require.Equal(t, code, got, "%q: %s", delay, stderr)
	}
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, recorded, " delay=6s"), 0o600))
	require.Contains(t, succeeds(t, "replay", "-update", path), "exit web#1 error delay=6s\n  1s transition web#1 healthy->failed failure attempts=1 until=7s")
}

// Of several files, one in which there is nothing does not hide the others.
func TestAnEmptyFileAmongOthersIsLeftOut(t *testing.T) {
	full, empty := file(t, "shop.recording", tree), file(t, "shop.recording.1", "")
	for _, command := range []string{"replay", "check", "list"} {
		stdout, stderr, code := tasksim(command, empty, full)
		require.Equal(t, exitOK, code, stderr)
		require.Contains(t, stderr, empty+": notice: there is nothing in this file")
		require.Contains(t, stdout, "shop/bank#2")
		require.Contains(t, fails(t, exitUsage, command, empty), "it is empty; ")
		require.Contains(t, fails(t, exitUsage, command, empty, empty), "it is empty; ")
	}
}
