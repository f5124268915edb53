package core_test

import (
	"bytes"
	"encoding"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

var (
	_ encoding.BinaryAppender    = (*core.Machine)(nil)
	_ encoding.BinaryMarshaler   = (*core.Machine)(nil)
	_ encoding.BinaryUnmarshaler = (*core.Machine)(nil)
)

// snapshots returns the snapshots of some histories, taken in the middle of them.
func snapshots(t *testing.T, number uint64) [][]byte {
	t.Helper()
	var all [][]byte
	for seed := range number {
		random := rand.New(rand.NewPCG(seed, 1))
		h := &history{config: randomConfig(random), limits: []core.Limits{randomLimits(random)}}
		h.happen(t, random)
		machine := h.machine(t)
		for _, event := range h.events[:20+seed%steps] {
			machine.Step(nil, event)
		}
		snapshot, err := machine.MarshalBinary()
		require.NoError(t, err)
		all = append(all, snapshot)
	}
	return all
}

// Each field of a configuration, a policy and limits is in the snapshot, and so in the digest.
func TestEverySettingSurvivesASnapshot(t *testing.T) {
	digests := map[uint64]bool{}
	survives := func(config core.Config, limits core.Limits) {
		machine := newMachine(t, config)
		_, err := machine.DefineLimits(limits)
		require.NoError(t, err)
		snapshot, err := machine.MarshalBinary()
		require.NoError(t, err)
		restored := new(core.Machine)
		require.NoError(t, restored.UnmarshalBinary(snapshot))
		require.Equal(t, machine.Config(), restored.Config())
		known, ok := restored.Limits(1)
		require.True(t, ok)
		require.Equal(t, limits, known)
		require.False(t, digests[machine.Digest()], "the digest does not tell %+v from another", config)
		digests[machine.Digest()] = true
	}
	usual := core.Limits{ShutdownTimeout: 77}
	survives(core.Config{}, usual)
	for name, config := range eachFieldChanged(t, core.Config{Policies: []core.Policy{core.DefaultPolicy()}}) {
		if name != "Policies" && name != "Limits" {
			survives(config, usual)
		}
	}
	for _, limits := range eachFieldChanged(t, usual) {
		survives(core.Config{}, limits)
		survives(core.Config{Limits: limits}, usual)
	}
	for _, policy := range eachFieldChanged(t, core.DefaultPolicy()) {
		if policy.Probe != (core.Probe{}) {
			policy.Probe = core.Probe{Interval: 3, Timeout: 4, Failures: 5}
		}
		survives(core.Config{Policies: []core.Policy{policy}}, usual)
	}
	settings := reflect.TypeFor[core.Config]().NumField() - 2 + 2*reflect.TypeFor[core.Limits]().NumField() +
		reflect.TypeFor[core.Policy]().NumField()
	require.Equal(t, 1+settings, len(digests), "how many digests there are")
}

// eachFieldChanged returns copies of a struct, each with one field changed a little, by the name of the field. What it does
// to numbers is valid for all there are; a changed struct gets ones.
func eachFieldChanged[S any](t *testing.T, of S) map[string]S {
	t.Helper()
	changed := map[string]S{}
	for i := range reflect.TypeFor[S]().NumField() {
		copied := of
		field := reflect.ValueOf(&copied).Elem().Field(i)
		change(t, field)
		changed[reflect.TypeFor[S]().Field(i).Name] = copied
	}
	return changed
}

func change(t *testing.T, field reflect.Value) {
	t.Helper()
	switch field.Kind() {
	case reflect.Bool:
		field.SetBool(!field.Bool())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		field.SetUint(field.Uint() + 1)
	case reflect.Int64:
		if field.Int() == int64(core.Forever) {
			field.SetInt(0)
			return
		}
		field.SetInt(field.Int() + 1)
	case reflect.Struct:
		for i := range field.NumField() {
			change(t, field.Field(i))
		}
	case reflect.Slice:
	default:
		t.Fatalf("a field of kind %v", field.Kind())
	}
}

// refused requires that the machine refuses the bytes and stays as it was.
func refused(t *testing.T, machine *core.Machine, data []byte) {
	t.Helper()
	digest := machine.Digest()
	err := machine.UnmarshalBinary(data)
	require.ErrorIs(t, err, core.ErrSnapshot)
	var invalid *core.SnapshotError
	require.ErrorAs(t, err, &invalid)
	require.NotEmpty(t, invalid.Problem)
	require.Equal(t, digest, machine.Digest())
}

func TestSnapshotsRoundTrip(t *testing.T) {
	prefix := []byte("before")
	for _, snapshot := range snapshots(t, 50) {
		machine := new(core.Machine)
		require.NoError(t, machine.UnmarshalBinary(snapshot))
		require.NoError(t, machine.Check())
		again, err := machine.AppendBinary(bytes.Clone(prefix))
		require.NoError(t, err)
		require.Equal(t, append(bytes.Clone(prefix), snapshot...), again)
	}
}

// The machine does not keep the bytes, and takes the place of whatever it was before.
func TestUnmarshalReplacesAll(t *testing.T) {
	all := snapshots(t, 8)
	machine := new(core.Machine)
	for _, snapshot := range all {
		data := bytes.Clone(snapshot)
		require.NoError(t, machine.UnmarshalBinary(data))
		clear(data)
		again, err := machine.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, snapshot, again)
	}
}

