package scenario

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Version is the version of the format that this package writes, and the only one it reads.
const Version = 1

// Scenario is one scenario in memory. [Parse] makes one from text, [Scenario.Append] writes it as text, and the
// two are inverse to each other. A program can also build one itself.
type Scenario struct {
	// Head is what the first line says besides the version.
	Head Head

	// Above holds the blank lines and comments above the config line, see [Place].
	Above []string

	// Config is the supervisor's configuration. Its Policies are not used: see the field below.
	Config core.Config

	// Policies become Config.Policies. Without any, there is DefaultPolicy alone, and it has no name.
	Policies []Policy

	// Snapshot, when it is not empty, is the state the scenario begins with, as [core.Machine.AppendBinary]
	// wrote it. Config and Policies are not used then: the snapshot has its own.
	Snapshot []byte

	// Statements are what happens, in order.
	Statements []Statement

	// Below holds the blank lines and comments after the last statement.
	Below []string
}

// Head says what a scenario is of. Only recordings have it, see [Recording].
type Head struct {
	Part   uint64    // numbers the scenarios of a recording, from 1; 0 if it is no part of one
	Of     string    // whose decisions they are: the path of a supervisor
	Run    core.Run  // which run of that; 0 if it is not known
	Origin time.Time // the date and time of day of instant 0; zero if it is not known
}

// Date returns the date and time of day of an instant, in UTC. ok is false if the origin is not known, or if the instant is
// [core.Never].
func (h Head) Date(at core.Instant) (date time.Time, ok bool) {
	if h.Origin.IsZero() || at == core.Never {
		return time.Time{}, false
	}
	return h.Origin.Add(time.Duration(at)).UTC(), true
}

// Statement is one thing that a scenario says: *[Event], *[Define], *[DefineLimits], *[Bind] or *[Expect].
type Statement interface {
	place() *Place
	appendText(b []byte) []byte
}

// Place is where in the text something stands.
type Place struct {
	// Line is the line it begins on, counted from 1; 0 if it was not parsed. The printer does not look at it.
	Line int

	// Above holds the lines directly above it: each is empty, a blank line, or a comment that begins with '#'.
	Above []string
}

func (p *Place) place() *Place { return p }

// Policy is a policy with a name.
type Policy struct {
	Place
	core.Policy
	Name string
}

// Define is a statement that gives a policy to the machine in mid-run, see [core.Machine.Define].
type Define struct {
	Policy
}

// DefineLimits is a statement that gives limits to the machine in mid-run, see [core.Machine.DefineLimits]. They come
// into force with a later EventLimits.
type DefineLimits struct {
	Place
	core.Limits
	Name string
}

// Bind is a statement that makes a name stand for a task that was added without one, or before the snapshot that
// the scenario begins with.
type Bind struct {
	Place
	Name string
	Task core.TaskID
}

// Event is a statement that feeds one event to the machine, with what the machine decided.
type Event struct {
	Place

	// Event is what the machine gets, with Task, Other, Policy and Limits filled in from the names below.
	core.Event

	// Name is, for an EventAdd, the name that stands for the new task from then on; it may be empty, and it may
	// be in use, in which case it stands for the new task instead. For any other event it is the name of
	// Event.Task; empty means that Event.Task counts.
	Name string

	// PolicyName is the name of Event.Policy; empty means that Event.Policy counts.
	PolicyName string

	// OtherName and LimitsName are the names of Event.Other and Event.Limits in the same way.
	OtherName  string
	LimitsName string

	// Recorded is true if Actions is what the event gives, even if that is nothing. If it is false and Actions is empty, the
	// scenario does not say what the event gives.
	Recorded bool

	// Actions are the machine's decisions.
	Actions []Action
}

// recorded reports whether the actions count.
func (e *Event) recorded() bool { return e.Recorded || len(e.Actions) > 0 }

// Action is one decision of the machine.
type Action struct {
	// Action is the decision, with Task filled in from the name below.
	core.Action

	// Name is the name of Action.Task; empty means that Action.Task counts.
	Name string
}

// Expect is a statement that asks the machine a question between two events, with the answer.
type Expect struct {
	Place

	// Query is the question.
	Query Query

	// Name and Task say which task a QueryStatus or QueryNeeds asks about: Name if it is not empty, else Task.
	Name string
	Task core.TaskID

	// Answer is the canonical text of the answer, words with one space between. Empty means that the scenario
	// does not give it.
	Answer string
}

// Query is a question to the machine.
type Query uint8

const (
	QueryStatus     Query = iota // the status of one task: [core.Machine.Status]
	QueryNeeds                   // what one task needs: [core.Machine.Needs]
	QueryCounts                  // how many tasks there are: [core.Machine.Counts]
	QueryDeadline                // when a tick is due: [core.Machine.NextDeadline]
	QueryTimer                   // which timer fires next: [core.Machine.NextTimer]
	QueryNow                     // the latest instant the machine has seen: [core.Machine.Now]
	QueryPhase                   // where the supervisor is in its life: [core.Machine.Phase] and HaltReason
	QuerySupervisor              // the supervisor as a whole: [core.Machine.Supervisor], and its windows
	QueryDigest                  // the digest of the state: [core.Machine.Digest]

	queries // how many there are; keep it last
)

// String returns the query's word in the format.
func (q Query) String() string {
	switch q {
	case QueryStatus:
		return "status"
	case QueryNeeds:
		return "needs"
	case QueryCounts:
		return "counts"
	case QueryDeadline:
		return "deadline"
	case QueryTimer:
		return "timer"
	case QueryNow:
		return "now"
	case QueryPhase:
		return "phase"
	case QuerySupervisor:
		return "supervisor"
	case QueryDigest:
		return "digest"
	case queries:
	}
	return "Query(" + itoa(uint64(q)) + ")"
}

// isAboutTask reports whether the question is about one task.
func (q Query) isAboutTask() bool { return q == QueryStatus || q == QueryNeeds }

// config returns what the machine is made from.
func (s *Scenario) config() core.Config {
	config := s.Config
	config.Policies = nil
	for i := range s.Policies {
		config.Policies = append(config.Policies, s.Policies[i].Policy)
	}
	return config
}

// Machine returns a machine in the state the scenario begins with. The error is a [*core.ConfigError], or what
// [core.Machine.UnmarshalBinary] found wrong with the snapshot.
func (s *Scenario) Machine() (*core.Machine, error) {
	if len(s.Snapshot) == 0 {
		return core.New(s.config())
	}
	machine := new(core.Machine)
	if err := machine.UnmarshalBinary(s.Snapshot); err != nil {
		return nil, err
	}
	return machine, nil
}
