// Package clock gives drivers of the state machine in package core the time and one timer, and lets tests control both.
//
// A driver needs little of a clock: what time it is, and to be woken once at the next deadline. That is a [Source].
// A [Clock] makes sources, one for each owner of a machine:
//
//   - [System] is the process's monotonic clock. It is the default of the drivers in this module. Inside a
//     testing/synctest bubble it is the bubble's clock.
//   - [Virtual] is advanced by hand, and all sources made from it share its time. It never sleeps and starts no
//     goroutine.
//   - Package clock/benclock follows a clock of github.com/benbjohnson/clock, real or mock, for programs that test with
//     that.
//
// # Waiting
//
// A driver's loop waits on [Source.Wake], sends a tick to its machine, and arms the next deadline:
//
//	for {
//		source.Arm(machine.NextDeadline())
//		<-source.Wake()
//		buf = machine.Step(buf[:0], core.Event{Kind: core.EventTick, At: source.Now()})
//		// carry out buf
//	}
//
// A wake-up carries no data and promises little: it can be early, late or superfluous, none of which harms the machine.
// What is promised is that an armed deadline that is not replaced is followed by a wake-up.
//
// # Time
//
// Sources give the time as a [core.Instant]: nanoseconds since an origin, never a date. The origin of a source of System
// or of benclock is the moment it was made; all sources of one Virtual share one origin. [Date] turns an instant into a date
// for people to read, if the source knows it.
package clock
