package fuzz

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

// seed is one input of the corpora, with a name that says what happens in it.
type seed struct {
	name string
	data []byte
}

// on writes an event: what happens to the n-th task, and when.
func on(task, what, when byte, more ...byte) []byte {
	return append([]byte{task<<whatTask | what, when}, more...)
}

// around is when something is about to happen, happens and has happened: pass 0, 1 or 2 as the number.
func around(when, number byte) byte { return when | number<<4 }

// later is so many nanoseconds from now.
func later(ns byte) byte { return whenLater | ns<<4 }

func add(policy byte) []byte { return on(policy, whatAdd, whenNow, 7) }

// inherit adds a task with runs that were left behind, 0 for none.
func inherit(policy, a, b byte) []byte { return on(policy|4, whatAdd, whenNow, 7, a|b<<2) }

func start() []byte { return on(0, whatStart, whenNow) }

// nonsense writes an event about the first run of the n-th task there ever was.
func nonsense(kind, n, exit byte) []byte {
	return append(on(0, whatAnything, whenNow, kind, n, 0, 1, exit), make([]byte, 14)...)
}

func events(list ...[]byte) []byte { return join(list...) }

func join(list ...[]byte) []byte {
	var data []byte
	for _, part := range list {
		data = append(data, part...)
	}
	return data
}

// The bytes of a few durations, see Reader.duration.
const (
	second  byte = 128
	forever byte = 224
)

// supervisor is a configuration as bytes, as far as the seeds need it. A rate is nil or the bytes of one.
type supervisor struct {
	auto                          core.AutoShutdown
	order                         core.StopOrder
	strategy                      core.Strategy
	tasks                         byte // at most; 0 for no limit
	threshold, shutdown, interval byte
	intensity, budget             []byte
	limits                        [][]byte // others
}

// of writes the configuration, with its policies.
func (s supervisor) of(policies ...[]byte) []byte {
	data := []byte{s.tasks<<4 | byte(len(policies)), byte(s.auto) + 3*byte(s.order) + 9*byte(s.strategy), s.interval, 1}
	data = append(data, limitsBytes(s.threshold, s.shutdown, s.intensity, s.budget)...)
	data = append(data, join(policies...)...)
	data = append(data, byte(len(s.limits)))
	return append(data, join(s.limits...)...)
}

// limitsBytes writes limits, but for the automatic shutdown, which comes before them.
func limitsBytes(threshold, shutdown byte, intensity, budget []byte) []byte {
	data := []byte{threshold, shutdown}
	for _, rate := range [...][]byte{intensity, budget} {
		if rate == nil {
			rate = []byte{0}
		}
		data = append(data, rate...)
	}
	return data
}

// rate writes a rate; the count must be below 8.
func rate(count, per byte) []byte { return []byte{8 | count, per} }

func plain(policies ...[]byte) []byte { return supervisor{}.of(policies...) }

// policyBytes writes a policy that asks nothing about the health of its runs.
func policyBytes(restart core.Restart, abandon core.OnAbandon, base, jitter, attempts, stable, stop byte) []byte {
	return []byte{byte(restart) + 3*byte(abandon), base, 2, 5, forever, jitter, attempts, stable, stop, 0}
}

// asking has a policy ask about the health of its runs.
func asking(policy []byte, health byte, more ...byte) []byte {
	policy = append([]byte{}, policy...)
	policy[len(policy)-1] = health
	return append(policy, more...)
}

func usual() []byte { return policyBytes(core.RestartOnFailure, core.AbandonWait, 1, 0, 2, 9, 4) }

// capped waits for 8 ns at most.
func capped() []byte {
	policy := usual()
	policy[4] = 8
	return policy
}

func replacing() []byte {
	return policyBytes(core.RestartAlways, core.AbandonReplace, 1, 0x13, 2, 9, 2)
}

func once() []byte { return policyBytes(core.RestartNever, core.AbandonWait, 1, 0, 2, 9, 4) }

