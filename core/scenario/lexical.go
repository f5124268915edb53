package scenario

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// The words that stand for the largest value of their type.
const (
	wordNever     = "never"     // core.Never
	wordForever   = "forever"   // core.Forever
	wordUnlimited = "unlimited" // core.Unlimited
)

// token is one word of a line. Quoted parts may contain spaces.
type token struct {
	text   string
	line   int
	column int // in bytes, counted from 1
}

func (t token) fail(problem string, err error) error {
	return &SyntaxError{Line: t.line, Column: t.column, Text: t.text, Problem: problem, Err: err}
}

// part returns the token's text from offset on, at its own column.
func (t token) part(offset int) token {
	return token{text: t.text[offset:], line: t.line, column: t.column + offset}
}

// head returns the token's text up to offset.
func (t token) head(offset int) token {
	return token{text: t.text[:offset], line: t.line, column: t.column}
}

// split cuts a line into tokens. The last return value stands for the end of the line, for errors about what is
// missing.
func split(line string, number int) ([]token, token, error) {
	var tokens []token
	end := 0
	for i := 0; i < len(line); {
		if isSpace(line[i]) {
			i++
			continue
		}
		start := i
		for i < len(line) && !isSpace(line[i]) {
			if line[i] != '"' {
				i++
				continue
			}
			quoted, err := strconv.QuotedPrefix(line[i:])
			if err != nil {
				return nil, token{}, token{line[i:], number, i + 1}.fail("unfinished or malformed quotation", err)
			}
			i += len(quoted)
		}
		tokens = append(tokens, token{line[start:i], number, start + 1})
		end = i
	}
	return tokens, token{line: number, column: end + 1}, nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

func itoa(v uint64) string { return strconv.FormatUint(v, 10) }

func appendUint(b []byte, v uint64) []byte { return strconv.AppendUint(b, v, 10) }

func quote(s string) string { return strconv.Quote(s) }

// isBare reports whether a name can be written without quotation marks.
func isBare(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		inner := c >= '0' && c <= '9' || c == '-' || c == '.' || c == '/' || c == ':'
		if !letter && (i == 0 || !inner) {
			return false
		}
	}
	return name != ""
}

func appendName(b []byte, name string) []byte {
	if isBare(name) {
		return append(b, name...)
	}
	return strconv.AppendQuote(b, name)
}

func parseName(t token) (string, error) {
	if isBare(t.text) {
		return t.text, nil
	}
	if !strings.HasPrefix(t.text, `"`) {
		return "", t.fail("not a name: a name begins with a letter, or is quoted", nil)
	}
	name, err := strconv.Unquote(t.text)
	if err != nil {
		return "", t.fail("not a name", err)
	}
	if name == "" {
		return "", t.fail("an empty name", nil)
	}
	return name, nil
}

// appendNameOrNumber writes what a definition is called, or its number if it has no name.
func appendNameOrNumber(b []byte, name string, number uint64) []byte {
	if name == "" {
		return appendUint(b, number)
	}
	return appendName(b, name)
}

// parseNameOrNumber reads what appendNameOrNumber writes. A name must be among those defined so far.
func parseNameOrNumber[ID ~uint64](t token, id *ID, defined map[string]bool, problem string) (string, error) {
	if t.text != "" && t.text[0] >= '0' && t.text[0] <= '9' {
		number, err := parseUint(t, 64)
		*id = ID(number)
		return "", err
	}
	name, err := parseName(t)
	if err == nil && !defined[name] {
		err = t.fail(problem, nil)
	}
	return name, err
}

// appendTask writes a task and, unless it is 0, a run of it: a, a#2, @3.0 or @3.0#2.
func appendTask(b []byte, name string, id core.TaskID, run core.Run) []byte {
	if name != "" {
		b = appendName(b, name)
	} else {
		b = appendTaskID(b, id)
	}
	if run != 0 {
		b = append(b, '#')
		b = strconv.AppendUint(b, uint64(run), 10)
	}
	return b
}

func appendTaskID(b []byte, id core.TaskID) []byte {
	b = append(b, '@')
	b = strconv.AppendUint(b, id.Generation(), 10)
	b = append(b, '.')
	return strconv.AppendUint(b, uint64(id.Slot()), 10)
}

// parseTask reads what appendTask writes; either name or id is zero.
func parseTask(t token) (name string, id core.TaskID, run core.Run, err error) {
	task := t
	if at := strings.LastIndexByte(t.text, '#'); at > strings.LastIndexByte(t.text, '"') {
		number, err := parseUint(t.part(at+1), 64)
		if err != nil {
			return "", 0, 0, err
		}
		task, run = t.head(at), core.Run(number)
	}
	if strings.HasPrefix(task.text, "@") {
		id, err = parseTaskID(task)
		return "", id, run, err
	}
	name, err = parseName(task)
	return name, 0, run, err
}

func parseTaskID(t token) (core.TaskID, error) {
	dot := strings.IndexByte(t.text, '.')
	if dot < 1 || t.text[0] != '@' {
		return 0, t.fail("not a task id: it is written @generation.slot", nil)
	}
	generation, err := parseUint(t.head(dot).part(1), 40)
	if err != nil {
		return 0, err
	}
	slot, err := parseUint(t.part(dot+1), 24)
	if err != nil {
		return 0, err
	}
	return core.TaskID(generation*core.MaxTasks + slot), nil
}

