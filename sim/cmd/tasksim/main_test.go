package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// tasksim runs one command line in this process.
func tasksim(args ...string) (stdout, stderr string, code int) {
	return tasksimIn(context.Background(), args...)
}

func tasksimIn(ctx context.Context, args ...string) (stdout, stderr string, code int) {
	var out, err bytes.Buffer
	code = run(ctx, args, strings.NewReader(""), &out, &err)
	return out.String(), err.String(), code
}

// reads runs a command line that is given a standard input.
func reads(stdin string, args ...string) (stdout, stderr string, code int) {
	var out, err bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), code
}

// succeeds runs a command line that must end well, and returns what it prints.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := tasksim(args...)
	require.Equal(t, exitOK, code, "%s%s", stdout, stderr)
	return stdout
}

// fails runs a command line that must end with the code, and returns all it prints.
func fails(t *testing.T, code int, args ...string) string {
	t.Helper()
	stdout, stderr, got := tasksim(args...)
	require.Equal(t, code, got, "%s%s", stdout, stderr)
	return stdout + stderr
}

func shipped(name string) string {
	return filepath.Join("..", "..", "testdata", "workloads", name+".workload")
}

// file writes a file and returns its name.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

const good = `scenario 1
at 0s add a
  0s add a none->created added
at 0s start
  0s start a#1 created->healthy supervisor-start
`

func TestHelpListsEveryCommand(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-help"}, {"--help"}, {"-h"}} {
		text := succeeds(t, args...)
		for _, c := range commands() {
			require.Contains(t, text, "  "+c.name+" ")
		}
	}
	require.Contains(t, fails(t, exitUsage), "usage: tasksim COMMAND")
}

func TestEachCommandHasHelpWithExamples(t *testing.T) {
	for _, c := range commands() {
		text := succeeds(t, "help", c.name)
		require.Equal(t, text, succeeds(t, c.name, "--help"))
		require.Contains(t, text, c.summary)
		require.Contains(t, text, "usage: tasksim "+c.name)
		require.GreaterOrEqual(t, strings.Count(text, "  tasksim "+c.name), 1)
	}
	require.Equal(t, 2, strings.Count(succeeds(t, "help", "run", "check"), "usage: tasksim "))
	require.Contains(t, fails(t, exitUsage, "help", "sing"), `there is no command "sing"`)
}

// The flags of the examples must exist, and their files must be shipped or be such as a user would have.
func TestExamplesParse(t *testing.T) {
	for _, c := range commands() {
		for _, example := range c.examples {
			_, line, _ := strings.Cut(example, "tasksim "+c.name)
			line, _, _ = strings.Cut(line, "|")
			line, _, _ = strings.Cut(line, ">")
			words := strings.FieldsFunc(line, quotedFields())
			flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
			flags.SetOutput(io.Discard)
			c.prepare(flags)
			_, err := parseArguments(flags, words)
			require.NoError(t, err, "%s: %q", example, words)
		}
	}
}

// quotedFields returns a function that reports whether a rune is between words, or is a quote.
func quotedFields() func(rune) bool {
	inside := false
	return func(r rune) bool {
		if r == '\'' {
			inside = !inside
			return true
		}
		return r == ' ' && !inside
	}
}

func TestMistakesInTheCommandLine(t *testing.T) {
	for _, args := range [][]string{
		{"sing"}, {"run"}, {"run", "a", "b"}, {"run", "-nonsense"}, {"run", "-swarm", "1", "file"}, {"replay"}, {"check"},
		{"report"}, {"what-if"}, {"what-if", "-only-cases", shipped("database-outage")}, {"what-if", "-case", "x", "file"},
		{"what-if", "-case", "x: colour=red", "file"}, {"what-if", "-case", "x: config.colour=red", "file"},
		{"campaign", "file"}, {"campaign", "-workers", "0"}, {"campaign", "-violations", "0"}, {"campaign", "-seeds", "many"},
	} {
		require.Contains(t, fails(t, exitUsage, args...), "see: tasksim", "%v", args)
	}
}

func TestABadCaseIsToldWithItsField(t *testing.T) {
	for fields, problem := range map[string]string{
		"jitter=1/2 tries=3 base=1s": "tries=3: unknown field, known are restart, base",
		"attempts=3 jitter=half":     "jitter=half: not a fraction such as 1/2",
		"config.strategy=all":        "config.strategy=all: ",
		"base=1s config.dead=x":      "config.dead=x: not a fraction such as 1/2",
		"jitter=7/2":                 "Jitter is above 1",
		"base=-1s":                   "BaseDelay is negative",
	} {
		said := fails(t, exitUsage, "what-if", "-case", "it: "+fields, shipped("database-outage"))
		require.Contains(t, said, problem, fields)
		require.NotContains(t, said, "line 2", fields)
	}
}

