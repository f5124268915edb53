package workload

import (
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
)

// Length says how long something takes: always the same, or a draw. Make one with [Constant], [Uniform],
// [Exponential], [Weibull] or [Endless]. Each use documents what the zero Length means.
//
// Draws are computed in integers, so that they are the same on every machine.
type Length struct {
	kind  lengthKind
	least core.Duration // constant: the length; uniform: the shortest; exponential: the mean; Weibull: the scale
	most  core.Duration // uniform: the longest
	shape core.Fraction // Weibull
}

type lengthKind uint8

const (
	lengthUnset lengthKind = iota
	lengthConstant
	lengthUniform
	lengthExponential
	lengthWeibull
	lengthEndless
)

// Constant returns the length that is always d.
func Constant(d core.Duration) Length { return Length{kind: lengthConstant, least: d} }

// Uniform returns a length between least and most, both included, each as likely as any other.
func Uniform(least, most core.Duration) Length {
	return Length{kind: lengthUniform, least: least, most: most}
}

// Exponential returns a length that is mean on average and has no memory: what has lasted a while is no likelier to end
// soon. Failures with an external cause are like that.
func Exponential(mean core.Duration) Length { return Length{kind: lengthExponential, least: mean} }

// Weibull returns a length of which 63% are shorter than scale. With a shape below 1 many end early and some last very
// long (infant mortality); with 1 it is exponential; above 1 they wear out at about the same age. The shape must be
// between 1/10 and 10.
func Weibull(scale core.Duration, shape core.Fraction) Length {
	return Length{kind: lengthWeibull, least: scale, shape: shape}
}

// Endless returns the length that never ends.
func Endless() Length { return Length{kind: lengthEndless} }

// IsSet reports whether the length is not the zero Length.
func (l Length) IsSet() bool { return l.kind != lengthUnset }

// problem returns what is wrong with the length, or "".
func (l Length) problem() string {
	switch {
	case l.least < 0 || l.most < 0:
		return "is negative"
	case l.kind == lengthUniform && l.most < l.least:
		return "ends before it begins"
	case l.kind == lengthWeibull && !shapeFits(l.shape):
		return "has a shape that is not between 1/10 and 10"
	}
	return ""
}

func shapeFits(shape core.Fraction) bool {
	num, den := uint64(shape.Num), uint64(shape.Den)
	return den > 0 && num <= 10*den && 10*num >= den
}

// Draw returns one length. The zero Length takes no time.
func (l Length) Draw(r *Random) core.Duration {
	switch l.kind {
	case lengthUnset:
		return 0
	case lengthConstant:
		return l.least
	case lengthUniform:
		return l.least + core.Duration(r.Below(uint64(l.most-l.least)+1))
	case lengthExponential:
		return draw.Exponential(l.least, r.Uint64())
	case lengthWeibull:
		return draw.Weibull(l.least, l.shape, r.Uint64())
	case lengthEndless:
	}
	return core.Forever
}

// String returns the length as a description writes it: 5s, endless, uniform(1s,3s), exponential(5s) or
// weibull(5s,3/2). The zero Length is the empty string.
func (l Length) String() string {
	switch l.kind {
	case lengthUnset:
		return ""
	case lengthConstant:
		return durationText(l.least)
	case lengthUniform:
		return "uniform(" + durationText(l.least) + "," + durationText(l.most) + ")"
	case lengthExponential:
		return "exponential(" + durationText(l.least) + ")"
	case lengthWeibull:
		return "weibull(" + durationText(l.least) + "," + l.shape.String() + ")"
	case lengthEndless:
	}
	return "endless"
}

// parseLength reads 5s, endless, uniform(1s,3s), exponential(5s) and weibull(5s,3/2).
func parseLength(w word) (Length, error) {
	open := strings.IndexByte(w.text, '(')
	if open < 0 {
		if w.text == "endless" {
			return Endless(), nil
		}
		d, err := parseDuration(w)
		return Constant(d), err
	}
	if !strings.HasSuffix(w.text, ")") {
		return Length{}, w.fail("the closing parenthesis is missing")
	}
	inner := word{w.text[open+1 : len(w.text)-1], w.line, w.column + open + 1}
	first, second := inner, word{}
	comma := strings.IndexByte(inner.text, ',')
	if comma >= 0 {
		first, second = word{inner.text[:comma], w.line, inner.column}, inner.part(comma+1)
	}
	d, err := parseDuration(first)
	if err != nil {
		return Length{}, err
	}
	switch kind := w.text[:open]; {
	case kind == "exponential" && comma < 0:
		return Exponential(d), nil
	case kind == "uniform" && comma >= 0:
		most, err := parseDuration(second)
		return Uniform(d, most), err
	case kind == "weibull" && comma >= 0:
		shape, err := parseFraction(second)
		return Weibull(d, shape), err
	}
	return Length{}, w.fail("not a length: 5s, endless, uniform(1s,3s), exponential(5s) or weibull(5s,3/2)")
}
