package scenario

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// field is a word of the form key=value.
type field struct {
	key   token
	value token
}

// cutField splits key=value. Quoted words and words without '=' are not fields.
func cutField(t token) (field, bool) {
	equals := strings.IndexByte(t.text, '=')
	if equals < 1 || strings.IndexByte(t.text[:equals], '"') >= 0 {
		return field{}, false
	}
	return field{key: t.head(equals), value: t.part(equals + 1)}, true
}

// parseFields reads the words from the first field on, all of which must be fields with different keys. The known keys
// are listed for the error about an unknown one.
func parseFields(tokens []token, known []string, set func(field) error) error {
	var seen []string
	for _, t := range tokens {
		f, ok := cutField(t)
		switch {
		case !ok:
			return t.fail("unexpected word", nil)
		case !slices.Contains(known, f.key.text):
			return f.key.fail("unknown field, known are "+strings.Join(known, ", "), nil)
		case slices.Contains(seen, f.key.text):
			return f.key.fail("field given twice", nil)
		}
		seen = append(seen, f.key.text)
		if err := set(f); err != nil {
			return err
		}
	}
	return nil
}

// appendKey begins a field.
func appendKey(b []byte, key string) []byte {
	b = append(b, ' ')
	b = append(b, key...)
	return append(b, '=')
}

func appendUintField(b []byte, key string, value, omitted uint64) []byte {
	if value == omitted {
		return b
	}
	return appendUint(appendKey(b, key), value)
}

func appendDurationField(b []byte, key string, value, omitted core.Duration) []byte {
	if value == omitted {
		return b
	}
	return appendDuration(appendKey(b, key), value)
}

func appendInstantField(b []byte, key string, value, omitted core.Instant) []byte {
	if value == omitted {
		return b
	}
	return appendInstant(appendKey(b, key), value)
}

func appendFractionField(b []byte, key string, value core.Fraction) []byte {
	if value == (core.Fraction{}) {
		return b
	}
	return appendFraction(appendKey(b, key), value)
}

func appendRateField(b []byte, key string, value core.Rate) []byte {
	if value == (core.Rate{}) {
		return b
	}
	return appendRate(appendKey(b, key), value)
}

func appendBoolField(b []byte, key string, value, omitted bool) []byte {
	if value == omitted {
		return b
	}
	return strconv.AppendBool(appendKey(b, key), value)
}

func appendEnumField[E enum](b []byte, key string, value, omitted E) []byte {
	if value == omitted {
		return b
	}
	return appendEnum(appendKey(b, key), value)
}

func setUint[U ~uint32 | ~uint64](f field, bits int, to *U) error {
	number, err := parseUint(f.value, bits)
	*to = U(number)
	return err
}

func setDuration(f field, to *core.Duration) (err error) {
	*to, err = parseDuration(f.value)
	return err
}

func setInstant(f field, to *core.Instant) (err error) {
	*to, err = parseInstant(f.value)
	return err
}

func setFraction(f field, to *core.Fraction) (err error) {
	*to, err = parseFraction(f.value)
	return err
}

func setRate(f field, to *core.Rate) (err error) {
	*to, err = parseRate(f.value)
	return err
}

func setProbe(f field, to *core.Probe) (err error) {
	*to, err = parseProbe(f.value)
	return err
}

func setBool(f field, to *bool) error {
	switch f.value.text {
	case "true":
		*to = true
	case "false":
		*to = false
	default:
		return f.value.fail("not true or false", nil)
	}
	return nil
}

func setEnum[E enum](f field, what string, to *E) (err error) {
	*to, err = parseEnum[E](f.value, what)
	return err
}