func TestTruncatedSnapshotsAreRefused(t *testing.T) {
	machine := newMachine(t, core.Config{})
	for _, snapshot := range snapshots(t, 10) {
		for end := range len(snapshot) {
			refused(t, machine, snapshot[:end])
		}
		refused(t, machine, append(bytes.Clone(snapshot), 0))
	}
}

func TestFlippedSnapshotsAreRefused(t *testing.T) {
	machine := newMachine(t, core.Config{})
	for _, snapshot := range snapshots(t, 10) {
		for i := range snapshot {
			for bit := range 8 {
				snapshot[i] ^= 1 << bit
				refused(t, machine, snapshot)
				snapshot[i] ^= 1 << bit
			}
		}
	}
}

func TestForeignBytesAreRefused(t *testing.T) {
	machine := newMachine(t, core.Config{})
	refused(t, machine, nil)
	refused(t, machine, []byte("scenario 1\nat 0s start\n"))
	refused(t, machine, make([]byte, 1000))
	refused(t, machine, bytes.Repeat([]byte{0xff}, 1000))
	refused(t, machine, append([]byte("tsv\x02"), bytes.Repeat([]byte{0xff}, 1000)...))
	refused(t, machine, append([]byte("tsv\x02"), bytes.Repeat([]byte{0x7f}, 1000)...))
	refused(t, machine, append([]byte("tsv\x02"), make([]byte, 1000)...))
	random := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		data := append([]byte("tsv\x02"), make([]byte, random.IntN(300))...)
		for i := 4; i < len(data); i++ {
			data[i] = byte(random.Uint32() >> random.IntN(8))
		}
		refused(t, machine, data)
	}
}

func TestUnknownVersionIsRefused(t *testing.T) {
	snapshot := snapshots(t, 1)[0]
	snapshot[3]++
	err := new(core.Machine).UnmarshalBinary(snapshot)
	require.EqualError(t, err, "invalid snapshot: its version is unknown")
}

// D7: a copy and its original do not see each other's steps.
func TestCopyIsIndependent(t *testing.T) {
	copied := new(core.Machine)
	eachHistory(t, nil, func(t *testing.T, random *rand.Rand, h *history) {
		machine := h.machine(t)
		cut := random.IntN(steps)
		for _, event := range h.events[:cut] {
			machine.Step(nil, event)
		}
		copied.CopyFrom(machine)
		digest := machine.Digest()
		_, err := copied.Define(policyWith(func(p *core.Policy) { p.BaseDelay = 12345 }))
		require.NoError(t, err)
		for _, event := range h.events[cut:] {
			copied.Step(nil, event)
		}
		require.Equal(t, digest, machine.Digest())
		require.NoError(t, machine.Check())

		digest = copied.Digest()
		for _, event := range h.events[cut:] {
			machine.Step(nil, event)
		}
		require.Equal(t, digest, copied.Digest())
		require.NoError(t, copied.Check())
	})
}

