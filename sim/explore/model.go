package explore

import (
	"fmt"
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Limits of a model. They let the state of a task fit into 128 bits.
const (
	TasksMax    = 8
	PoliciesMax = 16
	LimitsMax   = 16               // of Model.Limits, those of the configuration included
	CountMax    = 4                // of Config.Intensity and Config.RestartRate
	AttemptsMax = 255              // of Policy.MaxAttempts, and of MaxExponent where the attempts are unlimited
	DurationMax = 10 * time.Minute // of each delay and timeout that is not Forever
)

// Model is a small system to explore: one supervisor, and any tasks that fit.
//
// Choose durations of a few nanoseconds. The machine does not care how long a nanosecond is, and with small numbers
// every order in which timers can expire is met within few states.
type Model struct {
	// Config is the supervisor's configuration. Tasks of every one of its policies are added and removed in every
	// order. None may have jitter, which makes the future depend on run numbers. MaxTasks is not used.
	Config core.Config

	// Limits are others that the supervisor is given while it runs, in every order.
	Limits []core.Limits

	// Tasks is how many tasks there are at most at a time, 1 to TasksMax. One more is refused, which is explored,
	// too.
	Tasks int

	// Begin is what happens before the exploration begins, for instance to add tasks that need each other.
	Begin []core.Event

	// LeftBehind has tasks added that left one run behind in an earlier life of the supervisor, or two.
	LeftBehind bool

	// Delays are what runs ask for when they end: each is tried with failures, and with ends that it must not change. See
	// core.Event.
	Delays []core.Duration

	// Losses has runs be lost with what carried them, beside all the other ends.
	Losses bool

	// Kinds are the kinds of events that are tried beside ticks. Default: all but EventNeed, which multiplies the states
	// by the number of ways in which the tasks can need each other, and EventHold and EventRelease, which double those of each task.
	Kinds []core.EventKind

	// Instants says when events happen. Default InstantsAround.
	Instants Instants
}

// Instants says at which instants, seen from a state, events are tried. A boundary is the next deadline, the instant
// at which a run that is going becomes stable, and the one at which a crash or restart counts no longer.
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

// ModelError says which field of a model cannot be explored, and why. A bad Config gives a [*core.ConfigError]
// instead.
type ModelError struct {
	Field   string // such as "Config.Policies[2].Jitter"
	Problem string
}

func (e *ModelError) Error() string { return "invalid model: " + e.Field + " " + e.Problem }

// machine returns a new machine of the model, and all its limits by id.
func (m *Model) machine() (*core.Machine, []core.Limits, error) {
	cfg := m.Config
	cfg.MaxTasks = uint32(m.Tasks)
	machine, err := core.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range m.Limits {
		if _, err := machine.DefineLimits(l); err != nil {
			return nil, nil, err
		}
	}
	var limits []core.Limits
	for id := core.LimitsID(0); ; id++ {
		l, ok := machine.Limits(id)
		if !ok {
			return machine, limits, nil
		}
		limits = append(limits, l)
	}
}

// begin returns the events that every trace begins with. The first one makes times in it count from zero.
func (m *Model) begin() []core.Event {
	return append([]core.Event{{Kind: core.EventTick}}, m.Begin...)
}

// tries reports whether events of that kind are tried.
func (m *Model) tries(kind core.EventKind) bool {
	if kind == core.EventTick {
		return true
	}
	if m.Kinds == nil {
		return kind != core.EventNeed && kind != core.EventHold && kind != core.EventRelease
	}
	return slices.Contains(m.Kinds, kind)
}

// needs reports whether tasks can need others.
func (m *Model) needs() bool {
	return m.tries(core.EventNeed) ||
		slices.ContainsFunc(m.Begin, func(ev core.Event) bool { return ev.Kind == core.EventNeed })
}

// validate returns the first problem, as a *ModelError or *core.ConfigError.
func (m *Model) validate() error {
	if m.Tasks < 1 || m.Tasks > TasksMax {
		return &ModelError{"Tasks", fmt.Sprintf("is %d: it must be 1 to %d", m.Tasks, TasksMax)}
	}
	if m.Instants >= instants {
		return &ModelError{"Instants", "is unknown"}
	}
	machine, limits, err := m.machine()
	if err != nil {
		return err
	}
	cfg := machine.Config()
	if len(cfg.Policies) > PoliciesMax {
		return &ModelError{"Config.Policies", fmt.Sprintf("are more than %d", PoliciesMax)}
	}
	if len(limits) > LimitsMax {
		return &ModelError{"Limits", fmt.Sprintf("are more than %d", LimitsMax-1)}
	}
	if err := validateDuration("Config.HealthCheckInterval", cfg.HealthCheckInterval); err != nil {
		return err
	}
	for i, delay := range m.Delays {
		if err := validateDuration(fmt.Sprintf("Delays[%d]", i), delay); err != nil {
			return err
		}
		if delay == core.Forever {
			return &ModelError{fmt.Sprintf("Delays[%d]", i), "is forever"}
		}
	}
	for i := range limits {
		field := "Config."
		if i > 0 {
			field = fmt.Sprintf("Limits[%d].", i-1)
		}
		if err := validateLimits(field, &limits[i]); err != nil {
			return err
		}
	}
	for i := range cfg.Policies {
		if err := validatePolicy(fmt.Sprintf("Config.Policies[%d].", i), &cfg.Policies[i], &cfg, m.Losses); err != nil {
			return err
		}
	}
	return nil
}

func validateLimits(field string, l *core.Limits) error {
	for _, rate := range [...]struct {
		field string
		core.Rate
	}{{field + "Intensity", l.Intensity}, {field + "RestartRate", l.RestartRate}} {
		if rate.Count > CountMax {
			return &ModelError{rate.field, fmt.Sprintf("has a Count above %d", CountMax)}
		}
		if rate.Per > DurationMax {
			return &ModelError{rate.field, fmt.Sprintf("has a Per beyond %v", DurationMax)}
		}
	}
	return validateDuration(field+"ShutdownTimeout", l.ShutdownTimeout)
}

func validatePolicy(field string, p *core.Policy, cfg *core.Config, losses bool) error {
	if p.Jitter.Num != 0 {
		return &ModelError{field + "Jitter", "is not zero; delays drawn by chance cannot be explored"}
	}
	if attemptsThatMatter(p, cfg, losses) > AttemptsMax {
		return &ModelError{field + "MaxAttempts", fmt.Sprintf("lets more than %d attempts matter", AttemptsMax)}
	}
	longest := spec.Delay(p, cfg.HealthCheckInterval > 0, min(p.MaxExponent, p.MaxAttempts))
	for _, d := range [...]struct {
		field    string
		duration time.Duration
	}{
		{"MaxDelay", longest}, {"StableAfter", p.StableAfter}, {"StopTimeout", p.StopTimeout}, {"HungStopTimeout", p.HungStopTimeout},
		{"MinUptime", p.MinUptime},
		{"StartTimeout", p.StartTimeout},
		{"Watchdog", p.Watchdog}, {"Probe.Interval", p.Probe.Interval}, {"Probe.Timeout", p.Probe.Timeout},
	} {
		if err := validateDuration(field+d.field, d.duration); err != nil {
			return err
		}
	}
	return nil
}

func validateDuration(field string, d time.Duration) error {
	if d > DurationMax && d != core.Forever {
		return &ModelError{field, fmt.Sprintf("lets something take %v: that is beyond %v", d, DurationMax)}
	}
	return nil
}
