package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// told has every operator command, before the start and behind it, and a command that is refused.
const told = `scenario 1
policy p base=1s
limits l restart-rate=1/1s
at 0s add db
at 0s add early suspended=true
at 0s need early db
at 0s resume early
at 0s start
at 1s add web suspended=true
at 1s need web db
at 1s resume web
at 2s suspend web
at 3s exit web#1 ok
at 4s resume web
at 5s policy web p
at 6s need web early bound=true
at 7s limits l
at 8s restart web
at 9s exit web#2 ok
at 10s kill early
at 11s exit early#1 ok
at 12s kill early
at 13s remove early
at 14s remove web
at 15s exit web#3 ok
at 16s shutdown
at 17s exit db#1 ok
`

func TestWhatOperatorsToldIsMarked(t *testing.T) {
	timeline := timelineOf(t, told)
	var texts []string
	for _, mark := range timeline.Marks {
		text := mark.Text
		if mark.Command != core.EventTick {
			require.True(t, strings.HasPrefix(text, mark.Command.String()), text)
			text = "operator: " + text
		}
		texts = append(texts, mark.At.String()+" "+text)
	}
	require.Equal(t, []string{
		"0s start", "1s operator: add web", "2s operator: suspend web", "4s operator: resume web", "5s operator: policy web",
		"6s operator: need web early", "7s operator: limits", "8s operator: restart web", "10s operator: kill early",
		"14s operator: remove web", "16s shutdown", "17s halt: shutdown",
	}, texts)
	require.Equal(t, "web", timeline.Marks[1].Lane)
	var page bytes.Buffer
	require.NoError(t, timeline.WriteHTML(&page))
	require.Contains(t, page.String(), `{"at":2000000000,"text":"suspend web","command":"suspend","lane":"web"}`)
}

func TestCommandsBelowASupervisorNameTheLane(t *testing.T) {
	timeline := report.New("tree")
	_, err := sim.Run(workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{{Name: "pool", Supervises: &workload.Supervisor{
			Tasks: []workload.Tasks{{Name: "shard"}},
		}}},
		Operators: []workload.Operator{
			{Does: core.EventRestart, Of: "shard", At: 10 * time.Second}, {Does: core.EventRestart, Of: "pool", At: 20 * time.Second},
		},
	}, sim.Watch(timeline.Watchers))
	require.NoError(t, err)
	var texts []string
	for _, mark := range timeline.Marks {
		texts = append(texts, mark.Text)
	}
	require.Equal(t, []string{
		"start", "pool#1: start", "restart pool/shard", "restart pool", "pool#1: shutdown", "pool#1: halt: shutdown", "pool#2: start",
	}, texts, "the shutdown of a run is not the operator's")
}

func TestOutagesAreShown(t *testing.T) {
	timeline := report.New("outages")
	world := workload.World{
		For:   time.Minute,
		Tasks: []workload.Tasks{{Name: "web", Count: 2}},
		Outages: []workload.Outage{
			{Of: "web", At: 20 * time.Second, Lasts: workload.Constant(10 * time.Second), Share: core.Fraction{Num: 1, Den: 2}},
			{At: 5 * time.Second, Lasts: workload.Constant(2 * time.Second), Notice: workload.Endless()},
		},
		Faults: []workload.Fault{{Kind: workload.FlapStorm, At: 40 * time.Second, By: workload.Constant(time.Second)}},
	}
	_, err := sim.Run(world, sim.Watch(timeline.Watchers), sim.WatchOutages(timeline.AddOutage))
	require.NoError(t, err)
	var text, page, trace bytes.Buffer
	require.NoError(t, timeline.WriteText(&text))
	var lines []string
	for line := range strings.Lines(text.String()) {
		if strings.Contains(line, "--") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	require.Equal(t, []string{
		"0s  -- start", "5s  -- outage of all tasks begins", "7s  -- outage of all tasks ends",
		"20s  -- outage of 1/2 of web begins", "30s  -- outage of 1/2 of web ends",
		"40s  -- flap-storm of all tasks begins", "41s  -- flap-storm of all tasks ends",
	}, lines)
	require.Less(t, strings.Index(text.String(), "1/2 of web begins"), strings.Index(text.String(), "failed"), "an outage begins before its failures")
	require.NoError(t, timeline.WriteHTML(&page))
	require.Contains(t, page.String(), `{"from":20000000000,"to":30000000000,"of":"web","name":"outage of 1/2 of web"}`)
	require.NoError(t, timeline.WritePerfetto(&trace))
	require.Contains(t, trace.String(), `"ts":20000000.000,"dur":10000000.000,"name":"outage of 1/2 of web","cat":"outage"`)
}

func TestPerfettoHasATrackOfCommands(t *testing.T) {
	var trace bytes.Buffer
	require.NoError(t, timelineOf(t, told).WritePerfetto(&trace))
	require.Contains(t, trace.String(), `"tid":4,"name":"thread_name","args":{"name":"operator commands"}`)
	require.Contains(t, trace.String(), `"ph":"I","s":"t","tid":4,"ts":8000000.000,"name":"restart web"`)
}
