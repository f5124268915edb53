package clock

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Dated is a [Source] that knows the date of its instants. A source need not: that of a [Virtual] does not.
type Dated interface {
	Source

	// Date returns the date and the time of day of an instant, by the wall clock as it is set now. If the wall clock has
	// been set since, or the machine was suspended, the date of an instant in the past is off by as much; that of one in
	// the future is right.
	Date(at core.Instant) time.Time
}

// Date returns the date and the time of day of an instant. ok is false if the source does not know them, or if the instant is
// [core.Never].
func Date(source Source, at core.Instant) (date time.Time, ok bool) {
	dated, ok := source.(Dated)
	if !ok || at == core.Never {
		return time.Time{}, false
	}
	return dated.Date(at), true
}
