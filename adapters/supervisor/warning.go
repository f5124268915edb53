package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Warning is about an option that is valid and has no effect, such as a cap that no delay ever reaches, or about a default
// that has one which not every program wants.
type Warning struct {
	Supervisor string   `json:"supervisor,omitempty"` // the path of the supervisor
	Option     string   `json:"option"`               // the option's function, such as "WithBackoff"
	Problem    string   `json:"problem"`              // what is odd about it
	Tasks      []string `json:"tasks,omitempty"`      // the paths of the tasks whose option it is, in the order in which they were added; nil for the supervisor's own
}

// String returns the option, the problem and the tasks, or else the supervisor, in one line.
func (w Warning) String() string {
	text := w.Option + " " + w.Problem
	switch {
	case len(w.Tasks) > 0:
		text += " (" + strings.Join(w.Tasks, ", ") + ")"
	case w.Supervisor != "":
		text += " (" + w.Supervisor + ")"
	}
	return text
}

// Warnings lists the options of the supervisor, of its tasks and of the supervisors below it that have no effect, and the tasks
// that will die of a short outage because no option says what should become of them. They are not errors: everything works
// as configured, but perhaps not as intended. [WithLogger] logs them when Run begins. It looks at every task.
func (s *Supervisor) Warnings() []Warning {
	if s.made() != nil {
		return nil
	}
	return s.appendWarnings(nil, s.Path(), func(*Supervisor) bool { return true })
}

// appendWarnings appends the warnings of the supervisor, and of those below it that are included. The path comes from above,
// because a supervisor that never ran does not know it.
func (s *Supervisor) appendWarnings(dst []Warning, path string, included func(*Supervisor) bool) []Warning {
	configured := s.configured()
	dst = append(dst, configured.warnings(path)...)
	for _, task := range configured.tasks {
		for _, in := range task.inside {
			below := join(join(path, task.name), in.name)
			if own := in.supervisor.settings.name; in.name == "" && own != "" {
				dst = append(dst, Warning{
					Supervisor: below, Option: "WithName",
					Problem: fmt.Sprintf("has no effect: as a task it is not called %q, but what the task is called", own),
				})
			}
			if included(in.supervisor) {
				dst = in.supervisor.appendWarnings(dst, below, included)
			}
		}
	}
	return dst
}

// configuration is what a supervisor and its tasks were told to be.
type configuration struct {
	config   core.Config // without policies
	defaults core.Policy
	tasks    []configuredTask
}

type configuredTask struct {
	name       string
	policy     *core.Policy // shared by tasks with the same
	needs      []need
	deathMeant bool
	nested     bool // it is a supervisor
	inside     []insideTask
}

func (s *Supervisor) configured() configuration {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := configuration{config: s.settings.config, defaults: s.settings.task.policy}
	c.config.Limits = s.settings.limits.Limits
	policies := make(map[core.PolicyID]*core.Policy)
	for _, m := range s.registry.tasks(s.trusted()) {
		policy := policies[m.policy]
		if policy == nil || m.bequeathed != nil {
			own := s.policyOf(m)
			policy = &own
		}
		if m.bequeathed == nil {
			policies[m.policy] = policy
		}
		c.tasks = append(c.tasks, configuredTask{m.name, policy, m.needs, m.deathMeant, m.isSupervisor, m.inside()})
	}
	return c
}

// warnings collects the warnings of one supervisor.
func (c *configuration) warnings(path string) []Warning {
	found := findings{path: path, at: make(map[[2]string]int)}
	for _, odd := range c.config.Warnings() {
		option, problem := optionOf(odd.Field, odd.Problem)
		found.add(option, problem, "")
	}
	found.addIf(c.intensityNever(), "WithIntensity", "")
	found.addIf(c.shutdownNever(), "WithAutoShutdown", "")
	byPolicy := make(map[*core.Policy][]core.Warning)
	for _, task := range c.tasks {
		odd, known := byPolicy[task.policy]
		if !known {
			odd = c.oddIn(*task.policy)
			byPolicy[task.policy] = odd
		}
		for _, odd := range odd {
			if !c.inherits(task, odd.Field) {
				option, problem := optionOf(odd.Field, odd.Problem)
				found.add(option, problem, task.name)
			}
		}
		for _, need := range task.needs {
			if need.both {
				found.add("WithNeeds", fmt.Sprintf("names %q, and so does WithBoundTo, which includes it", need.name), task.name)
			}
		}
		found.addIf(c.death(task), "WithMaxAttempts", task.name)
	}
	return found.list
}

// oddIn returns what the state machine finds odd in a policy, by its fields.
func (c *configuration) oddIn(p core.Policy) (odd []core.Warning) {
	of := c.config
	of.Policies = []core.Policy{p}
	for _, w := range of.Warnings() {
		if _, field, ok := strings.Cut(w.Field, "]."); ok {
			odd = append(odd, core.Warning{Field: field, Problem: w.Problem})
		}
	}
	return odd
}

// inherits reports whether a task has an odd setting only because all tasks have it, for the sake of others, or because
// ForService sets it.
func (c *configuration) inherits(task configuredTask, field string) bool {
	policy := *task.policy
	if slices.Contains([]string{"MaxExponent", "MaxDelay", "Jitter"}, field) && policy.MaxExponent == serviceExponent {
		return policy.MaxDelay == serviceDelay && policy.Jitter == fractionOf(serviceJitter)
	}
	of := func(p core.Policy) any { return reflect.ValueOf(p).FieldByName(field).Interface() }
	if of(policy) != of(c.defaults) {
		return false
	}
	return task.nested || slices.ContainsFunc(c.tasks, func(other configuredTask) bool {
		isOdd := func(w core.Warning) bool { return w.Field == field }
		return of(*other.policy) == of(policy) && !slices.ContainsFunc(c.oddIn(*other.policy), isOdd)
	})
}