// readying starts within 3 ns, watching beats every 5 ns, and probing is probed every 3 ns and answers within 2.
func readying() []byte { return asking(usual(), healthReady, 3) }
func watching() []byte { return asking(usual(), healthWatchdog, 5) }
func probing() []byte  { return asking(usual(), healthProbe, 3, 2, 2) }

// machineSeeds are configurations and what happens under them.
func machineSeeds() []seed {
	const half = 0x11 // a fraction
	failTwice := events(on(0, whatError, later(1)), on(0, whatTick, whenDeadline), on(0, whatPanic, later(1)),
		on(0, whatTick, whenDeadline))
	return append(groupSeeds(), []seed{
		{"empty", nil},
		{"backoff-to-death", join(plain(usual()), add(0), start(), failTwice, on(0, whatGoexit, whenNow),
			on(0, whatRestart, later(3)), on(0, whatOK, later(1)))},
		{"stability-around", join(plain(usual()), start(), add(0), failTwice,
			on(0, whatError, around(whenAroundStability, 0)), on(0, whatRestart, whenNow), on(0, whatError, whenNow),
			on(0, whatTick, whenDeadline), on(0, whatError, around(whenAroundStability, 1)), on(0, whatTick, whenDeadline),
			on(0, whatError, around(whenAroundStability, 2)))},
		{"exit-at-restart", join(plain(usual()), start(), add(0), on(0, whatError, whenNow),
			on(0, whatOtherRun, whenDeadline, 9), on(0, whatOtherRun, around(whenAroundDeadline, 0), 9),
			on(0, whatError, around(whenAroundDeadline, 2)))},
		{"stop-timeout", join(plain(usual()), start(), add(0), on(0, whatRestart, whenNow), on(0, whatKill, later(1)),
			on(0, whatError, around(whenAroundTimer, 0)), on(0, whatRestart, whenNow), on(0, whatRemove, whenNow),
			on(0, whatOK, around(whenAroundTimer, 2)))},
		{"replace-and-fence", join(plain(replacing()), start(), add(0), on(0, whatRestart, whenNow),
			on(0, whatTick, whenDeadline), on(0, whatOK, later(1)), on(0, whatTick, whenDeadline), on(0, whatRestart, later(1)),
			on(0, whatTick, whenDeadline), on(0, whatFenced, later(1)), on(0, whatRemove, later(1)), on(0, whatError, later(5)))},
		{"remove-and-reuse", join(plain(usual()), add(0), add(0), add(0), start(), on(1, whatRemove, later(1)),
			on(1, whatOK, later(1)), add(0), on(1, whatRemove, later(1)), on(1, whatTick, whenDeadline), add(0),
			on(1, whatOK, later(1)), on(2, whatKill, whenNow), on(2, whatError, whenNow), on(2, whatKill, whenNow),
			on(2, whatRemove, whenNow), add(3))},
		{"threshold", join(supervisor{threshold: half}.of(usual()), start(), add(0), add(0), add(0), add(0),
			on(0, whatKill, whenNow), on(0, whatOK, later(1)), on(1, whatKill, later(1)), on(1, whatOK, later(1)),
			on(2, whatRestart, later(1)), on(2, whatTick, whenDeadline), on(3, whatOK, later(1)), on(2, whatOK, later(1)))},
		{"threshold-on-grid", join(supervisor{threshold: half, interval: 5}.of(usual()), start(), add(0), on(0, whatError, later(1)),
			on(0, whatTick, whenDeadline), on(0, whatKill, later(2)), on(0, whatOK, later(1)), add(0), on(0, whatRestart, whenNow),
			on(1, whatKill, later(3)), on(1, whatOK, whenNow), on(0, whatKill, whenNow), on(0, whatTick, whenDeadline),
			on(0, whatTick, whenDeadline))},
		{"auto-all", join(supervisor{auto: core.AutoShutdownAll}.of(usual(), replacing()), start(), add(0), add(1),
			on(0, whatOK, later(1)), on(1, whatOK, later(1)),
			on(1, whatKill, whenNow), on(1, whatOK, later(1)))},
		{"one-task-only", join(supervisor{tasks: 1, shutdown: 3}.of(usual()), start(), start(), add(0), add(0),
			on(0, whatRemove, whenNow), on(0, whatRestart, whenNow), on(0, whatShutdown, whenNow), on(0, whatShutdown, later(1)),
			on(0, whatTick, whenDeadline))},
		{"auto-any", join(supervisor{auto: core.AutoShutdownAny}.of(usual()), start(), add(0), add(0),
			on(1, whatOK, later(1)), on(0, whatError, later(1)), on(0, whatStart, whenNow))},
		{"escalate", join(plain(policyBytes(core.RestartNever, core.AbandonEscalate, 0, 0, 0, 0, 3)), start(), add(0),
			add(0), on(1, whatError, later(1)), on(0, whatKill, later(1)), on(0, whatTick, whenDeadline))},
		{"reverse-shutdown", join(supervisor{order: core.StopReverse, shutdown: 5}.of(usual()), add(0), add(0), add(0), start(),
			on(0, whatShutdown, later(1)), on(2, whatOK, later(1)), on(0, whatError, later(1)), on(0, whatTick, whenDeadline),
			on(0, whatTick, whenDeadline), on(1, whatOK, later(1)), on(0, whatShutdown, whenNow), add(0), start())},
		{"no-delay", join(plain(policyBytes(core.RestartAlways, core.AbandonReplace, 0, 0, 240-9, 0, 0)), start(), add(0),
			on(0, whatOK, whenNow), on(0, whatError, whenNow), on(0, whatRestart, whenNow), on(0, whatRestart, whenNow),
			on(0, whatFenced, whenNow), on(0, whatKill, whenNow))},
		{"defaults-in-seconds", join(plain(), start(), add(0), on(0, whatError, whenSeconds|15<<4), on(0, whatTick, whenDeadline),
			on(0, whatError, whenSeconds|15<<4), on(0, whatTick, whenEarlier|9<<4), on(0, whatKill, whenDeadline),
			on(0, whatTick, whenDeadline))},
		{"end-of-time", join(plain(policyBytes(0, 0, second, 0, 255, forever, forever)), start(), add(0),
			on(0, whatTick, whenEnd|2<<4), on(0, whatError, whenNow), on(0, whatRestart, whenNow), on(0, whatOK, whenEnd))},
		{"nonsense", join(plain(usual()), start(), add(0), on(0, whatKill, whenNow), nonsense(31, 1, 0), nonsense(6, 1, 9),
			nonsense(3, 2, 0), on(0, whatTick, whenEver, 1, 2, 3, 4, 5, 6, 7, 0x80))},
		{"left-behind", join(plain(usual(), replacing()), start(), inherit(0, 0, 1), on(0, whatFenced, later(1)), inherit(1, 1, 2),
			on(1, whatFenced, later(1)), on(1, whatPolicy, whenNow, 0), on(1, whatError, later(1)), on(1, whatTick, whenDeadline),
			on(1, whatFenced, later(1)), inherit(0, 0, 1), on(2, whatPolicy, later(1), 1), on(0, whatAnything, whenNow, byte(core.EventAdd), 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16))},
		{"asked", join(supervisor{strategy: core.OneForAll}.of(capped()), add(0), add(0), start(),
			on(0, whatErrorAsking, later(1), 7), on(1, whatErrorAsking, later(1), 5),
			on(0, whatTick, whenDeadline), on(1, whatErrorAsking, later(1), forever), on(0, whatOK, later(1)), on(1, whatSuspend, whenNow),
			on(1, whatResume, whenNow), on(0, whatErrorAsking, later(1), 9), on(1, whatOK, later(1)), on(0, whatTick, whenDeadline))},
		{"lost", join(supervisor{strategy: core.OneForAll, intensity: rate(0, second)}.of(usual(), once()), add(0), add(0), add(1), start(),
			on(1, whatLost, later(1)), on(2, whatOK, later(1)), on(0, whatLost, later(1)), on(0, whatTick, whenDeadline), on(0, whatRestart, whenNow),
			on(0, whatLost, later(1)), on(0, whatLost, later(1)), on(2, whatRestart, later(1)), on(0, whatTick, whenDeadline), on(2, whatLost, later(1)))},
		{"held", join(supervisor{budget: rate(1, 9)}.of(usual(), replacing()), on(0, whatAddHeld, whenNow, 7), add(0), add(1), start(), on(0, whatHold, later(1)),
			on(1, whatHold, later(1)), on(1, whatError, later(1)), on(1, whatTick, whenDeadline), on(1, whatSuspend, later(1)), on(1, whatHold, whenNow),
			on(1, whatHold, whenNow), on(1, whatResume, whenNow), on(1, whatRestart, later(1)), on(1, whatHold, later(1)), on(2, whatHold, whenNow),
			on(2, whatRestart, whenNow), on(2, whatTick, whenDeadline), on(2, whatHold, later(1)), on(2, whatBind, later(1), 0), on(0, whatHold, later(1)),
			on(0, whatShutdown, later(1)), on(0, whatHold, later(1)), on(0, whatOK, later(1)), on(1, whatOK, later(1)), on(2, whatOK, later(1)))},
	}...)
}