func parseUint(t token, bits int) (uint64, error) {
	number, err := strconv.ParseUint(t.text, 10, bits)
	if err != nil {
		return 0, t.fail("not a number of at most "+strconv.Itoa(bits)+" bits", err)
	}
	return number, nil
}

func appendInstant(b []byte, at core.Instant) []byte {
	if at == core.Never {
		return append(b, wordNever...)
	}
	return append(b, time.Duration(at).String()...)
}

func parseInstant(t token) (core.Instant, error) {
	if t.text == wordNever {
		return core.Never, nil
	}
	d, err := parseExact(t)
	return core.Instant(d), err
}

func appendDuration(b []byte, d core.Duration) []byte {
	if d == core.Forever {
		return append(b, wordForever...)
	}
	return append(b, d.String()...)
}

func parseDuration(t token) (core.Duration, error) {
	if t.text == wordForever {
		return core.Forever, nil
	}
	return parseExact(t)
}

// parseExact parses a duration that is a whole number of nanoseconds. time.ParseDuration would drop a smaller part.
func parseExact(t token) (time.Duration, error) {
	d, err := time.ParseDuration(t.text)
	if err != nil {
		return 0, t.fail("not a duration such as 1.5s", err)
	}
	for rest := t.text; ; {
		_, after, found := strings.Cut(rest, ".")
		if !found {
			return d, nil
		}
		unit := strings.TrimLeft(after, "0123456789")
		if len(after)-len(unit) > decimals(unit) {
			return 0, t.fail("not a whole number of nanoseconds", nil)
		}
		rest = unit
	}
}

// decimals returns how many decimals a number may have whose unit begins the text.
func decimals(unit string) int {
	first, _ := utf8.DecodeRuneInString(unit)
	switch {
	case strings.HasPrefix(unit, "ns"):
		return 0
	case strings.HasPrefix(unit, "us"), first == 'µ', first == 'μ':
		return 3
	case strings.HasPrefix(unit, "ms"):
		return 6
	default: // seconds, minutes and hours
		return 9
	}
}

func appendFraction(b []byte, f core.Fraction) []byte {
	b = strconv.AppendUint(b, uint64(f.Num), 10)
	b = append(b, '/')
	return strconv.AppendUint(b, uint64(f.Den), 10)
}

func parseFraction(t token) (core.Fraction, error) {
	slash := strings.IndexByte(t.text, '/')
	if slash < 0 {
		return core.Fraction{}, t.fail("not a fraction such as 1/2", nil)
	}
	num, err := parseUint(t.head(slash), 32)
	if err != nil {
		return core.Fraction{}, err
	}
	den, err := parseUint(t.part(slash+1), 32)
	if err != nil {
		return core.Fraction{}, err
	}
	return core.Fraction{Num: uint32(num), Den: uint32(den)}, nil
}

// appendRate writes a rate as 5/10s.
func appendRate(b []byte, r core.Rate) []byte {
	b = appendUint(b, uint64(r.Count))
	b = append(b, '/')
	return appendDuration(b, r.Per)
}

func parseRate(t token) (r core.Rate, err error) {
	slash := strings.IndexByte(t.text, '/')
	if slash < 0 {
		return r, t.fail("not a rate such as 5/10s", nil)
	}
	count, err := parseUint(t.head(slash), 32)
	if err != nil {
		return r, err
	}
	r.Count = uint32(count)
	r.Per, err = parseDuration(t.part(slash + 1))
	return r, err
}

// appendProbe writes interval, timeout and failures as 10s/1s/3.
func appendProbe(b []byte, p core.Probe) []byte {
	b = appendDuration(b, p.Interval)
	b = append(b, '/')
	b = appendDuration(b, p.Timeout)
	b = append(b, '/')
	return appendUint(b, uint64(p.Failures))
}

func parseProbe(t token) (p core.Probe, err error) {
	first, last := strings.IndexByte(t.text, '/'), strings.LastIndexByte(t.text, '/')
	if first == last {
		return p, t.fail("not interval, timeout and failures such as 10s/1s/3", nil)
	}
	if p.Interval, err = parseDuration(t.head(first)); err != nil {
		return p, err
	}
	if p.Timeout, err = parseDuration(t.head(last).part(first + 1)); err != nil {
		return p, err
	}
	failures, err := parseUint(t.part(last+1), 8)
	p.Failures = uint8(failures)
	return p, err
}

// enum is any of the core's enumerations.
type enum interface {
	~uint8
	String() string
}

// isNamed reports whether a value has a word of its own. Values beyond the last print as Kind(17).
func isNamed(word string) bool { return !strings.HasSuffix(word, ")") }

// appendEnum writes the word of a value, or its number if it has none.
func appendEnum[E enum](b []byte, value E) []byte {
	if word := value.String(); isNamed(word) {
		return append(b, word...)
	}
	return strconv.AppendUint(b, uint64(value), 10)
}

// parseEnum reads what appendEnum writes.
func parseEnum[E enum](t token, what string) (E, error) {
	if number, err := strconv.ParseUint(t.text, 10, 8); err == nil {
		return E(number), nil
	}
	var known []string
	for value := E(0); ; value++ {
		word := value.String()
		if !isNamed(word) {
			return 0, t.fail("not "+what+", which is one of "+strings.Join(known, ", "), nil)
		}
		if word == t.text {
			return value, nil
		}
		known = append(known, word)
	}
}