// death warns about a task that no option lets die, and whose death nothing would notice.
func (c *configuration) death(task configuredTask) (problem string) {
	p, limits := *task.policy, c.config.Limits
	switch {
	case task.deathMeant, p.Restart == RestartNever, p.MaxAttempts == Unlimited, p.StableAfter == 0,
		p.OnExhausted == ExhaustedEscalate, limits.DeadThreshold.Den != 0, p.Significant && limits.AutoShutdown != AutoShutdownNever:
		return ""
	case limits.Intensity.Per > 0 && failuresWithin(&p, limits.Intensity.Per) > uint64(limits.Intensity.Count):
		return "" // the supervisor stops before that
	}
	var outage time.Duration
	for n := range p.MaxAttempts {
		outage += p.Delay(n + 1)
	}
	return fmt.Sprintf("is %d by default: a task that cannot work for %v, and the time that its runs take, is dead. It stays down "+
		"until Restart, and nothing else stops. ForService sets no end; WithMaxAttempts says that this is meant", p.MaxAttempts, outage)
}

// intensityNever warns about an intensity that the tasks cannot exceed.
func (c *configuration) intensityNever() (problem string) {
	rate := c.config.Intensity
	if rate.Per == 0 || len(c.tasks) == 0 {
		return ""
	}
	most := uint64(0)
	for _, task := range c.tasks {
		p := *task.policy
		most += failuresWithin(&p, rate.Per)
		if most > uint64(rate.Count) {
			return ""
		}
	}
	return fmt.Sprintf("is never exceeded: the tasks' delays and attempts allow at most %s within %v", many(uint32(most), "failure"), rate.Per)
}

// failuresWithin returns a bound on how many failures of a task can lead to a restart within any window of a length.
func failuresWithin(p *core.Policy, window time.Duration) uint64 {
	least := func(n uint32) time.Duration { // what jitter can make of the delay
		d := p.Delay(n)
		return d - time.Duration(float64(d)*float64(p.Jitter.Num)/float64(max(p.Jitter.Den, 1)))
	}
	switch {
	case p.Restart == RestartNever:
		return 0
	case least(1) <= 0:
		return uint64(p.MaxAttempts)
	case p.StableAfter <= window: // after a stable run, delays are short again
		return uint64(window/least(1)) + 1
	}
	failures, passed := uint64(0), uint64(0)
	for n := uint32(1); n <= p.MaxAttempts && passed <= uint64(window); n++ {
		if n > p.MaxExponent { // from here on all delays are the same
			more := (uint64(window)-passed)/uint64(least(n)) + 1
			return min(failures+more, uint64(p.MaxAttempts))
		}
		failures++
		passed += uint64(least(n))
	}
	return failures
}

// shutdownNever warns about an automatic shutdown that no task counts for.
func (c *configuration) shutdownNever() (problem string) {
	significant := func(task configuredTask) bool { return task.policy.Significant }
	if c.config.AutoShutdown == AutoShutdownNever || len(c.tasks) == 0 || slices.ContainsFunc(c.tasks, significant) {
		return ""
	}
	return "has no effect: no task is significant"
}

// findings are the warnings of one supervisor. Those of several tasks that say the same are one.
type findings struct {
	path string
	list []Warning
	at   map[[2]string]int
}

// add adds a warning about a task, or if that is "" about the supervisor itself.
func (f *findings) add(option, problem, task string) {
	key := [2]string{option, problem}
	i, known := f.at[key]
	if !known {
		i = len(f.list)
		f.at[key] = i
		f.list = append(f.list, Warning{Supervisor: f.path, Option: option, Problem: problem})
	}
	if task != "" {
		f.list[i].Tasks = append(f.list[i].Tasks, join(f.path, task))
	}
}

func (f *findings) addIf(problem, option, task string) {
	if problem != "" {
		f.add(option, problem, task)
	}
}

// logWarnings logs the warnings of the supervisor, and of those below it that have no logger of their own, when it begins to
// run: the root each time, others the first time.
func (s *Supervisor) logWarnings(session *session, first bool) {
	if !s.logs() || session.parent != nil && !first {
		close(session.warned)
		return
	}
	go func() {
		defer close(session.warned)
		for _, warning := range s.appendWarnings(nil, session.path, func(below *Supervisor) bool { return !below.logs() }) {
			for _, logger := range s.settings.loggers {
				attempt(func() { logWarning(logger, warning) })
			}
		}
	}()
}

// logs reports whether the supervisor has a logger of its own.
func (s *Supervisor) logs() bool { return len(s.settings.loggers) > 0 }

func logWarning(logger *slog.Logger, w Warning) {
	const shown = 10
	attributes := []slog.Attr{slog.String("option", w.Option), slog.String("problem", w.Problem)}
	if w.Supervisor != "" {
		attributes = slices.Insert(attributes, 0, slog.String("supervisor", w.Supervisor))
	}
	if len(w.Tasks) > 0 {
		attributes = append(attributes, slog.String("tasks", strings.Join(w.Tasks[:min(shown, len(w.Tasks))], ", ")))
	}
	if len(w.Tasks) > shown {
		attributes = append(attributes, slog.Int("more_tasks", len(w.Tasks)-shown))
	}
	logger.LogAttrs(context.Background(), slog.LevelWarn, "option to reconsider", attributes...)
}
