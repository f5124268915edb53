package taskfile

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Duration is a time as Go writes it, such as "1m30s", or "forever".
type Duration time.Duration

// Forever as a Duration is no limit.
const Forever = Duration(supervisor.Forever)

// String returns the duration as a file has it, in the shortest form: "1m30s", and not "90s"; "2m", and not "2m0s".
func (d Duration) String() string {
	if d == Forever {
		return "forever"
	}
	text := time.Duration(d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// MarshalText is String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// durations are those that are not negative, as Go writes them. The schema has the same pattern.
var durations = regexp.MustCompile(`^(forever|\+?0|\+?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`)

// UnmarshalText reads what String returns, and whatever time.ParseDuration reads that is not negative.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	switch {
	case string(text) == "forever":
		*d = Forever
	case err == nil && text[0] == '-':
		return fmt.Errorf("%s is negative", text)
	case !durations.Match(text):
		return fmt.Errorf(`%q is not a duration: write one such as "500ms", "10s" or "1m30s", or "forever"`, text)
	case err != nil:
		return fmt.Errorf(`%q is too long: write "forever" for no limit`, text)
	default:
		*d = Duration(parsed)
	}
	return nil
}

// Size is a number of bytes such as "64kB", "10MB" or "1GiB": kB is 1,000 bytes and KiB is 1,024.
type Size int64

type unit struct {
	name  string
	bytes int64
}

// units of a size, the largest first, and those of 1,024 before those of 1,000.
var units = []unit{
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1},
}

// String returns the size in the largest unit of which it is a whole number.
func (s Size) String() string {
	for _, unit := range units {
		if s != 0 && int64(s)%unit.bytes == 0 {
			return strconv.FormatInt(int64(s)/unit.bytes, 10) + unit.name
		}
	}
	return "0B"
}

// MarshalText is String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// sizes are the texts that a size can have. The schema has the same pattern.
var sizes = regexp.MustCompile(`^[0-9]+ *([kKmMgG][iI]?)?[bB]$`)

// UnmarshalText reads what String returns. Case and a space before the unit do not matter.
func (s *Size) UnmarshalText(text []byte) error {
	if !sizes.Match(text) {
		return fmt.Errorf(`%q is not a size: write one such as "64KiB", "10MB" or "1GiB"`, text)
	}
	name := strings.TrimLeft(string(text), "0123456789 ")
	unit := slices.IndexFunc(units, func(u unit) bool { return strings.EqualFold(u.name, name) })
	count, err := strconv.ParseInt(strings.TrimRight(strings.TrimSuffix(string(text), name), " "), 10, 64)
	if err != nil || count > math.MaxInt64/units[unit].bytes {
		return fmt.Errorf("%q is too large", text)
	}
	*s = Size(count * units[unit].bytes)
	return nil
}

// Attempts is a number of restarts in a row, or "unlimited".
type Attempts uint32

// Unlimited as Attempts is any number.
const Unlimited = Attempts(supervisor.Unlimited)

// String returns the number, or "unlimited".
func (a Attempts) String() string {
	if a == Unlimited {
		return "unlimited"
	}
	return strconv.FormatUint(uint64(a), 10)
}

// Signal is the name of a signal: "TERM", or "SIGTERM".
type Signal string

// signals are the names of those that programs end on, or can be told to
var signals = []string{"ABRT", "ALRM", "HUP", "INT", "KILL", "QUIT", "TERM", "USR1", "USR2", "WINCH"}

// MarshalText returns the name.
func (s Signal) MarshalText() ([]byte, error) { return []byte(s), nil }

// UnmarshalText reads a name in whatever case, with or without SIG before it.
func (s *Signal) UnmarshalText(text []byte) error {
	name := strings.TrimPrefix(strings.ToUpper(string(text)), "SIG")
	if !slices.Contains(signals, name) {
		return fmt.Errorf("%q is not a signal: it must be one of %s", text, strings.Join(signals, ", "))
	}
	*s = Signal(name)
	return nil
}

// Variable is one variable of an environment.
type Variable struct {
	Name, Value string
}

// String returns the variable as a process gets it.
func (v Variable) String() string { return v.Name + "=" + v.Value }

// possible reports whether a process can have the variable.
func (v Variable) possible() bool {
	return v.Name != "" && !strings.ContainsAny(v.Name, "=\x00") && !strings.Contains(v.Value, "\x00")
}

// Strings is one string or a list of them.
type Strings []string
