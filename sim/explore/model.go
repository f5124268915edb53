package explore

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Limits of a model. They let the state of a task fit into 64 bits.
const (
	TasksMax    = 8
	PoliciesMax = 16
	AttemptsMax = 255              // of Policy.MaxAttempts, and of MaxExponent where the attempts are unlimited
	DurationMax = 30 * time.Minute // of each delay and timeout that is not Forever
)

// Model is a small system to explore: one supervisor, and any tasks that fit.
//
// Choose durations of a few nanoseconds. The machine does not care how long a nanosecond is, and with small numbers
// every order in which timers can expire is met within few states.
type Model struct {
	// Config is the supervisor's configuration. Tasks of every one of its policies are added and removed in every
	// order. None may have jitter, which makes the future depend on run numbers. MaxTasks is not used.
	Config core.Config

	// Tasks is how many tasks there are at most at a time, 1 to TasksMax. One more is refused, which is explored,
	// too.
	Tasks int

	// Instants says when events happen. Default InstantsAround.
	Instants Instants
}

// Instants says at which instants, seen from a state, events are tried. A boundary is the next deadline, or the instant
// at which a run that is going becomes stable.
type Instants uint8

const (
	// InstantsAround tries every event at once and at every boundary, one nanosecond before and one after.
	InstantsAround Instants = iota

	// InstantsAt tries every event at once and exactly at every boundary. It keeps models with long durations
	// small, and misses what depends on a nanosecond.
	InstantsAt

	// InstantsAll tries, beside InstantsAround, every event one nanosecond later than the state. So it reaches
	// every state that can be reached at all, at whatever instants events happen.
	InstantsAll

	instants // how many there are; keep it last
)

// String returns the name, such as "around".
func (i Instants) String() string {
	switch i {
	case InstantsAround:
		return "around"
	case InstantsAt:
		return "at"
	case InstantsAll:
		return "all"
	case instants:
	}
	return fmt.Sprintf("Instants(%d)", uint8(i))
}

// ModelError says which field of a model can not be explored, and why. A bad Config gives a [*core.ConfigError]
// instead.
type ModelError struct {
	Field   string // such as "Config.Policies[2].Jitter"
	Problem string
}

func (e *ModelError) Error() string { return "invalid model: " + e.Field + " " + e.Problem }

// machine returns the machine to begin with, after its first event: a tick at the origin.
func (m *Model) machine() (*core.Machine, error) {
	cfg := m.Config
	cfg.MaxTasks = uint32(m.Tasks)
	machine, err := core.New(cfg)
	if err != nil {
		return nil, err
	}
	machine.Step(nil, firstEvent())
	return machine, nil
}

// firstEvent begins every trace, so that times in it count from zero.
func firstEvent() core.Event { return core.Event{Kind: core.EventTick, At: 0} }

// validate returns the first problem, as a *ModelError or *core.ConfigError.
func (m *Model) validate() error {
	if m.Tasks < 1 || m.Tasks > TasksMax {
		return &ModelError{"Tasks", fmt.Sprintf("is %d: it must be 1 to %d", m.Tasks, TasksMax)}
	}
	if m.Instants >= instants {
		return &ModelError{"Instants", "is unknown"}
	}
	machine, err := m.machine()
	if err != nil {
		return err
	}
	cfg := machine.Config()
	if len(cfg.Policies) > PoliciesMax {
		return &ModelError{"Config.Policies", fmt.Sprintf("are more than %d", PoliciesMax)}
	}
	durations := []namedDuration{
		{"Config.ShutdownTimeout", cfg.ShutdownTimeout},
		{"Config.HealthCheckInterval", cfg.HealthCheckInterval},
	}
	for i := range cfg.Policies {
		p, field := &cfg.Policies[i], fmt.Sprintf("Config.Policies[%d].", i)
		if p.Jitter.Num != 0 {
			return &ModelError{field + "Jitter", "is not zero"}
		}
		if attemptsThatMatter(p, &cfg) > AttemptsMax {
			return &ModelError{field + "MaxAttempts", fmt.Sprintf("lets more than %d attempts matter", AttemptsMax)}
		}
		longest := delay(p, min(p.MaxExponent, p.MaxAttempts), powerMax(&cfg))
		durations = append(durations, namedDuration{field + "MaxDelay", longest},
			namedDuration{field + "StableAfter", p.StableAfter}, namedDuration{field + "StopTimeout", p.StopTimeout})
	}
	for _, d := range durations {
		if d.duration > DurationMax && d.duration != core.Forever {
			return &ModelError{d.field, fmt.Sprintf("lets something take %v: that is beyond %v", d.duration, DurationMax)}
		}
	}
	return nil
}

type namedDuration struct {
	field    string
	duration time.Duration
}

// symmetric tells whether the order in which tasks were added makes no difference but to the order of actions.
//
// It makes one where they are stopped one after the other, and where a timer of one task can end the supervisor just
// before or just after another task's timer of the same instant: an abandoned run is what timers can bring about, and
// what can halt the supervisor there and then.
func symmetric(cfg *core.Config) bool {
	if cfg.StopOrder != core.StopTogether {
		return false
	}
	exactThreshold := cfg.DeadThreshold.Den != 0 && cfg.HealthCheckInterval == 0
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		if p.StopTimeout != core.Forever && (exactThreshold || p.OnAbandon == core.AbandonEscalate) {
			return false
		}
	}
	return true
}