// anySeeds are configurations with values that are out of range.
func anySeeds() []seed {
	bad := append([]byte{1, 77, 255}, make([]byte, 40)...)
	return append(machineSeeds(), seed{"all-fields-bad", bad}, seed{"negative-durations",
		append([]byte{1, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, make([]byte, 60)...)})
}

// continueSeeds put a rhythm before what the machine seeds have.
func continueSeeds() []seed {
	var seeds []seed
	for i, s := range machineSeeds() {
		seeds = append(seeds, seed{s.name, append([]byte{byte(i)&3 | byte(i)<<4}, s.data...)})
	}
	return seeds
}

// snapshotSeeds are the snapshots at the end of the machine seeds.
func snapshotSeeds(t *testing.T) []seed {
	var seeds []seed
	for _, s := range machineSeeds() {
		machine := played(t, s.data)
		snapshot, err := machine.MarshalBinary()
		require.NoError(t, err)
		seeds = append(seeds, seed{s.name, snapshot})
	}
	return append(seeds, seed{"cut-off", seeds[1].data[:len(seeds[1].data)/2]})
}

// scenarioSeeds are the machine seeds as scenarios, and some that a person would write.
func scenarioSeeds(t *testing.T) []seed {
	var seeds []seed
	for _, s := range machineSeeds() {
		h := historyOf(t, s.data)
		seeds = append(seeds, seed{s.name, []byte(h.scenario())})
	}
	return append(seeds,
		seed{"by-hand", []byte("scenario 1\n# a comment\nconfig dead=1/2 seed=7\npolicy \"odd name\" base=10ms attempts=unlimited\n\n" +
			"at 0s start\nat 1s add web policy=\"odd name\" key=9\ntask db @1.0\nexpect status db\nexpect counts -> total=1\n" +
			"define other jitter=1/3\nat 2s exit web#1 panic\n  nothing\nexpect deadline\nexpect digest\n")},
		seed{"by-hand-group", []byte("scenario 1\nconfig strategy=rest-for-one intensity=2/5s restart-rate=1/1s\n" +
			"policy p0 ready=true start=3s probe=1s\nlimits l dead=1/3\nat 0s add db\nat 0s add web suspended=true\nat 0s need web db bound=true\n" +
			"at 1s start\nat 2s ready db#1\nat 2s resume web\nexpect needs web\nexpect timer\nat 3s beat web#1 within=2s\n" +
			"at 3s limits l\nat 4s policy db p0\nat 4s probe db#1 ok\nat 5s suspend db\n")},
		seed{"errors", []byte("scenario 1\nat 5s exlt web#1 error\n")},
		seed{"snapshot", []byte("scenario 1\nsnapshot\n  AAAA\nat 0s tick\n")})
}

// historyOf returns what a seed tells a machine.
func historyOf(t *testing.T, data []byte) history {
	reader := NewReader(data)
	h := history{config: reader.Config(), limits: reader.Limits()}
	machine, err := h.machine()
	require.NoError(t, err)
	for reader.More() {
		event := reader.Event(machine)
		h.event(event)
		machine.Step(nil, event)
	}
	return h
}

// played returns the machine at the end of a seed.
func played(t *testing.T, data []byte) *core.Machine {
	h := historyOf(t, data)
	machine, err := h.machine()
	require.NoError(t, err)
	for _, s := range h.steps {
		machine.Step(nil, s.event)
	}
	return machine
}

// The seeds in testdata are those above. With -update they are written there.
func TestSeeds(t *testing.T) {
	for target, seeds := range map[string][]seed{
		"FuzzCoreOracle":  machineSeeds(),
		"FuzzContinue":    continueSeeds(),
		"FuzzDefinitions": definitionSeeds(),
		"FuzzConfig":      anySeeds(),
		"FuzzSnapshot":    snapshotSeeds(t),
		"FuzzScenario":    scenarioSeeds(t),
	} {
		folder := filepath.Join("testdata", "fuzz", target)
		if golden.Updating() {
			require.NoError(t, os.MkdirAll(folder, 0o755))
		}
		for _, s := range seeds {
			path := filepath.Join(folder, "seed-"+s.name)
			text := "go test fuzz v1\n[]byte(" + strconv.Quote(string(s.data)) + ")\n"
			golden.Compare(t, path, text)
		}
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		stored := 0
		for _, entry := range entries {
			if strings.HasPrefix(entry.Name(), "seed-") {
				stored++
			}
		}
		require.Equal(t, len(seeds), stored, "%s has seeds that are not in the list any more", target)
	}
}

// The seeds bring about every decision there is, so that the fuzzer starts with all of them.
func TestSeedsReachEveryDecision(t *testing.T) {
	kinds, reasons, refusals := map[core.ActionKind]bool{}, map[core.Reason]bool{}, map[core.Refusal]bool{}
	for _, s := range machineSeeds() {
		h := historyOf(t, s.data)
		machine, err := h.machine()
		require.NoError(t, err)
		for _, step := range h.steps {
			for _, action := range machine.Step(nil, step.event) {
				kinds[action.Kind], reasons[action.Why], refusals[action.Refusal] = true, true, true
			}
		}
	}
	for kind := range core.ValuesFrom(core.ActionTransition) {
		require.True(t, kinds[kind], kind.String())
	}
	var missing []string
	for reason := range core.ValuesFrom(core.ReasonAdded) {
		if !reasons[reason] {
			missing = append(missing, reason.String())
		}
	}
	for refusal := range core.ValuesFrom(core.RefusalUnknownEvent) {
		if !refusals[refusal] {
			missing = append(missing, refusal.String())
		}
	}
	require.Empty(t, missing)
}

func ExampleReader() {
	data := join(plain(usual()), start(), add(0), on(0, whatError, later(5)), on(0, whatTick, whenDeadline))
	reader := NewReader(data)
	machine, err := core.New(reader.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, limits := range reader.Limits() {
		if _, err := machine.DefineLimits(limits); err != nil {
			fmt.Println(err)
			return
		}
	}
	for reader.More() {
		event := reader.Event(machine)
		fmt.Println(event.At, event.Kind, len(machine.Step(nil, event)))
	}
	// Output:
	// 0s start 0
	// 0s add 2
	// 5ns exit 1
	// 7ns tick 1
}

// A World is what events are decoded for: the same bytes are another event after something has happened.
func ExampleWorld() {
	machine, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var world World = machine
	kill := on(0, whatKill, whenNow)
	fmt.Println(NewReader(kill).Event(world).Task)
	machine.Step(nil, core.Event{Kind: core.EventAdd})
	machine.Step(nil, core.Event{Kind: core.EventAdd})
	fmt.Println(NewReader(kill).Event(world).Task, NewReader(on(1, whatKill, whenNow)).Event(world).Task)
	// Output:
	// #0
	// #1 #2
}
