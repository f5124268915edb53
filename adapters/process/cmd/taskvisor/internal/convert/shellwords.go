package convert

import (
	"errors"
	"slices"
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
		case quote == 0 && strings.ContainsRune(" \t\r\n", r):
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

// keyValues splits KEY="value",KEY2=value2 as supervisord does: of the marks around a value all are taken away, a backslash is itself,
// and a value without marks has letters, digits and few others. What supervisord would read over is a mistake here.
func keyValues(text string) (pairs []taskfile.Variable, err error) {
	tokens, err := pythonTokens(text)
	if err != nil {
		return nil, err
	}
	for ; len(tokens) > 0; tokens = tokens[min(4, len(tokens)):] {
		if len(tokens) < 3 || tokens[1] != "=" || len(tokens) > 3 && tokens[3] != "," {
			return nil, errAssignment
		}
		pairs = withVariable(pairs, tokens[0], strings.Trim(tokens[2], `'"`))
	}
	return pairs, nil
}

// pythonTokens splits a text as Python's shlex.shlex does, with the letters that supervisord adds: into words, texts in quotation marks
// with these, and whatever else is one character.
func pythonTokens(text string) (tokens []string, err error) {
	const pythonSpace, marks = " \t\r\n", `"'`
	inWord := func(r rune) bool {
		return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_/.+-():", r))
	}
	var token strings.Builder
	emit := func() {
		if token.Len() > 0 {
			tokens = append(tokens, token.String())
		}
		token.Reset()
	}
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case strings.ContainsRune(pythonSpace, r):
			emit()
		case r == '#': // up to the end of the line, and within a word the word goes on behind it
			for i+1 < len(runes) && runes[i] != '\n' {
				i++
			}
		case inWord(r), strings.ContainsRune(marks, r) && token.Len() > 0:
			token.WriteRune(r)
		case strings.ContainsRune(marks, r):
			end := slices.Index(runes[i+1:], r)
			if end < 0 {
				return nil, errOpenQuote
			}
			tokens = append(tokens, string(runes[i:i+end+2]))
			i += end + 1
		default:
			emit()
			tokens = append(tokens, string(r))
		}
	}
	emit()
	return tokens, nil
}