// What is defined after a copy was made is known to the one that was told alone, however much room the lists have.
func TestDefinitionsOfACopyAreItsOwn(t *testing.T) {
	policy := func(delay core.Duration) core.Policy {
		return policyWith(func(p *core.Policy) { p.BaseDelay = delay })
	}
	limits := func(timeout core.Duration) core.Limits { return core.Limits{ShutdownTimeout: timeout} }
	machine, copied := empty(t), new(core.Machine)
	for i := range core.Duration(9) {
		copied.CopyFrom(machine)
		id, err := machine.Define(policy(2*i + 1))
		require.NoError(t, err)
		limitsID, err := machine.DefineLimits(limits(2*i + 1))
		require.NoError(t, err)
		_, err = copied.Define(policy(2*i + 2))
		require.NoError(t, err)
		_, err = copied.DefineLimits(limits(2*i + 2))
		require.NoError(t, err)

		again, err := machine.Define(policy(2*i + 1))
		require.NoError(t, err)
		require.Equal(t, id, again)
		limitsAgain, err := machine.DefineLimits(limits(2*i + 1))
		require.NoError(t, err)
		require.Equal(t, limitsID, limitsAgain)
		copied = new(core.Machine) // with no memory of its own
	}
}

func TestSnapshotsOfTheLargestRates(t *testing.T) {
	rate := core.Rate{Count: 1 << 16, Per: 1}
	machine, err := core.New(core.Config{Limits: core.Limits{Intensity: rate, RestartRate: rate}})
	require.NoError(t, err)
	snapshot, err := machine.AppendBinary(nil)
	require.NoError(t, err)
	require.NoError(t, new(core.Machine).UnmarshalBinary(snapshot))
}

func TestCopyFromItself(t *testing.T) {
	h := &history{config: core.Config{Policies: []core.Policy{core.DefaultPolicy()}}}
	h.happen(t, rand.New(rand.NewPCG(1, 1)))
	digest := h.final.Digest()
	h.final.CopyFrom(h.final)
	require.Equal(t, digest, h.final.Digest())
	require.NoError(t, h.final.Check())
}

// The shortest that begins and ends like a snapshot has nothing in between, and is refused for that.
func TestShortSnapshotsAreRefusedForWhatIsMissing(t *testing.T) {
	whole, err := empty(t).AppendBinary(nil)
	require.NoError(t, err)
	const magic, digest = 4, 8
	shortest := append(whole[:magic:magic], make([]byte, digest)...)
	for length, problem := range map[int]string{magic + digest - 1: "too short", magic + digest: "cut off"} {
		err := new(core.Machine).UnmarshalBinary(shortest[:length])
		require.ErrorIs(t, err, core.ErrSnapshot)
		require.ErrorContains(t, err, problem)
	}
}

func empty(t *testing.T) *core.Machine {
	m, err := core.New(core.Config{})
	require.NoError(t, err)
	return m
}

// A state has one snapshot: an integer written longer than it need be is refused, though the digest, which is over the
// integers, still fits.
func TestSnapshotsWithLongIntegersAreRefused(t *testing.T) {
	whole, err := empty(t).AppendBinary(nil)
	require.NoError(t, err)
	const magic = 4
	require.Zero(t, whole[magic], "the seed is 0, in one byte")
	require.NoError(t, new(core.Machine).UnmarshalBinary(whole))

	long := append(append(bytes.Clone(whole[:magic]), 0x80, 0), whole[magic+1:]...)
	require.ErrorIs(t, new(core.Machine).UnmarshalBinary(long), core.ErrSnapshot)
}
