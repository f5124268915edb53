package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// withoutTimes drops the line that depends on the machine's speed.
func withoutTimes(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "this time ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestACampaignThatTriedEverythingEndsWell(t *testing.T) {
	text := succeeds(t, "campaign", "-seeds", "500")
	require.Contains(t, text, "500 of 500 seeds from 1 on: ")
	require.True(t, strings.HasSuffix(text, "\nno violation\n"), "%s", text)
	for _, name := range sim.Checkers() {
		require.Contains(t, text, "  "+name+"\n")
	}
}

func TestACampaignThatLeftSomethingOutFails(t *testing.T) {
	text := fails(t, exitViolation, "campaign", "-seeds", "3")
	require.Contains(t, text, "FAILED: never tried: ")
	require.Contains(t, succeeds(t, "campaign", "-seeds", "3", "-allow-gaps"), "no violation")
}

func TestACampaignIsTheSameWithAnyNumberOfWorkers(t *testing.T) {
	one := succeeds(t, "campaign", "-seeds", "300", "-seed", "a word", "-workers", "1", "-allow-gaps")
	four := succeeds(t, "campaign", "-seeds", "300", "-seed", "a word", "-workers", "4", "-allow-gaps")
	require.Equal(t, withoutTimes(one), withoutTimes(four))
}

func TestACampaignCanSimulateEverySeedTwice(t *testing.T) {
	once := succeeds(t, "campaign", "-seeds", "100", "-allow-gaps")
	twice := succeeds(t, "campaign", "-seeds", "100", "-allow-gaps", "-twice")
	require.Equal(t, withoutTimes(once), withoutTimes(twice))
}

// What depends on more than the options is a violation.
func TestADivergenceIsAViolation(t *testing.T) {
	runs := 0
	o := workload.World{Seed: 9, Tasks: []workload.Tasks{{Name: "a", Model: func(workload.Start) workload.RunScript {
		runs++
		return workload.RunScript{Lifetime: workload.Constant(time.Duration(runs) * time.Second)}
	}}}}
	var c chunkResult
	c.compare(o)
	require.Len(t, c.violations, 1)
	require.ErrorContains(t, c.violations[0], "seed 9, step 3, 0s: the supervisor: twice: seed 9: step 3 is not the same twice")
}

func TestACampaignGoesOnWhereItWas(t *testing.T) {
	state := filepath.Join(t.TempDir(), "campaign.json")
	args := []string{"campaign", "-allow-gaps", "-state", state, "-seeds"}
	whole := succeeds(t, "campaign", "-allow-gaps", "-seeds", "400")
	succeeds(t, append(args, "150")...)
	stdout, stderr, code := tasksim(append(args, "400")...)
	require.Equal(t, exitOK, code)
	require.Contains(t, stderr, "continues after 150 seeds")
	require.Contains(t, stdout, "this time 250 seeds")
	require.Equal(t, withoutTimes(whole), withoutTimes(stdout))
}

// cancelling is a writer that cancels a context when something is written: the campaign's first progress line.
type cancelling struct {
	cancel context.CancelFunc
	strings.Builder
}

func (c *cancelling) Write(b []byte) (int, error) {
	c.cancel()
	return c.Builder.Write(b)
}

func TestAnInterruptedCampaignSumsUpAndGoesOn(t *testing.T) {
	state := filepath.Join(t.TempDir(), "campaign.json")
	ctx, cancel := context.WithCancel(context.Background())
	stderr := &cancelling{cancel: cancel}
	var stdout strings.Builder
	args := []string{"campaign", "-seeds", "500", "-state", state, "-progress", "1ns", "-workers", "2"}
	require.Equal(t, exitInterrupted, run(ctx, args, nil, &stdout, stderr))
	require.Contains(t, stdout.String(), "interrupted after ")
	require.Contains(t, stdout.String(), "give the same command to continue")
	require.Contains(t, stderr.String(), "of 500 seeds")
	require.Regexp(t, `tasksim campaign: interrupted after [0-9]+ of 500 seeds\n$`, stderr.String())
	rest := succeeds(t, args...)
	require.Contains(t, rest, "500 of 500 seeds")
	require.Equal(t, withoutTimes(succeeds(t, "campaign", "-seeds", "500")), withoutTimes(rest))
}

func TestACampaignThatIsCancelledAtOnceDidNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	stdout, stderr, code := tasksimIn(ctx, "campaign", "-seeds", "100000")
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, stdout, "interrupted after ")
	require.Equal(t, "tasksim campaign: interrupted after 0 of 100000 seeds\n", stderr)
}

func TestTheStateOfAnotherCampaignIsRefused(t *testing.T) {
	state := filepath.Join(t.TempDir(), "campaign.json")
	succeeds(t, "campaign", "-seeds", "10", "-allow-gaps", "-state", state)
	require.Contains(t, fails(t, exitUsage, "campaign", "-seed", "5", "-state", state), "this campaign began with seed 1, not 5")
	require.NoError(t, os.WriteFile(state, []byte("{\n  \"first\": ?\n}"), 0o644))
	require.Contains(t, fails(t, exitUsage, "campaign", "-state", state), state+":2:13: not the state of a campaign")
	require.NoError(t, os.WriteFile(state, []byte(`{"first":"x"}`), 0o644))
	require.Contains(t, fails(t, exitUsage, "campaign", "-state", state), "not the state of a campaign")
}

// A planted violation: the campaign must say how to see it again, keep its scenario, and fail.
func TestACampaignReportsViolations(t *testing.T) {
	var out strings.Builder
	dir := filepath.Join(t.TempDir(), "failures")
	c := &call{stdout: &out, stderr: &out}
	o := &campaign{failures: dir, most: 1}
	violation := &sim.Violation{Seed: 42, Step: 3, Check: "planted", Err: fmt.Errorf("it was planted"), Scenario: good}
	total, done := &tally{Seeds: 1}, &chunkResult{seeds: 1, violations: []*sim.Violation{violation}}
	total.add(done)
	require.NoError(t, o.keep(c, total, done))
	require.ErrorIs(t, o.judge(c, total), errViolation)
	require.Contains(t, out.String(), "seed 42, step 3, 0s: the supervisor: planted: it was planted")
	require.Contains(t, out.String(), "reproduce with: tasksim run -swarm 42\n")
	require.Contains(t, out.String(), "FAILED: 1 violations\n")
	succeeds(t, "replay", filepath.Join(dir, "seed-42.scenario"))

	out.Reset()
	o.failures = ""
	require.NoError(t, o.keep(c, total, done))
	require.Contains(t, out.String(), good, "without a directory the scenario is printed")
}

func TestVirtualTimeAddsUpBeyondADuration(t *testing.T) {
	var total tally
	for range 5 {
		total.add(&chunkResult{virtual: [2]uint64{0, 1 << 63}})
	}
	require.Equal(t, [2]uint64{2, 1 << 63}, total.Virtual)
	require.Equal(t, "1462 years", total.virtual())
	require.Equal(t, "0s", new(tally).virtual())
}
