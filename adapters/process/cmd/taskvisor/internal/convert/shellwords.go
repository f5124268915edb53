package convert

import (
	"errors"
	"strings"
	"unicode"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

var (
	errOpenQuote  = errors.New("a quotation mark is not closed")
	errLoneSlash  = errors.New("it ends with a backslash")
	errAssignment = errors.New(`it is not KEY="value",KEY2="value2"`)
)

// shellWords splits a line as Python's shlex.split does: at spaces, with quotes and backslashes, and without any expansion.
func shellWords(line string) (words []string, err error) {
	var word strings.Builder
	inWord := false
	var quote rune
	runes := []rune(line)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote == 0 && unicode.IsSpace(r):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case quote == 0 && (r == '"' || r == '\''):
			quote, inWord = r, true
		case r == quote:
			quote = 0
		case r == '\\' && quote != '\'':
			if i++; i == len(runes) {
				return nil, errLoneSlash
			}
			if quote == '"' && runes[i] != '"' && runes[i] != '\\' {
				word.WriteRune('\\')
			}
			word.WriteRune(runes[i])
			inWord = true
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, errOpenQuote
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// keyValues splits KEY="value",KEY2=value2 as supervisord does. A value without quotes has letters, digits, and some marks.
func keyValues(text string) (pairs []taskfile.Variable, err error) {
	runes := []rune(text)
	i := 0
	space := func() {
		for i < len(runes) && (unicode.IsSpace(runes[i]) || runes[i] == '#') {
			if runes[i] == '#' { // a comment, up to the end of the line
				for i < len(runes) && runes[i] != '\n' {
					i++
				}
				continue
			}
			i++
		}
	}
	token := func() (string, bool, error) {
		var word strings.Builder
		begin := i
		for i < len(runes) {
			switch r := runes[i]; {
			case r == '"' || r == '\'':
				i++
				for i < len(runes) && runes[i] != r {
					if r == '"' && runes[i] == '\\' && i+1 < len(runes) {
						if i++; runes[i] != '"' && runes[i] != '\\' {
							word.WriteRune('\\')
						}
					}
					word.WriteRune(runes[i])
					i++
				}
				if i == len(runes) {
					return "", false, errOpenQuote
				}
				i++
			case r == '\\' && i+1 < len(runes):
				word.WriteRune(runes[i+1])
				i += 2
			case unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_/.+-():", r):
				word.WriteRune(r)
				i++
			default:
				return word.String(), i > begin, nil
			}
		}
		return word.String(), i > begin, nil
	}
	for space(); i < len(runes); space() {
		name, ok, err := token()
		if err != nil {
			return nil, err
		}
		space()
		if !ok || i == len(runes) || runes[i] != '=' {
			return nil, errAssignment
		}
		i++
		space()
		value, ok, err := token()
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, errAssignment
		}
		pairs = withVariable(pairs, name, value)
		space()
		if i < len(runes) {
			if runes[i] != ',' {
				return nil, errAssignment
			}
			i++
		}
	}
	return pairs, nil
}
