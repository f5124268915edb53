package scenario

import (
	"encoding/binary"
	"iter"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Log is the binary form of all that a machine is told, which takes about a tenth of the room of the text: what it begins with,
// events, definitions, and the names of tasks. What it decides is left out, because that can be worked out again. A flight recorder
// keeps one (see [Ring]), and each entry of a replicated log can be one. To append an event where there is room does not allocate.
// The zero Log is empty.
type Log struct {
	data []byte
	at   core.Instant // of the latest event
}

// What the byte of logSays says.
const (
	logBound = 1 << iota
	logSuspended
	logHeld
	logSaysEnd
)

// logMagic names the form and its version.
const logMagic = "tsl\x02"

// A record begins with two bytes, the lower one first: which of the fields follow, in this order, each as a number of seven bits
// to a byte, lowest first. An event has those that are not zero; its At is counted from that of the event before. Numbers of either
// sign are folded, as in snapshots.
const (
	logAt = 1 << iota
	logTask
	logOther
	logWithin
	logDelay
	logKey
	logRun
	logFenced
	logPolicy
	logLimits
	logKind
	logExit
	logSays  // what of the event is true or false: a byte
	logName  // the length of a name and the name
	logLine  // the length of a line of text and the line, and no other field: a definition, or the name of a task
	logState // the length of a snapshot and the snapshot, and no other field: what the machine begins with
)

// Event appends an event. The name is, for an EventAdd, that of the new task, and else empty.
func (l *Log) Event(name string, ev *core.Event) {
	start := len(l.data)
	b, has := append(l.data, 0, 0), uint16(0)
	if ev.At != l.at {
		has, b = has|logAt, binary.AppendVarint(b, int64(ev.At-l.at)) // which wraps around, and back when it is read
		l.at = ev.At
	}
	if ev.Task != 0 {
		has, b = has|logTask, binary.AppendUvarint(b, uint64(ev.Task))
	}
	if ev.Other != 0 {
		has, b = has|logOther, binary.AppendUvarint(b, uint64(ev.Other))
	}
	if ev.Within != 0 {
		has, b = has|logWithin, binary.AppendVarint(b, int64(ev.Within))
	}
	if ev.Delay != 0 {
		has, b = has|logDelay, binary.AppendVarint(b, int64(ev.Delay))
	}
	if ev.Key != 0 {
		has, b = has|logKey, binary.AppendUvarint(b, uint64(ev.Key))
	}
	if ev.Run != 0 {
		has, b = has|logRun, binary.AppendUvarint(b, uint64(ev.Run))
	}
	if ev.Fenced != 0 {
		has, b = has|logFenced, binary.AppendUvarint(b, uint64(ev.Fenced))
	}
	if ev.Policy != 0 {
		has, b = has|logPolicy, binary.AppendUvarint(b, uint64(ev.Policy))
	}
	if ev.Limits != 0 {
		has, b = has|logLimits, binary.AppendUvarint(b, uint64(ev.Limits))
	}
	if ev.Kind != 0 {
		has, b = has|logKind, append(b, byte(ev.Kind))
	}
	if ev.Exit != 0 {
		has, b = has|logExit, append(b, byte(ev.Exit))
	}
	if says := logSaid(ev); says != 0 {
		has, b = has|logSays, append(b, says)
	}
	if name != "" {
		has, b = has|logName, append(binary.AppendUvarint(b, uint64(len(name))), name...)
	}
	b[start], b[start+1] = byte(has), byte(has>>8)
	l.data = b
}

// logSaid returns what of an event is true.
func logSaid(ev *core.Event) (says byte) {
	if ev.Bound {
		says |= logBound
	}
	if ev.Suspended {
		says |= logSuspended
	}
	if ev.Held {
		says |= logHeld
	}
	return says
}

// Define appends the definition of a policy that has got this id, see [Define].
func (l *Log) Define(id core.PolicyID, p *core.Policy) {
	l.line(&Define{Policy{Policy: *p, Name: policyName(id)}})
}

// DefineLimits appends the definition of limits that have got this id, see [DefineLimits].
func (l *Log) DefineLimits(id core.LimitsID, limits *core.Limits) {
	l.line(&DefineLimits{Limits: *limits, Name: limitsName(id)})
}

// Bind appends the name of a task that was added without one, see [Bind].
func (l *Log) Bind(name string, task core.TaskID) { l.line(&Bind{Name: name, Task: task}) }

// line appends a statement that is rare, and so kept as its text.
func (l *Log) line(s Statement) {
	l.text(s.appendText(nil))
}

func (l *Log) text(text []byte) {
	has := uint16(logLine)
	b := binary.AppendUvarint(append(l.data, byte(has&0xff), byte(has>>8)), uint64(len(text)))
	l.data = append(b, text...)
}

// Len returns how many bytes the log takes.
func (l *Log) Len() int { return len(l.data) }

// Reset empties the log and keeps its room.
func (l *Log) Reset() { *l = Log{data: l.data[:0]} }

// AppendBinary appends the log to b, with what names the form and its version. The error is always nil.
func (l *Log) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, logMagic...), l.data...), nil
}

