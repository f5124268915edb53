package tasksupervisor_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stilted are phrases that a native engineer would not write, with what to write instead. Only those are listed that are
// wrong wherever they stand.
func stilted() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"reports whether":            regexp.MustCompile(`\b[Tt]ells? whether\b`),
		"cannot":                     regexp.MustCompile(`\b[Cc]an not\b`),
		"notes, records":             regexp.MustCompile(`\b[Tt]ak(?:es?|en|ing) note\b|\b[Tt]ook note\b`),
		"an operator command":        regexp.MustCompile(`\b[Oo]perators?(?:'s?)? words?\b`),
		"at least every":             regexp.MustCompile(`\bat least so often\b`),
		"has stopped, was removed":   regexp.MustCompile(`\b(?:is|are|was|were) gone\b`),
		"all, every task":            regexp.MustCompile(`\b[Ee]verybody\b`),
		"no task":                    regexp.MustCompile(`\b[Nn]obody (?:dies|starts|stops|is (?:being|stopp))|\b(?:starts|takes|waits for|stops|needed by) nobody\b`),
		"does not exist":             regexp.MustCompile(`\bthat there (?:is|are|was|were) not\b`),
		"because":                    regexp.MustCompile(`, for (?:it|they|there) (?:is|are|was|were|has|have|had|does|do|must|would|can|could|will|may)\b`),
		"of which, to which, or so":  regexp.MustCompile(`\bwhom (?:it|they)\b`),
		"that is, or a new sentence": regexp.MustCompile(`\b(?:which|that) is to say\b`),
		"is not a":                   regexp.MustCompile(`[^e] is no (?:option|failure|number|signal|address|key|server|socket|terminal|directory|mapping|recording)\b`),
	}
}

// passage is a piece of prose: a paragraph, a comment, or a string.
type passage struct {
	line int
	text string
}

// The prose of guides, comments, errors and help texts is plain English.
func TestProseIsPlain(t *testing.T) {
	phrases, guides, sources := stilted(), 0, 0
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (entry.Name() == "testdata" || entry.Name() == ".git" || entry.Name() == "bin"):
			return filepath.SkipDir
		case entry.IsDir() || path == "prose_test.go": // which has the phrases
			return nil
		}
		var prose func(text string) []passage
		switch {
		case filepath.Ext(path) == ".go":
			prose = inGo
			sources++
		case filepath.Ext(path) == ".md", filepath.Ext(path) == ".yml", path == "Makefile":
			prose = inText
			guides++
		default:
			return nil
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, found := range prose(string(text)) {
			assert.Empty(t, stiltedIn(phrases, found.text), "%s:%d: %s", path, found.line, found.text)
		}
		return nil
	}))
	require.Greater(t, guides, 10)
	require.Greater(t, sources, 100)
}

// inText returns the paragraphs of a guide. What a program prints is its own affair.
func inText(text string) []passage {
	var passages []passage
	quoted, open := false, false
	for i, line := range strings.Split(text, "\n") {
		fence := strings.HasPrefix(line, "```")
		quoted = quoted != fence
		switch line = strings.TrimSpace(line); {
		case quoted || fence || line == "":
			open = false
		case open && !strings.HasPrefix(line, "|"): // a row of a table stands for itself
			passages[len(passages)-1].text += " " + line
		default:
			passages = append(passages, passage{i + 1, line})
			open = true
		}
	}
	return passages
}

// inGo returns the comments and strings of a Go file. The lines of a comment are one passage.
func inGo(text string) []passage {
	var passages []passage
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, scanner.ScanComments)
	comment := -1 // the line of the latest comment
	for {
		pos, tok, literal := s.Scan()
		line := file.Line(pos)
		switch tok {
		case token.EOF:
			return passages
		case token.COMMENT:
			literal = strings.TrimSpace(strings.TrimPrefix(literal, "//"))
			if line == comment+1 {
				passages[len(passages)-1].text += " " + literal
			} else {
				passages = append(passages, passage{line, literal})
			}
			comment = line
		case token.STRING:
			passages = append(passages, passage{line, literal})
			comment = -1
		default: // code
		}
	}
}

// stiltedIn returns a stilted phrase of a text and what to write instead, or nothing.
func stiltedIn(phrases map[string]*regexp.Regexp, text string) string {
	for better, phrase := range phrases {
		if found := phrase.FindString(text); found != "" {
			return found + " -> " + better
		}
	}
	return ""
}

// The check is checked.
func TestStiltedPhrasesAreFound(t *testing.T) {
	phrases := stilted()
	for _, phrase := range []string{
		"It tells whether a task runs.", "To tell whether it runs", "It can not start.", "Can not it?", "It takes note of that.",
		"an operator's word", "operators' words", "beats at least so often", "when its run is gone", "Everybody stops",
		"nobody dies", "it waits for nobody", "a task that there is not", "It waits, for it is not up", "whom it says",
		"which is to say", "nil is no option",
	} {
		require.NotEmpty(t, stiltedIn(phrases, phrase), phrase)
	}
	for _, phrase := range []string{
		"It reports whether a task runs.", "It cannot start.", "It notes that.", "an operator command", "You can note that.",
		"when its run has stopped", "nobody is called", "nil if nobody waits for it", "It waits, for a minute", "that there is no task", "with or without options",
	} {
		require.Empty(t, stiltedIn(phrases, phrase), phrase)
	}
	require.Equal(t, []passage{{2, "a comment of two lines"}, {4, `"a string"`}, {5, "beside"}},
		inGo("package p\n// a comment\n// of two lines\nvar s = \"a string\"\nvar n int // beside\n"))
	require.Equal(t, []passage{{1, "one paragraph"}, {7, "another"}}, inText("one\nparagraph\n\n```\nprinted\n```\nanother\n"))
}
