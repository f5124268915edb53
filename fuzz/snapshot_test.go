package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// UnmarshalBinary refuses what is no snapshot, and leaves the machine alone. What it accepts is a machine in order: it
// passes Check, makes the same snapshot, and runs.
func FuzzSnapshot(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var accepted []byte
		var err error
		defer report(t, &err, func() string { return fmt.Sprintf("snapshot %q", accepted) })
		if _, err = restore(data); err != nil {
			return
		}
		// Hardly any change of the bytes has the right digest, which would hide all that is behind that check.
		accepted = forge(data)
		machine, err := restore(accepted)
		if err == nil && machine != nil {
			err = runRestored(machine, accepted, data)
		}
	})
}

// restore returns the machine, or nil if the data were refused as they should.
func restore(data []byte) (*core.Machine, error) {
	machine, err := core.New(core.Config{Seed: 5})
	if err != nil {
		return nil, err
	}
	before := machine.Digest()
	err = machine.UnmarshalBinary(data)
	switch {
	case err == nil:
		return machine, nil
	case !errors.Is(err, core.ErrSnapshot):
		return nil, fmt.Errorf("the error is none about a snapshot: %w", err)
	case machine.Digest() != before:
		return nil, fmt.Errorf("the machine has changed, though the snapshot was refused: %w", err)
	}
	return nil, nil
}

// runRestored has the machine take events, decoded from the same data backwards.
func runRestored(machine *core.Machine, snapshot, data []byte) error {
	if err := machine.Check(); err != nil {
		return err
	}
	again, err := machine.MarshalBinary()
	if err != nil {
		return err
	}
	if !bytes.Equal(again, snapshot) {
		return errors.New("its snapshot is not the one it was restored from")
	}
	backwards := make([]byte, len(data))
	for i, b := range data {
		backwards[len(data)-1-i] = b
	}
	reader := NewReader(backwards)
	var actions []core.Action
	for i := 0; i < stepsMax && reader.More(); i++ {
		event := reader.Event(machine)
		actions = machine.Step(actions[:0], event)
		if err := machine.Check(); err != nil {
			return fmt.Errorf("after event %d, %+v: %w", i, event, err)
		}
	}
	return nil
}

const (
	snapshotHead = 4 // the magic bytes
	snapshotTail = 8 // the digest
)

// forge returns the data with the digest at their end made right. The digest is the hash of all integers between head
// and tail.
func forge(data []byte) []byte {
	if len(data) < snapshotHead+snapshotTail {
		return data
	}
	forged := bytes.Clone(data)
	var digest, number uint64
	shift := 0
	for _, b := range forged[snapshotHead : len(forged)-snapshotTail] {
		number |= uint64(b&0x7f) << shift
		if shift += 7; b < 0x80 {
			digest = mix((digest ^ number) + 0x9e3779b97f4a7c15)
			number, shift = 0, 0
		}
	}
	for i := range snapshotTail {
		forged[len(forged)-snapshotTail+i] = byte(digest >> (8 * i))
	}
	return forged
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Without a digest of its own that is right, FuzzSnapshot would test next to nothing.
func TestForgeMakesDigestsRight(t *testing.T) {
	machine, err := core.New(core.Config{})
	require.NoError(t, err)
	machine.Step(nil, core.Event{Kind: core.EventStart, At: 1 << 40})
	machine.Step(nil, core.Event{Kind: core.EventAdd, At: 1 << 41})
	snapshot, err := machine.MarshalBinary()
	require.NoError(t, err)

	damaged := bytes.Clone(snapshot)
	clear(damaged[len(damaged)-snapshotTail:])
	require.ErrorIs(t, new(core.Machine).UnmarshalBinary(damaged), core.ErrSnapshot)
	require.Equal(t, snapshot, forge(damaged))
}