func TestReportTakesSeveralFiles(t *testing.T) {
	first, second := file(t, "first.scenario", good), file(t, "second.scenario", good)
	text := succeeds(t, "report", first, second)
	one := succeeds(t, "report", first)
	require.Equal(t, first+":\n"+one+"\n"+second+":\n"+one, text)
	require.Contains(t, fails(t, exitUsage, "report", "-html", "-", first, second), "it takes one file, not 2")
}

func TestBadFilesAreToldWithLineAndColumn(t *testing.T) {
	workload := file(t, "bad.workload", "workload 1\ntasks a lifetime=soon\n")
	trace := file(t, "bad.scenario", "scenario 1\nconfig\nat 0s sing\n")
	for _, command := range []string{"run", "report", "what-if"} {
		require.Contains(t, fails(t, exitUsage, command, workload), workload+`:2:18: not a duration such as 1.5s: "soon"`)
	}
	for _, command := range []string{"run", "report", "what-if", "replay", "check"} {
		require.Contains(t, fails(t, exitUsage, command, trace), trace+":3:7: not a kind of event")
		require.Contains(t, fails(t, exitUsage, command, "no-such-file"), "no-such-file")
	}
	for _, command := range []string{"replay", "check"} {
		require.Contains(t, fails(t, exitUsage, command, shipped("database-outage")), ":1:1: this is the description of a world")
	}
}

func TestRunSimulatesAWorkload(t *testing.T) {
	text := succeeds(t, "run", shipped("crash-looping-deploy"))
	require.Contains(t, text, "seed 11: ")
	require.Contains(t, text, "the supervisor is running: 14 tasks, 14 healthy")
	other := succeeds(t, "run", shipped("crash-looping-deploy"), "-seed", "a word")
	require.NotEqual(t, text, other, "flags may stand behind the file")
	require.Equal(t, text, succeeds(t, "run", "-unchecked", shipped("crash-looping-deploy")))
	require.Contains(t, succeeds(t, "run", shipped("slow-stopping-fleet")), "halted for reason shutdown")
}

func TestRunWithAnotherConfiguration(t *testing.T) {
	file := filepath.Join("..", "..", "testdata", "workloads", "chain-of-stages.workload")
	require.Contains(t, succeeds(t, "run", file), "halted for reason intensity")
	require.Contains(t, succeeds(t, "run", "-config", "intensity=9/1m", file), "the supervisor is running")
	require.Contains(t, succeeds(t, "run", "-config", "strategy=one-for-all restart-rate=1/5s", "-describe", file),
		"config strategy=one-for-all intensity=2/1m0s restart-rate=1/5s\n")
	for _, fields := range []string{"strategy=all-for-one", "intensity=2", "mood=good", "restart-rate"} {
		require.Contains(t, fails(t, exitUsage, "run", "-config", fields, file), "-config "+fields)
	}
	require.Contains(t, fails(t, exitUsage, "run", "-config", "restart-rate=1/0s", file), "Config.RestartRate has a Count and no Per")
}

func TestRunTwiceComparesItWithItself(t *testing.T) {
	require.Contains(t, succeeds(t, "run", "-twice", shipped("tree-of-shards")), "twice the same: ")
}

func TestRunPrintsOneLinePerTransition(t *testing.T) {
	text := succeeds(t, "run", "-text", shipped("tree-of-shards"))
	require.Contains(t, text, "-- shard-1#1: halt: too-many-dead\n")
}

func TestASeedOfACampaignCanBeSimulatedAndDescribed(t *testing.T) {
	description := succeeds(t, "run", "-swarm", "12", "-describe")
	require.Equal(t, swarm.World(12).String(), description)
	direct := succeeds(t, "run", "-swarm", "12")
	require.Equal(t, direct, succeeds(t, "run", file(t, "described.workload", description)))
}

func TestWhatRunRecordsReplaysAndChecks(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace.scenario")
	succeeds(t, "run", "-record", trace, shipped("noisy-neighbours"))
	require.Contains(t, succeeds(t, "replay", trace), "as recorded: ")
	require.Contains(t, succeeds(t, "run", trace), "as recorded: ")
	text := succeeds(t, "check", "-v", trace, trace)
	require.Equal(t, 2, strings.Count(text, "no violation in "))
	require.Contains(t, text, "invariant 1: ")
}

func TestReplayTellsTheFirstDifference(t *testing.T) {
	wrong := file(t, "wrong.scenario", strings.Replace(good, "supervisor-start", "restarted", 1))
	right := file(t, "right.scenario", good)
	text := fails(t, exitViolation, "replay", wrong, right)
	require.Contains(t, text, wrong+":5: at 0s start\n  expected: 0s start a#1 created->healthy restarted\n  got:      0s start a#1 created->healthy supervisor-start\n")
	require.Contains(t, text, right+": as recorded", "the others are replayed all the same")
	require.Equal(t, good, succeeds(t, "replay", "-update", wrong))
}

