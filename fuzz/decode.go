package fuzz

import (
	"encoding/binary"
	"iter"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Reader decodes bytes into configurations and events. Beyond the end it reads zeros.
type Reader struct {
	data []byte
	any  bool // fields of a configuration may have invalid values
}

// NewReader returns a reader of data, which it does not change.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// More reports whether there is anything left to read.
func (r *Reader) More() bool { return len(r.data) > 0 }

// World is what a reader must know about a machine to decode an event for it. A [*core.Machine] is one.
type World interface {
	Now() core.Instant
	NextDeadline() (at core.Instant, ok bool)
	Tasks() iter.Seq[core.TaskStatus]
}

// enum returns one of n values, or any value at all.
func (r *Reader) enum(value byte, n byte) byte {
	if r.any {
		return value
	}
	return value % n
}

// duration decodes nanoseconds up to 127, seconds up to 63, powers of two, and Forever in one byte, and any other
// duration in nine.
func (r *Reader) duration() core.Duration {
	b := r.byte()
	switch {
	case b < 128:
		return core.Duration(b)
	case b < 192:
		return core.Duration(b-128) * 1_000_000_000
	case b < 224:
		return core.Duration(1) << (b - 192 + 31)
	case b < 232:
		return core.Forever
	case b < 240:
		return core.Forever - core.Duration(b-231)
	case r.any:
		return core.Duration(r.uint64())
	}
	return core.Duration(r.uint64() >> 1)
}

// fraction decodes no fraction, or one of small numbers in one byte, and any fraction in nine.
func (r *Reader) fraction() core.Fraction {
	b := r.byte()
	f := core.Fraction{Num: uint32(b & 15), Den: uint32(b>>4) + 1}
	switch b {
	case 0:
		return core.Fraction{}
	case 255:
		f = core.Fraction{Num: uint32(r.uint64()), Den: uint32(r.uint64())}
	}
	if !r.any {
		f.Den = max(f.Den, 1)
		f.Num = min(f.Num, f.Den)
	}
	return f
}

// rate decodes no rate in one byte, and another in two and more.
func (r *Reader) rate() core.Rate {
	b := r.byte()
	if b == 0 {
		return core.Rate{}
	}
	rate := core.Rate{Count: uint32(b & 7), Per: r.duration()}
	if r.any {
		rate.Count = r.uint32()
	} else {
		rate.Per = max(rate.Per, 1)
	}
	return rate
}

// uint32 decodes numbers up to 239 and the largest ones in one byte, and any other in five.
func (r *Reader) uint32() uint32 {
	switch b := r.byte(); {
	case b < 240:
		return uint32(b)
	case b < 248:
		return ^uint32(0) - uint32(b-240)
	}
	var raw [4]byte
	for i := range raw {
		raw[i] = r.byte()
	}
	return binary.LittleEndian.Uint32(raw[:])
}

func (r *Reader) uint64() uint64 {
	var raw [8]byte
	for i := range raw {
		raw[i] = r.byte()
	}
	return binary.LittleEndian.Uint64(raw[:])
}

func (r *Reader) byte() byte {
	if len(r.data) == 0 {
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}