// UnmarshalBinary replaces the log by one that AppendBinary wrote. It refuses other bytes with a [*LogError], and then the log
// is unchanged.
func (l *Log) UnmarshalBinary(data []byte) error {
	const version = len(logMagic) - 1
	switch {
	case len(data) < len(logMagic) || string(data[:version]) != logMagic[:version]:
		return &LogError{Problem: "its first bytes are not those of a log"}
	case data[version] != logMagic[version]:
		return &LogError{Offset: version, Problem: "its version is unknown"}
	}
	read := Log{data: append([]byte(nil), data[len(logMagic):]...)}
	r := logReader{data: read.data}
	if _, err := r.begin(new(Scenario)); err != nil {
		return &LogError{err.Offset + len(logMagic), err.Problem}
	}
	for r.more() {
		if _, err := r.next(); err != nil {
			return &LogError{err.Offset + len(logMagic), err.Problem}
		}
	}
	read.at = r.at
	*l = read
	return nil
}

// LogError says what is wrong with the bytes of a [Log].
type LogError struct {
	Offset  int // where it is
	Problem string
}

func (e *LogError) Error() string {
	return "invalid log: at byte " + itoa(uint64(e.Offset)) + ": " + e.Problem
}

// Statements iterates over the statements: an *[Event], *[Define], *[DefineLimits] or *[Bind] each. Of the events Name is
// set only if they are an EventAdd: the others refer to tasks by their ids.
func (l *Log) Statements() iter.Seq[Statement] {
	return func(yield func(Statement) bool) {
		r := logReader{data: l.data}
		if _, err := r.begin(new(Scenario)); err != nil {
			return
		}
		for r.more() {
			s, err := r.next()
			if err != nil || !yield(s) {
				return // an error there cannot be: what was read has been checked
			}
		}
	}
}

// logReader reads records.
type logReader struct {
	data   []byte
	offset int
	at     core.Instant
	bad    bool // a number was cut off or out of range
}

func (r *logReader) more() bool { return r.offset < len(r.data) }

func (r *logReader) next() (Statement, *LogError) {
	start := r.offset
	has, err := r.fields()
	if err != nil {
		return nil, err
	}
	var s Statement
	problem := ""
	switch {
	case has == logLine:
		s, problem = parseLogLine(string(r.bytes()))
	case has&(logLine|logState) != 0:
		problem = "a record is of no known kind"
	default:
		s = r.event(has)
	}
	switch {
	case r.bad:
		return nil, &LogError{start, logCutOff}
	case problem != "":
		return nil, &LogError{start, problem}
	}
	return s, nil
}

// logCutOff is what is wrong with a record whose end is missing.
const logCutOff = "a record is cut off, or a number in it is out of range"

// fields reads which fields the next record has.
func (r *logReader) fields() (has uint16, err *LogError) {
	if len(r.data)-r.offset < 2 {
		return 0, &LogError{r.offset, "a record is cut off"}
	}
	has = uint16(r.data[r.offset]) | uint16(r.data[r.offset+1])<<8
	r.offset += 2
	return has, nil
}

