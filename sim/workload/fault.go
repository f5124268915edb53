package workload

import (
	"iter"
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Fault is something that goes wrong between the supervisor and the world, or an unlucky coincidence.
//
// Which fields a fault uses depends on its kind. A fault that is injected at occasions, such as the end of a run, uses
// Share; one that has times of its own uses At and Every.
type Fault struct {
	// Kind is what goes wrong.
	Kind FaultKind

	// Share is the share of its occasions at which it is injected. Zero is none.
	Share core.Fraction

	// At is when it is injected first, and Every how long after that again. Zero is once.
	At    core.Duration
	Every Length

	// By is by how much: how late, how far, how long.
	By Length
}

// FaultKind is what can go wrong.
type FaultKind uint8

const (
	// LateTick: a wake-up comes By late. Uses Share and By.
	LateTick FaultKind = iota

	// ExtraTick: there is a wake-up that was not asked for. Uses At and Every.
	ExtraTick

	// LateExit: the end of a run is reported By late. Uses Share and By.
	LateExit

	// DoubleExit: the end of a run is reported once more, By later. Uses Share and By.
	DoubleExit

	// LostSignal: what a run reports while it is alive does not arrive: that it is ready, a beat, or the answer to a
	// probe. Uses Share.
	LostSignal

	// LateSignal: what a run reports while it is alive arrives By late. Uses Share and By.
	LateSignal

	// DoubleSignal: what a run reports while it is alive arrives once more, By later. Of one that is ready, half of that
	// earlier that it is not: it is ready again then. Uses Share and By.
	DoubleSignal

	// ShuffledTies: what happens at the same instant is reported in any order. Always on.
	ShuffledTies

	// ForwardJump: the clock jumps ahead by By. Uses At, Every and By.
	ForwardJump

	// BackwardJump: the clock jumps back by By. Uses At, Every and By.
	BackwardJump

	// Stall: nothing gets through to the supervisor for By; then everything does at once. Uses At, Every and By.
	Stall

	// Crash: the supervisor's process dies, with all runs in it. By later it is back with the state it had, and
	// finds that every run has ended with an error. Uses At, Every and By.
	Crash

	// Move: the supervisor goes on from a snapshot of itself, in another process for all it knows; its runs
	// notice nothing. Uses At and Every.
	Move

	// StaleEvent: a command or an exit names a task or a run that is over or never was. Uses At and Every.
	StaleEvent

	// FlapStorm: for By, the runs of a share of the tasks fail within a millisecond of their start. Uses Share, At,
	// Every and By.
	FlapStorm

	// ExactExit: a run ends within one nanosecond of an instant that matters: its stop deadline, the instant it
	// becomes stable, or the next timer of any task. Uses Share.
	ExactExit

	// ExactSignal: what a run reports while it is alive arrives within one nanosecond of the instant at which it would be
	// too late. Uses Share.
	ExactSignal

	// StopInBackoff: a task is killed, removed, restarted or suspended while it waits for its restart, sometimes within
	// one nanosecond of that. Uses Share.
	StopInBackoff

	// LateStop: a run that was asked to stop ends By after its stop timeout. Uses Share and By.
	LateStop

	// ThunderingRestart: every live run fails at the same instant. Uses At and Every.
	ThunderingRestart

	// FaultKindCount is how many kinds there are.
	FaultKindCount // keep it last
)

// faultNames are part of the text format of workloads.
var faultNames = [FaultKindCount]string{
	LateTick:          "late-tick",
	ExtraTick:         "extra-tick",
	LateExit:          "late-exit",
	DoubleExit:        "double-exit",
	LostSignal:        "lost-signal",
	LateSignal:        "late-signal",
	DoubleSignal:      "double-signal",
	ShuffledTies:      "shuffled-ties",
	ForwardJump:       "forward-jump",
	BackwardJump:      "backward-jump",
	Stall:             "stall",
	Crash:             "crash",
	Move:              "move",
	StaleEvent:        "stale-event",
	FlapStorm:         "flap-storm",
	ExactExit:         "exact-exit",
	ExactSignal:       "exact-signal",
	StopInBackoff:     "stop-in-backoff",
	LateStop:          "late-stop",
	ThunderingRestart: "thundering-restart",
}

// String returns the kind's word, such as "late-tick".
func (k FaultKind) String() string {
	if k < FaultKindCount {
		return faultNames[k]
	}
	return outOfRange("FaultKind", uint8(k))
}

// FaultKinds iterates over all kinds of faults.
func FaultKinds() iter.Seq[FaultKind] {
	return func(yield func(FaultKind) bool) {
		for kind := range FaultKindCount {
			if !yield(kind) {
				return
			}
		}
	}
}

// Recurs reports whether the fault has times of its own (At, Every), instead of occasions (Share).
func (k FaultKind) Recurs() bool {
	switch k {
	case ExtraTick, ForwardJump, BackwardJump, Stall, Crash, Move, StaleEvent, FlapStorm, ThunderingRestart:
		return true
	case LateTick, LateExit, DoubleExit, LostSignal, LateSignal, DoubleSignal, ShuffledTies, ExactExit, ExactSignal,
		StopInBackoff, LateStop, FaultKindCount:
	}
	return false
}

func outOfRange(enum string, value uint8) string {
	return enum + "(" + strconv.Itoa(int(value)) + ")"
}
