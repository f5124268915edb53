package golden

import (
	"fmt"
	"slices"
	"strings"
)

// Lost lists what a scenario that was recorded anew no longer shows: each event that was accepted and is now rejected, or
// the other way round; each reason, refusal, status, intent, wait and exit that no longer occurs; and each number that
// stands where a name stood, or a name where a number stood. The two texts have the same statements in the same order.
// Each item begins with the path and the line in the old text.
func Lost(path, old, new string) []string {
	before, after := statements(old), statements(new)
	if len(before) != len(after) {
		return []string{fmt.Sprintf("%s:1: it has %d statements instead of %d", path, len(after), len(before))}
	}
	var lost []string
	report := func(line int, format string, args ...any) {
		lost = append(lost, fmt.Sprintf("%s:%d: ", path, line)+fmt.Sprintf(format, args...))
	}
	for i := range before {
		b, a := &before[i], &after[i]
		switch rejectedBefore, rejectedAfter := b.rejection(), a.rejection(); {
		case rejectedBefore == "" && rejectedAfter != "":
			report(b.line, "%q was accepted and is now rejected: %s", b.head, rejectedAfter)
		case rejectedBefore != "" && rejectedAfter == "":
			report(b.line, "%q was rejected and is now accepted; it was: %s", b.head, rejectedBefore)
		}
		for _, change := range b.numbers(a) {
			report(b.line, "%s", change)
		}
	}
	shown := map[string]bool{}
	for i := range after {
		for _, word := range after[i].words() {
			shown[word] = true
		}
	}
	for i := range before {
		for _, word := range before[i].words() {
			if !shown[word] {
				shown[word] = true // once is enough
				report(before[i].line, "%s is no longer shown", word)
			}
		}
	}
	return lost
}

// statement is an event with its record, or another line of a scenario.
type statement struct {
	line   int // counted from 1
	head   string
	record []string
	answer string // of an expect
}

func statements(text string) []statement {
	var all []statement
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, "#"):
		case line[0] == ' ' && len(all) > 0:
			last := &all[len(all)-1]
			last.record = append(last.record, strings.TrimSpace(line))
		default:
			head, answer, _ := strings.Cut(line, " -> ")
			all = append(all, statement{line: number, head: head, answer: answer})
		}
	}
	return all
}

// rejection returns the record line that says that the event was rejected, or "".
func (s *statement) rejection() string {
	for _, line := range s.record {
		if words := strings.Fields(line); len(words) > 1 && words[1] == "reject" {
			return line
		}
	}
	return ""
}

// numbers lists where one of two texts has a number and the other a name.
func (s *statement) numbers(after *statement) []string {
	var changes []string
	compare := func(old, new string) {
		before, after := strings.Fields(old), strings.Fields(new)
		for i := range min(len(before), len(after)) {
			b, a := value(before[i]), value(after[i])
			if b != a && isNumber(a) && isWord(b) {
				changes = append(changes, fmt.Sprintf("the number %s stands where the name %s stood: %s", a, b, new))
			}
			if b != a && isNumber(b) && isWord(a) {
				changes = append(changes, fmt.Sprintf("the name %s stands where the number %s stood: %s", a, b, new))
			}
		}
	}
	compare(s.head, after.head)
	compare(s.answer, after.answer)
	for i := range min(len(s.record), len(after.record)) {
		compare(s.record[i], after.record[i])
	}
	return changes
}

// words returns the names of reasons, refusals, statuses, intents, waits and exits that a statement shows.
func (s *statement) words() []string {
	var words []string
	add := func(word string) {
		key, _, field := strings.Cut(word, "=")
		if field {
			if key == "exit" || key == "intent" || key == "wait" {
				words = append(words, word)
			}
			return
		}
		for part := range strings.SplitSeq(word, "->") {
			if isWord(part) {
				words = append(words, part)
			}
		}
	}
	for _, line := range s.record {
		fields := strings.Fields(line)
		fields = fields[min(2, len(fields)):] // the instant and the kind come first
		if len(fields) > 1 && !strings.Contains(fields[1], "=") {
			fields = fields[1:] // then the task, if the action is about one
		}
		for _, field := range fields {
			add(field)
		}
	}
	if question := strings.Fields(s.head); len(question) > 1 && question[0] == "expect" && slices.Contains([]string{"status", "phase"}, question[1]) {
		for _, word := range strings.Fields(s.answer) {
			add(word)
		}
	}
	return words
}

// value returns what stands behind the = of a field, or the word itself.
func value(word string) string {
	if _, value, ok := strings.Cut(word, "="); ok {
		return value
	}
	return word
}

func isNumber(word string) bool {
	return word != "" && strings.Trim(word, "0123456789") == ""
}

// isWord reports whether a word is spelled as the names of package core are.
func isWord(word string) bool {
	return word != "" && 'a' <= word[0] && word[0] <= 'z' && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-") == ""
}
