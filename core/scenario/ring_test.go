package scenario_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// driven is a machine with a track.
type driven struct {
	mu      sync.Mutex
	machine *core.Machine
	track   *scenario.Track
	actions []core.Action
}

func drive(r *scenario.Ring, of string, m *core.Machine) *driven {
	d := &driven{machine: m}
	d.track = r.NewTrack(scenario.Head{Of: of, Run: 1}, m, func(look func()) {
		d.mu.Lock()
		defer d.mu.Unlock()
		look()
	})
	return d
}

func (d *driven) step(name string, ev core.Event) []core.Action {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.track.Event(name, &ev)
	d.actions = d.machine.Step(d.actions[:0], ev)
	if ev.Kind == core.EventAdd && d.actions[0].Kind == core.ActionAdd {
		d.track.Name(name, d.actions[0].Task)
	}
	return d.actions
}

// crash has a task fail and be started again.
func (d *driven) crash(id core.TaskID) {
	status, _ := d.machine.Status(id)
	now := d.machine.Now()
	d.step("", core.Event{At: now, Kind: core.EventExit, Task: id, Run: status.Run, Exit: core.ExitError})
	if at, ok := d.machine.NextDeadline(); ok {
		d.step("", core.Event{At: at, Kind: core.EventTick})
	}
}

// fleet returns a machine that runs some tasks, which are restarted after a second.
func fleet(t testing.TB, r *scenario.Ring, of string, tasks int) (d *driven, ids []core.TaskID) {
	t.Helper()
	policy := core.DefaultPolicy()
	policy.BaseDelay, policy.Factor, policy.MaxAttempts = 1e9, 1, core.Unlimited
	m, err := core.New(core.Config{Policies: []core.Policy{policy}})
	require.NoError(t, err)
	d = drive(r, of, m)
	for i := range tasks {
		ids = append(ids, d.step(fmt.Sprint("task ", i), core.Event{Kind: core.EventAdd})[0].Task)
	}
	d.step("", core.Event{Kind: core.EventStart})
	return d, ids
}

// written returns what a ring writes, played.
func written(t testing.TB, r *scenario.Ring) (parts []*scenario.Scenario) {
	t.Helper()
	var text bytes.Buffer
	n, err := r.WriteTo(&text)
	require.NoError(t, err)
	require.EqualValues(t, text.Len(), n)
	if text.Len() == 0 {
		return nil
	}
	file, err := scenario.ParseAll(text.Bytes())
	require.NoError(t, err)
	for _, part := range file.Scenarios {
		_, err := part.Play()
		require.NoError(t, err)
		require.IsType(t, &scenario.Expect{}, part.Statements[len(part.Statements)-1])
	}
	return file.Scenarios
}

// Wherever in a life a ring begins to keep it, what it writes is the rest of that life, to the same state.
func TestARingWritesTheRestOfALife(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		whole, err := scenario.Parse(text)
		require.NoError(t, err)
		for from := range len(whole.Statements) {
			player, err := scenario.NewPlayer(whole)
			require.NoError(t, err)
			var track *scenario.Track
			ring, machine := scenario.NewRing(scenario.RingLimits{}), new(core.Machine)
			machine.CopyFrom(player.Machine())
			events, actions := 0, []core.Action(nil)
			for i := 0; player.Next(); i++ {
				if i == from {
					track = ring.NewTrack(scenario.Head{}, machine, func(look func()) { look() })
				}
				switch s := player.Statement().(type) {
				case *scenario.Event:
					ev := player.Event()
					if track != nil {
						events++
						track.Event("", &ev)
					}
					actions = machine.Step(actions[:0], ev)
				case *scenario.Define:
					id, err := machine.Define(s.Policy.Policy)
					require.NoError(t, err)
					if track != nil {
						track.Define(id, &s.Policy.Policy)
					}
				case *scenario.DefineLimits:
					id, err := machine.DefineLimits(s.Limits)
					require.NoError(t, err)
					if track != nil {
						track.DefineLimits(id, &s.Limits)
					}
				case *scenario.Bind, *scenario.Expect:
				}
			}
			parts := written(t, ring)
			require.Len(t, parts, 1)
			got := 0
			for _, s := range parts[0].Statements {
				if _, is := s.(*scenario.Event); is {
					got++
				}
			}
			require.Equal(t, events, got, "%s from %d", file, from)
		}
	}
}

// A ring takes the memory it may, whatever happens, and keeps the latest.
func TestARingIsBounded(t *testing.T) {
	const most = 256 << 10
	ring := scenario.NewRing(scenario.RingLimits{MaxBytes: most})
	d, ids := fleet(t, ring, "busy", 20)
	idle, _ := fleet(t, ring, "idle", 3)
	for i := range 100_000 {
		d.crash(ids[i%len(ids)])
		if i%10_000 == 0 {
			require.LessOrEqual(t, ring.Size(), most)
		}
	}
	parts := written(t, ring)
	require.Len(t, parts, 2)
	for _, part := range parts {
		if part.Head.Of == "idle" {
			require.Empty(t, part.Snapshot, "it is all there")
			continue
		}
		require.NotEmpty(t, part.Snapshot)
		require.Greater(t, len(part.Statements), 10_000, "that is what 256 KiB have room for")
		require.Contains(t, part.String(), `task "task 19" @`)
		player, err := scenario.NewPlayer(part)
		require.NoError(t, err)
		for player.Next() {
		}
		require.Equal(t, d.machine.Digest(), player.Machine().Digest())
	}
	require.Equal(t, core.PhaseRunning, idle.machine.Phase())
}

