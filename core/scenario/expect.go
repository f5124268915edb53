package scenario

import (
	"iter"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// arrow separates a question from its answer.
const arrow = "->"

func (x *Expect) appendText(b []byte) []byte {
	b = x.appendQuestion(b)
	if x.Answer != "" {
		b = append(b, " "+arrow+" "...)
		b = append(b, x.Answer...)
	}
	return b
}

func (x *Expect) appendQuestion(b []byte) []byte {
	b = append(b, "expect "...)
	b = appendEnum(b, x.Query)
	if x.Query.isAboutTask() {
		b = append(b, ' ')
		b = appendTask(b, x.Name, x.Task, 0)
	}
	return b
}

// parseExpect reads what appendText writes; the tokens begin after the word "expect".
func (p *parser) parseExpect(tokens []token, end token) (*Expect, error) {
	if len(tokens) == 0 {
		return nil, end.fail("the question is missing", nil)
	}
	x := new(Expect)
	var err error
	if x.Query, err = parseEnum[Query](tokens[0], "a question"); err != nil {
		return nil, err
	}
	if x.Query >= queries {
		return nil, tokens[0].fail("not a question", nil)
	}
	tokens = tokens[1:]
	if x.Query.isAboutTask() {
		if len(tokens) == 0 {
			return nil, end.fail("the task is missing", nil)
		}
		if x.Name, x.Task, err = p.parseWholeTask(tokens[0]); err != nil {
			return nil, err
		}
		tokens = tokens[1:]
	}
	if len(tokens) == 0 {
		return x, nil
	}
	if tokens[0].text != arrow {
		return nil, tokens[0].fail("the answer comes after "+arrow, nil)
	}
	if len(tokens) == 1 {
		return nil, end.fail("the answer is missing", nil)
	}
	words := make([]string, 0, len(tokens)-1)
	for _, t := range tokens[1:] {
		words = append(words, t.text)
	}
	x.Answer = strings.Join(words, " ")
	return x, nil
}

// ask returns the machine's answer as canonical text.
func (x *Expect) ask(m *core.Machine, names *names) string {
	id := names.task(x.Name, x.Task)
	status, ok := m.Status(id)
	if !ok && x.Query.isAboutTask() {
		return "unknown"
	}
	switch x.Query {
	case QueryStatus:
		return string(appendStatus(nil, &status, names))
	case QueryNeeds:
		return string(appendNeeds(nil, m, id, names))
	case QueryCounts:
		counts := m.Counts()
		return string(appendCounts(nil, &counts))
	case QueryDeadline:
		at, ok := m.NextDeadline()
		if !ok {
			at = core.Never
		}
		return string(appendInstant(nil, at))
	case QueryTimer:
		id, at, _ := m.NextTimer()
		text := appendInstant(nil, at)
		if id != 0 {
			text = appendTask(append(text, ' '), names.taskNames[id], id, 0)
		}
		return string(text)
	case QueryNow:
		return string(appendInstant(nil, m.Now()))
	case QueryPhase:
		text := appendEnum(nil, m.Phase())
		if reason := m.HaltReason(); reason != core.ReasonNone {
			text = appendEnum(append(text, ' '), reason)
		}
		return string(text)
	case QuerySupervisor:
		return string(appendSupervisor(nil, m, names))
	case QueryDigest:
		return string(appendDigest(nil, m.Digest()))
	case queries:
	}
	return "no such question"
}

// appendStatus writes a task's status without its id. Fields that are zero, or Never, are left out, except for since.
func appendStatus(b []byte, s *core.TaskStatus, names *names) []byte {
	b = appendEnum(b, s.Status)
	b = append(b, ' ')
	b = appendEnum(b, s.Why)
	b = appendEnumField(b, "intent", s.Intent, core.IntentNone)
	b = appendEnumField(b, "wait", s.Wait, core.WaitNone)
	if s.Need != 0 {
		b = appendTask(appendKey(b, "need"), names.taskNames[s.Need], s.Need, 0)
	}
	b = appendUintField(b, "run", uint64(s.Run), 0)
	b = appendBoolField(b, "live", s.Live, false)
	b = appendUintField(b, "fenced", uint64(s.Fenced), 0)
	b = appendUintField(b, "attempts", uint64(s.Attempts), 0)
	b = appendUintField(b, "misses", uint64(s.Misses), 0)
	b = appendBoolField(b, "probing", s.Probing, false)
	b = appendBoolField(b, "silent", s.Silent, false)
	b = appendBoolField(b, "unready", s.Unready, false)
	b = appendBoolField(b, "hung", s.Hung, false)
	b = appendDurationField(b, "delay", s.Delay, 0)
	b = appendBoolField(b, "suspended", s.Suspended, false)
	b = appendBoolField(b, "held", s.Held, false)
	b = appendInstant(appendKey(b, "since"), s.Since)
	b = appendInstantField(b, "until", s.Until, core.Never)
	b = appendInstantField(b, "clears", s.ClearsAt, core.Never)
	b = appendEnumField(b, "exit", s.LastExit, core.ExitNone)
	if s.Policy != 0 {
		b = appendNameOrNumber(appendKey(b, "policy"), names.policyNames[s.Policy], uint64(s.Policy))
	}
	return appendUintField(b, "key", uint64(s.Key), 0)
}

// appendSupervisor writes the status of the supervisor without its limits, and the contents of its windows. Fields that
// are zero, or Never, are left out.
func appendSupervisor(b []byte, m *core.Machine, names *names) []byte {
	s := m.Supervisor()
	b = appendEnum(b, s.Phase)
	if s.HaltReason != core.ReasonNone {
		b = appendEnum(append(b, ' '), s.HaltReason)
	}
	if s.Culprit != 0 {
		b = appendTask(appendKey(b, "culprit"), names.taskNames[s.Culprit], s.Culprit, s.CulpritRun)
	}
	b = appendInstantField(b, "started", s.Started, core.Never)
	b = appendInstantField(b, "check", s.HealthCheckAt, core.Never)
	b = appendInstantField(b, "shutdown", s.ShutdownUntil, core.Never)
	b = appendInstants(b, "crashes", m.Crashes())
	return appendInstants(b, "restarts", m.Restarts())
}

// appendInstants writes a field with a list of instants, unless it is empty.
func appendInstants(b []byte, key string, instants iter.Seq[core.Instant]) []byte {
	first := true
	for at := range instants {
		if first {
			b = appendKey(b, key)
		} else {
			b = append(b, ',')
		}
		b = appendInstant(b, at)
		first = false
	}
	return b
}

// appendNeeds writes what a task needs, in declared order.
func appendNeeds(b []byte, m *core.Machine, id core.TaskID, names *names) []byte {
	for other, bound := range m.Needs(id) {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		if bound {
			b = append(b, "bound="...)
		}
		b = appendTask(b, names.taskNames[other], other, 0)
	}
	if len(b) == 0 {
		return append(b, nothing...)
	}
	return b
}

// appendCounts writes how many tasks there are. Zeros are left out, except for the total.
func appendCounts(b []byte, c *core.Counts) []byte {
	b = append(b, "total="...)
	b = strconv.AppendInt(b, int64(c.Total), 10)
	for _, count := range [...]struct {
		key    string
		number int
	}{
		{"created", c.Created},
		{"starting", c.Starting},
		{"healthy", c.Healthy},
		{"stopping", c.Stopping},
		{"failed", c.Failed},
		{"completed", c.Completed},
		{"dead", c.Dead},
		{"halted", c.Halted},
		{"abandoned", c.Abandoned},
		{"left-behind", c.LeftBehind},
	} {
		b = appendUintField(b, count.key, uint64(count.number), 0)
	}
	return b
}

// appendDigest writes a digest in sixteen hexadecimal digits.
func appendDigest(b []byte, digest uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[digest>>shift&15])
	}
	return b
}