func (r *logReader) event(has uint16) *Event {
	e := &Event{}
	ev := &e.Event
	r.at += core.Instant(logInt(r, has, logAt))
	ev.At = r.at
	ev.Task = core.TaskID(r.uint(has, logTask, 1<<64-1))
	ev.Other = core.TaskID(r.uint(has, logOther, 1<<64-1))
	ev.Within = core.Duration(logInt(r, has, logWithin))
	ev.Delay = core.Duration(logInt(r, has, logDelay))
	ev.Key = uint32(r.uint(has, logKey, 1<<32-1))
	ev.Run = core.Run(r.uint(has, logRun, 1<<64-1))
	ev.Fenced = core.Run(r.uint(has, logFenced, 1<<64-1))
	ev.Policy = core.PolicyID(r.uint(has, logPolicy, 1<<64-1))
	ev.Limits = core.LimitsID(r.uint(has, logLimits, 1<<64-1))
	ev.Kind = core.EventKind(r.byte(has, logKind))
	ev.Exit = core.ExitKind(r.byte(has, logExit))
	says := r.byte(has, logSays)
	r.bad = r.bad || says >= logSaysEnd
	ev.Bound, ev.Suspended, ev.Held = says&logBound != 0, says&logSuspended != 0, says&logHeld != 0
	if has&logName != 0 {
		e.Name = string(r.bytes())
		r.bad = r.bad || e.Name == "" || ev.Kind != core.EventAdd
	}
	return e
}

// uint reads a number if the event has it. Then it is not zero.
func (r *logReader) uint(has, field uint16, most uint64) uint64 {
	if has&field == 0 || r.bad {
		return 0
	}
	x, n := binary.Uvarint(r.data[r.offset:])
	if n <= 0 || n > 1 && r.data[r.offset+n-1] == 0 || x > most || x == 0 {
		r.bad = true
		return 0
	}
	r.offset += n
	return x
}

// logInt is uint for a number of either sign.
func logInt(r *logReader, has, field uint16) int64 {
	x := r.uint(has, field, 1<<64-1)
	return int64(x>>1) ^ -int64(x&1)
}

func (r *logReader) byte(has, field uint16) byte {
	switch {
	case has&field == 0 || r.bad:
		return 0
	case r.offset == len(r.data) || r.data[r.offset] == 0:
		r.bad = true
		return 0
	}
	r.offset++
	return r.data[r.offset-1]
}

// bytes reads a length and what follows.
func (r *logReader) bytes() []byte {
	length := r.uint(1, 1, uint64(len(r.data)))
	if r.bad || length > uint64(len(r.data)-r.offset) {
		r.bad = true
		return nil
	}
	r.offset += int(length)
	return r.data[r.offset-int(length) : r.offset]
}

// parseLogLine reads a line in its canonical form.
func parseLogLine(line string) (s Statement, problem string) {
	const wrong = "a line in it is no definition, and names no task"
	tokens, end, err := split(line, 1)
	if err != nil || len(tokens) == 0 || tokens[0].column > 1 {
		return nil, wrong
	}
	switch tokens[0].text {
	case "define", "limits", "task":
	default:
		return nil, wrong
	}
	p := newParser()
	if err := p.parseStatement(tokens, end); err != nil {
		return nil, wrong
	}
	s = p.scenario.Statements[0]
	canonical := string(s.appendText(nil)) == line
	switch s := s.(type) {
	case *Define:
		canonical = canonical && isNumbered(s.Name, 'p')
	case *DefineLimits:
		canonical = canonical && isNumbered(s.Name, 'l')
	case *Event, *Bind, *Expect:
	}
	if !canonical {
		return nil, wrong
	}
	*s.place() = Place{}
	return s, ""
}

// isNumbered reports whether a name is a letter and a number.
func isNumbered(name string, letter byte) bool {
	id, err := strconv.ParseUint(strings.TrimPrefix(name, string(letter)), 10, 64)
	return err == nil && name == string(letter)+itoa(id)
}