// Machines that have ended are kept while there is room, and leave nothing behind when there is none.
func TestARingForgetsWhatHasEnded(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{MaxBytes: 128 << 10})
	lasts, _ := fleet(t, ring, "lasts", 1)
	for i := range 2000 {
		d, ids := fleet(t, ring, fmt.Sprint("life ", i), 2)
		d.crash(ids[0])
		d.track.End()
		d.track.End()
		d.crash(ids[1]) // which comes late
	}
	parts := written(t, ring)
	require.LessOrEqual(t, ring.Size(), 128<<10)
	require.Less(t, len(parts), 100)
	require.Equal(t, "lasts", parts[0].Head.Of)
	require.Equal(t, "life 1999", parts[len(parts)-1].Head.Of)
	lasts.track.End()
	for i := range 100 {
		d, _ := fleet(t, ring, "again", 2)
		require.NotNil(t, d, i)
		d.track.End()
	}
	for _, part := range written(t, ring) {
		require.Equal(t, "again", part.Head.Of)
	}
}

// What several machines are told is written in the order in which it came.
func TestARingWritesInOrder(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{})
	draws := rand.New(rand.NewPCG(1, 2))
	var all []*driven
	var ids [][]core.TaskID
	for i := range 4 {
		d, id := fleet(t, ring, fmt.Sprint("m", i), 3)
		all, ids = append(all, d), append(ids, id)
	}
	var order []string
	for range 3000 {
		i := draws.IntN(len(all))
		all[i].crash(ids[i][draws.IntN(3)])
		order = append(order, fmt.Sprint("m", i))
	}
	var text bytes.Buffer
	_, err := ring.WriteTo(&text)
	require.NoError(t, err)
	var got []string
	of := ""
	for line := range strings.Lines(text.String()) {
		if _, after, ok := strings.Cut(line, " of="); ok {
			of = after[:2]
		}
		if strings.Contains(line, " exit ") {
			got = append(got, of)
		}
	}
	require.Equal(t, order, got)
}

// Several machines may go on while the ring is written.
func TestARingIsWrittenWhileMachinesGoOn(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{MaxBytes: 64 << 10, MinAge: core.Duration(time.Minute)})
	var group sync.WaitGroup
	for i := range 3 {
		d, ids := fleet(t, ring, fmt.Sprint(i), 5)
		group.Go(func() {
			for j := range 3000 {
				d.crash(ids[j%len(ids)])
			}
			d.track.End()
		})
	}
	for range 10 {
		written(t, ring)
	}
	group.Wait()
	require.Len(t, written(t, ring), 3)
}

func TestWhatIsOldIsDropped(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{MinAge: core.Duration(time.Minute)})
	d, ids := fleet(t, ring, "", 1)
	for range 1000 {
		d.crash(ids[0])
	}
	instants := map[core.Instant]bool{}
	for _, s := range written(t, ring)[0].Statements {
		if e, ok := s.(*scenario.Event); ok {
			instants[e.At/1e9] = true
		}
	}
	require.GreaterOrEqual(t, len(instants), 60)
	require.LessOrEqual(t, len(instants), 91)
}

// The event at which a machine panics is written, and that of a machine that panics is asked for nothing else.
func TestARingOfAMachineThatPanics(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{})
	d, ids := fleet(t, ring, "bad", 1)
	d.track.Event("", &core.Event{At: 5, Kind: core.EventTick})
	d.track.Fail()
	*d.machine = core.Machine{} // whoever asks it would panic
	var text bytes.Buffer
	_, err := ring.WriteTo(&text)
	require.NoError(t, err)
	s, err := scenario.Parse(text.Bytes())
	require.NoError(t, err)
	_, err = s.Play()
	require.NoError(t, err)
	last := s.Statements[len(s.Statements)-1]
	require.IsType(t, &scenario.Event{}, last)
	require.Equal(t, core.EventTick, last.(*scenario.Event).Kind)
	require.NotZero(t, ids)
}

func TestAWriterThatFails(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{})
	fleet(t, ring, "", 1)
	full := errors.New("the disk is full")
	n, err := ring.WriteTo(failing{full})
	require.ErrorIs(t, err, full)
	require.Zero(t, n)
	require.NotEmpty(t, written(t, ring))
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// In the steady state, nothing is allocated for an event.
func TestARingDoesNotAllocate(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{MaxBytes: 128 << 10})
	d, ids := fleet(t, ring, "", 10)
	crash := func() {
		for _, id := range ids {
			d.crash(id)
		}
	}
	for range 5000 {
		crash()
	}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		for range 1000 { // through several chunks
			crash()
		}
	}))
}

