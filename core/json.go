package core

import "strconv"

// MarshalJSON writes the policy as an object. Its keys are the names of the fields in lower case, such as "on_abandon"; those of
// durations end in "_seconds". What is Unlimited or [Forever] is left out, and so are jitter, a watchdog and probes where there
// are none. Zero is written.
func (p Policy) MarshalJSON() ([]byte, error) {
	var o object
	o.word("restart", p.Restart.String())
	o.duration("base_delay_seconds", p.BaseDelay)
	o.number("factor", uint64(p.Factor))
	o.number("max_exponent", uint64(p.MaxExponent))
	o.duration("max_delay_seconds", p.MaxDelay)
	o.fraction("jitter", p.Jitter)
	if p.MaxAttempts != Unlimited {
		o.number("max_attempts", uint64(p.MaxAttempts))
	}
	o.duration("stable_after_seconds", p.StableAfter)
	if p.MinUptime > 0 {
		o.duration("min_uptime_seconds", p.MinUptime)
	}
	o.duration("stop_timeout_seconds", p.StopTimeout)
	if p.HungStopTimeout > 0 {
		o.duration("hung_stop_timeout_seconds", p.HungStopTimeout)
	}
	o.word("on_abandon", p.OnAbandon.String())
	o.word("on_exhausted", p.OnExhausted.String())
	o.flag("readiness", p.Readiness)
	o.duration("start_timeout_seconds", p.StartTimeout)
	if p.Watchdog > 0 {
		o.duration("watchdog_seconds", p.Watchdog)
	}
	if p.Probe.Interval > 0 {
		o.object("probe", p.Probe.json())
	}
	o.word("on_miss", p.OnMiss.String())
	o.flag("significant", p.Significant)
	return o.bytes(), nil
}

// MarshalJSON writes the limits as an object, as that of [Policy]. The dead threshold is a number from 0 to 1. What is not
// limited is left out.
func (l Limits) MarshalJSON() ([]byte, error) {
	var o object
	o.fraction("dead_threshold", l.DeadThreshold)
	o.rate("intensity", l.Intensity)
	o.rate("restart_rate", l.RestartRate)
	o.word("auto_shutdown", l.AutoShutdown.String())
	if l.ShutdownTimeout > 0 {
		o.duration("shutdown_timeout_seconds", l.ShutdownTimeout)
	}
	return o.bytes(), nil
}

// MarshalJSON writes the probe as an object, as that of [Policy].
func (p Probe) MarshalJSON() ([]byte, error) {
	o := p.json()
	return o.bytes(), nil
}

func (p *Probe) json() (o object) {
	o.duration("interval_seconds", p.Interval)
	o.duration("timeout_seconds", p.Timeout)
	o.number("failures", uint64(p.Failures))
	return o
}

// MarshalJSON writes the rate as an object with a "count", and "per_seconds", which is left out if that is [Forever].
func (r Rate) MarshalJSON() ([]byte, error) {
	o := r.json()
	return o.bytes(), nil
}

func (r Rate) json() (o object) {
	o.number("count", uint64(r.Count))
	o.duration("per_seconds", r.Per)
	return o
}

// MarshalJSON writes the fraction as a number, rounded down to nine decimals.
func (f Fraction) MarshalJSON() ([]byte, error) { return f.appendJSON(nil), nil }

func (f Fraction) appendJSON(dst []byte) []byte {
	if f.Den == 0 {
		return append(dst, '0')
	}
	return appendBillionths(dst, uint64(f.Num)*billion/uint64(f.Den))
}

const billion = 1_000_000_000

// appendBillionths appends a number of billionths as a decimal fraction.
func appendBillionths(dst []byte, n uint64) []byte {
	dst = strconv.AppendUint(dst, n/billion, 10)
	if n %= billion; n == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := uint64(billion / 10); n > 0; unit /= 10 {
		dst = append(dst, '0'+byte(n/unit))
		n %= unit
	}
	return dst
}

// object is a JSON object that is being written. None of its texts needs to be escaped.
type object []byte

func (o *object) key(name string) {
	separator := byte(',')
	if len(*o) == 0 {
		separator = '{'
	}
	*o = append(append(append(*o, separator, '"'), name...), `":`...)
}

func (o *object) word(key, word string) {
	o.key(key)
	*o = append(append(append(*o, '"'), word...), '"')
}

func (o *object) flag(key string, value bool) {
	o.key(key)
	*o = strconv.AppendBool(*o, value)
}

func (o *object) number(key string, value uint64) {
	o.key(key)
	*o = strconv.AppendUint(*o, value, 10)
}

func (o *object) duration(key string, d Duration) {
	if d == Forever {
		return
	}
	o.key(key)
	if d < 0 { // in a policy that is not valid
		*o = append(*o, '-')
		d = -d
	}
	*o = appendBillionths(*o, uint64(d))
}

func (o *object) fraction(key string, f Fraction) {
	if f.Den != 0 {
		o.key(key)
		*o = f.appendJSON(*o)
	}
}

func (o *object) rate(key string, r Rate) {
	if r.Per != 0 {
		o.object(key, r.json())
	}
}

func (o *object) object(key string, value object) {
	o.key(key)
	*o = append(*o, value.bytes()...)
}

func (o *object) bytes() []byte {
	if len(*o) == 0 {
		return []byte("{}")
	}
	return append(*o, '}')
}