func TestReportWritesEveryForm(t *testing.T) {
	dir := t.TempDir()
	page, trace := filepath.Join(dir, "page.html"), filepath.Join(dir, "trace.json")
	require.Empty(t, succeeds(t, "report", "-html", page, "-perfetto", trace, shipped("tree-of-shards")))
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(html), "Three shard supervisors below one")
	perfetto, err := os.ReadFile(trace)
	require.NoError(t, err)
	require.True(t, json.Valid(perfetto))
	require.Contains(t, succeeds(t, "report", file(t, "x.scenario", good)), "created -> healthy")
	require.Contains(t, succeeds(t, "report", "-perfetto", "-", file(t, "x.scenario", good)), `"traceEvents"`)
	require.Contains(t, fails(t, exitUsage, "report", "-html", dir, shipped("tree-of-shards")), dir)
	wrong := file(t, "wrong.scenario", strings.Replace(good, "supervisor-start", "restarted", 1))
	require.Contains(t, fails(t, exitUsage, "report", wrong), "expected")
}

// What is written to the standard output is all that is there, so that another program can read it.
func TestWhatGoesToStandardOutputIsAlone(t *testing.T) {
	trace := succeeds(t, "run", "-record", "-", shipped("tree-of-shards"))
	require.Contains(t, succeeds(t, "check", file(t, "piped.scenario", trace)), "no violation")
	_, stderr, _ := tasksim("run", "-record", "-", shipped("tree-of-shards"))
	require.Contains(t, stderr, "the supervisor is ")
	for _, command := range []string{"run", "what-if", "report"} {
		page := succeeds(t, command, "-html", "-", shipped("tree-of-shards"))
		require.True(t, strings.HasPrefix(page, "<!DOCTYPE html>") && strings.HasSuffix(page, "</html>\n"), command)
	}
	require.True(t, json.Valid([]byte(succeeds(t, "run", "-perfetto", "-", shipped("tree-of-shards")))))
}

func TestWhatIfComparesPolicies(t *testing.T) {
	page := filepath.Join(t.TempDir(), "storm.html")
	text := succeeds(t, "what-if", "-case", "jitter: jitter=1/1", "-case", "strict: attempts=2 config.dead=1/10", "-html", page, shipped("database-outage"))
	lines := strings.Split(text, "\n")
	require.Regexp(t, `as it is +jitter +strict`, lines[1])
	require.Regexp(t, `gave up +0 +0 +1`, text)
	require.Regexp(t, `halted +no +no +too-many-dead at 5m`, text)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(html), "<svg"))
}

func TestWhatIfTakesRecordings(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace.scenario")
	succeeds(t, "run", "-record", trace, shipped("crash-looping-deploy"))
	text := succeeds(t, "what-if", "-only-cases", "-case", "no change:", "-case", "more attempts: attempts=unlimited", trace)
	require.Regexp(t, `no change +more attempts`, text)
	require.Regexp(t, `deaths +12 +0`, text)
}

// An override must change its fields and no others.
func TestCasesChangeOnlyWhatTheySay(t *testing.T) {
	c, err := parseCase("x: attempts=7 config.stop=reverse")
	require.NoError(t, err)
	o, err := workload.Parse([]byte("workload 1\nconfig dead=1/2 shutdown=5s\npolicy p base=3s attempts=2 stop=4s\ntasks a policy=p\n"))
	require.NoError(t, err)
	policy, config := o.Tasks[0].Policy, o.Config
	want, wantConfig := policy, config
	want.MaxAttempts = 7
	wantConfig.StopOrder = core.StopReverse
	c.Policy(&policy)
	c.Config(&config)
	require.Equal(t, want, policy)
	require.Equal(t, wantConfig, config)
}

// The core's transcripts were written for its rules, one by one. Here all the checkers look at each, and some transcripts
// are here to show what a checker had got wrong.
func TestTranscriptsOfTheCoreViolateNothing(t *testing.T) {
	for _, pattern := range []string{"*.txt", "promises/*/*.txt"} {
		paths, err := filepath.Glob(filepath.Join("../../../core/testdata", pattern))
		require.NoError(t, err)
		require.Greater(t, len(paths), 90)
		for _, path := range paths {
			succeeds(t, "check", path)
		}
	}
}

// What check counts stands in the order of its numbers.
func TestInvariantsAreListedInOrder(t *testing.T) {
	text := succeeds(t, "check", "-v", file(t, "x.scenario", good))
	var kinds []string
	numbers := map[string][]int{}
	for _, found := range regexp.MustCompile(`(?m)^ +\d+  (contract D|invariant )(\d+): `).FindAllStringSubmatch(text, -1) {
		number, err := strconv.Atoi(found[2])
		require.NoError(t, err)
		if numbers[found[1]] == nil {
			kinds = append(kinds, found[1])
		}
		numbers[found[1]] = append(numbers[found[1]], number)
	}
	require.Equal(t, []string{"contract D", "invariant "}, kinds)
	require.True(t, slices.IsSorted(numbers["invariant "]), text)
	require.Len(t, numbers["invariant "], len(checkers.All())+len(checkers.Audits(1))-len(numbers["contract D"]))
}
