// Package reference compares this library with the Rust crate task-supervisor 0.4.1, from whose rules it started.
//
// A recording is a JSON file with a scenario and what the crate did with it in virtual time: every start and end of a
// run, the answer to every command, the statuses at many instants, and how the supervisor ended. The package plays the
// scenario to the core in reference cadence (core.Config.HealthCheckInterval) and reports every difference:
//
//	recording, err := reference.Read("threshold_exceeded.json", data)
//	differences, err := recording.Differences()
//
// # What is a difference
//
// All of a recording is compared: starts, ends and how they came about, answers, samples, and the final result with its
// time. Only the order of tasks within one millisecond is not, because the crate leaves it to a hash map.
//
// Where this library differs on purpose there is a [Rule], and a difference that a rule explains carries the rule's
// name. A rule is not a list of exceptions: it names one behaviour of the crate, and the package holds a second, small
// model of the crate in which each such behaviour can be switched off. A difference is explained only if
//
//  1. the model with all behaviours on does all that is recorded,
//  2. the model with all of them off does there what the core does, and
//  3. it appears when the rule's behaviour is switched off, in the order of [Rules].
//
// So an error of the core cannot hide behind a rule: it would have to be an error of the model as well.
//
// # Your own recordings
//
// The tests compare the recordings in testdata. To compare others, name their folder:
//
//	GOLDEN_DIR=/path/to/recordings go test -run TestGoldenDir -v ./sim/reference
//
// Each difference is a line: file, time, what, what was recorded, what happens here, and the rule. The test fails if
// there is one that no rule explains, or a file that is not a recording; a [FormatError] names the field.
//
// # How a scenario is played
//
// The crate's tasks are futures: asked to stop, they are dropped at once. So the driver ends a stopped run in the same
// instant. The crate does not notice a panic until the next health check finds it; the driver reports a panic's end at
// that check, and until then the task reads healthy. A dead threshold outside 0 to 1 is clamped, as the crate's builder
// does; the core refuses it. Numbers up to 64 bits are taken as they are: an instant beyond the core's clock, which
// ends after 292 years, is either never reached or refused.
package reference