// BenchmarkTrack is what it takes to keep an event, with the copies of the machine that are made now and then.
func BenchmarkTrack(b *testing.B) {
	ring := scenario.NewRing(scenario.RingLimits{MaxBytes: 256 << 10})
	d, ids := fleet(b, ring, "", 1000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		ev := core.Event{At: core.Instant(i * 600), Kind: core.EventExit, Task: ids[i%len(ids)], Run: 10_000, Exit: core.ExitError}
		d.track.Event("", &ev)
	}
}

// follow writes what has come to a text of its own.
func follow(t *testing.T, f *scenario.Follower, text *bytes.Buffer, to *scenario.Recording) *scenario.Recording {
	t.Helper()
	if to == nil {
		to = scenario.NewRecording(text)
	}
	require.NoError(t, f.WriteTo(to))
	return to
}

// Whenever a follower writes, and to whichever text, each of its texts stands alone, and all of them together are the whole.
func TestAFollowerWritesTheWhole(t *testing.T) {
	draws := rand.New(rand.NewPCG(3, 4))
	ring := scenario.NewRing(scenario.RingLimits{MaxBytes: 64 << 10})
	follower := ring.Follow()
	var texts []*bytes.Buffer
	var to *scenario.Recording
	rotate := func() {
		texts, to = append(texts, new(bytes.Buffer)), nil
	}
	rotate()
	var all []*driven
	var ids [][]core.TaskID
	lives, crashes := 0, map[string]int{}
	for step := range 3000 {
		switch draws.IntN(40) {
		case 0:
			if len(all) < 4 {
				d, id := fleet(t, ring, fmt.Sprint("m", lives), 3)
				all, ids, lives = append(all, d), append(ids, id), lives+1
			}
		case 1:
			if len(all) > 1 {
				all[0].track.End()
				all, ids = all[1:], ids[1:]
			}
		case 2:
			to = follow(t, follower, texts[len(texts)-1], to)
		case 3:
			if step%7 == 0 {
				rotate()
			}
		default:
			if len(all) > 0 {
				i := draws.IntN(len(all))
				all[i].crash(ids[i][draws.IntN(3)])
				crashes[fmt.Sprint("m", lives-len(all)+i)]++
			}
		}
	}
	follow(t, follower, texts[len(texts)-1], to)
	require.Greater(t, lives, 10)
	require.Greater(t, len(texts), 5)
	found := map[string]int{}
	for _, text := range texts {
		if text.Len() == 0 {
			continue
		}
		file, err := scenario.ParseAll(text.Bytes())
		require.NoError(t, err)
		for _, part := range file.Scenarios {
			_, err := part.Play()
			require.NoError(t, err)
			for _, s := range part.Statements {
				if e, ok := s.(*scenario.Event); ok && e.Kind == core.EventExit {
					found[part.Head.Of]++
					require.NotEmpty(t, e.Name, "names are said in every text")
				}
			}
		}
	}
	require.Equal(t, crashes, found)
}

// A follower that is too late goes on behind what it has missed.
func TestAFollowerThatIsTooLate(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{MaxBytes: 32 << 10})
	follower := ring.Follow()
	d, ids := fleet(t, ring, "busy", 2)
	var text bytes.Buffer
	to := follow(t, follower, &text, nil)
	for range 20_000 {
		d.crash(ids[0])
	}
	follow(t, follower, &text, to)
	file, err := scenario.ParseAll(text.Bytes())
	require.NoError(t, err)
	require.Len(t, file.Scenarios, 2)
	for _, part := range file.Scenarios {
		_, err := part.Play()
		require.NoError(t, err)
	}
	require.NotEmpty(t, file.Scenarios[1].Snapshot)
	require.Less(t, len(file.Scenarios[1].Statements), 10_000)
}

// A process can be killed anywhere in the writing of a snapshot.
func TestARecordingThatIsCutInItsSnapshot(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{})
	follower := ring.Follow()
	fleet(t, ring, "m", 10)
	follow(t, follower, new(bytes.Buffer), nil)
	var text bytes.Buffer
	follow(t, follower, &text, nil)
	whole, err := scenario.ParseAll(text.Bytes())
	require.NoError(t, err)
	require.Len(t, whole.Scenarios, 1)
	first := bytes.IndexByte(text.Bytes(), '\n') + 1
	end := bytes.Index(text.Bytes(), []byte("task "))
	require.Greater(t, bytes.Count(text.Bytes()[:end], []byte("\n")), 4)
	for at := first; at < end; at++ {
		file, err := scenario.ParseAll(text.Bytes()[:at])
		require.NoError(t, err, at)
		if line := text.Bytes()[:at]; bytes.HasSuffix(line, []byte(" part=1 of=m run=1\n")) {
			continue // it is one without a configuration
		}
		require.Empty(t, file.Scenarios, at)
		require.Len(t, file.Cuts, 1, at)
		require.Nil(t, file.Cuts[0].Scenario)
		require.Equal(t, 1+bytes.Count(text.Bytes()[:at-1], []byte("\n")), file.Cuts[0].Line, at)
	}
}
