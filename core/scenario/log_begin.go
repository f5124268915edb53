package scenario

import (
	"encoding/binary"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// LogOf plays a scenario, and returns all that its machine was told, in binary form: what it begins with, events, definitions and
// names of tasks. What the machine decided is left out, as comments are and questions: [Log.Scenario] and [Scenario.Rewrite] have it
// again. The error is a [*PlayError].
func LogOf(s *Scenario) (*Log, error) {
	l := new(Log)
	player, err := NewPlayer(s)
	if err != nil {
		return nil, err
	}
	if len(s.Snapshot) > 0 {
		l.BeginSnapshot(s.Snapshot)
	} else {
		config := s.config()
		l.BeginConfig(&config)
	}
	for player.Next() {
		switch s := player.Statement().(type) {
		case *Event:
			name := ""
			if s.Kind == core.EventAdd {
				name = s.Name
			}
			l.Event(name, &player.event)
		case *Define:
			l.Define(player.names.policies[s.Name], &s.Policy.Policy)
		case *DefineLimits:
			l.DefineLimits(player.names.limits[s.Name], &s.Limits)
		case *Bind:
			l.Bind(s.Name, s.Task)
		case *Expect:
		}
	}
	return l, player.Err()
}

// BeginConfig empties the log, and has it begin with the configuration of a new machine, its policies included. As they are
// rare, they are kept as their text.
func (l *Log) BeginConfig(config *core.Config) {
	l.Reset()
	l.text(appendConfig(nil, config))
	for id := range config.Policies {
		l.text(appendPolicy([]byte(wordPolicy), policyName(core.PolicyID(id)), &config.Policies[id]))
	}
}

// BeginSnapshot empties the log, and has it begin with a state that [core.Machine.AppendBinary] wrote. It does not look at it.
func (l *Log) BeginSnapshot(snapshot []byte) {
	l.Reset()
	has := uint16(logState)
	b := binary.AppendUvarint(append(l.data, byte(has&0xff), byte(has>>8)), uint64(len(snapshot)))
	l.data = append(b, snapshot...)
}

// Config returns the configuration that the log begins with. ok is false if it begins with none.
func (l *Log) Config() (config core.Config, ok bool) {
	s, begins := l.begin()
	if !begins || len(s.Snapshot) > 0 {
		return config, false
	}
	return s.config(), true
}

// Snapshot returns the state that the log begins with, nil if it begins with none. It must not be changed.
func (l *Log) Snapshot() []byte {
	s, _ := l.begin()
	return s.Snapshot
}

// Scenario returns a scenario with all that the log holds, and no decisions: [Scenario.Play] gives it to a machine, and
// [Scenario.Rewrite] adds what that decides. A log that does not say what it begins with begins with the zero Config.
func (l *Log) Scenario() *Scenario {
	s, _ := l.begin()
	s.Snapshot = slices.Clone(s.Snapshot)
	s.Statements = slices.Collect(l.Statements())
	return s
}

// begin returns a scenario with what the log begins with, and whether it says so.
func (l *Log) begin() (s *Scenario, begins bool) {
	r := logReader{data: l.data}
	s = new(Scenario)
	begins, _ = r.begin(s) // no error can be: what was read has been checked
	return s, begins
}

// The words of the lines that a log can begin with.
const (
	wordConfig = "config"
	wordPolicy = "policy"
)

// begin reads what a log begins with, if it says that, into a scenario.
func (r *logReader) begin(s *Scenario) (begins bool, err *LogError) {
	for r.more() {
		start := r.offset
		has, err := r.fields()
		switch {
		case err != nil:
			return begins, err
		case has == logState && !begins:
			if s.Snapshot = r.bytes(); r.bad {
				return begins, &LogError{start, logCutOff}
			}
			return true, nil
		case has != logLine:
			r.offset = start
			return begins, nil
		}
		line := string(r.bytes())
		switch {
		case r.bad:
			return begins, &LogError{start, logCutOff}
		case !isBeginning(line, begins):
			r.offset = start
			return begins, nil
		case !s.addBeginning(line):
			return begins, &LogError{start, "a line in it is no configuration, and no policy of one"}
		}
		begins = true
	}
	return begins, nil
}

// isBeginning reports whether a line is one that a log begins with: a configuration, or behind it a policy.
func isBeginning(line string, begins bool) bool {
	tokens, _, err := split(line, 1)
	if err != nil || len(tokens) == 0 {
		return false
	}
	return tokens[0].text == wordConfig && !begins || tokens[0].text == wordPolicy && begins
}

// addBeginning adds a line to what a scenario begins with. It reports whether that is one in canonical form.
func (s *Scenario) addBeginning(line string) bool {
	tokens, end, _ := split(line, 1)
	if tokens[0].text == wordConfig {
		var err error
		s.Config, err = parseConfig(tokens[1:])
		return err == nil && string(appendConfig(nil, &s.Config)) == line
	}
	name, policy, err := parsePolicy(tokens[1:], end)
	if err != nil || name != policyName(core.PolicyID(len(s.Policies))) || string(appendPolicy([]byte(wordPolicy), name, &policy)) != line {
		return false
	}
	s.Policies = append(s.Policies, Policy{Policy: policy, Name: name})
	return true
}
