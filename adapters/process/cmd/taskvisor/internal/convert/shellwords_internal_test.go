package convert

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What supervisord 4.2 makes of an environment. What it reads over without a word is refused.
func TestKeyValuesAreThoseOfSupervisord(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                           {},
		`A=b`:                        {"A": "b"},
		`A= b`:                       {"A": "b"},
		`A="",B='x'`:                 {"A": "", "B": "x"},
		`A=a,B=b,`:                   {"A": "a", "B": "b"},
		"A=a, B=b\n,C=\"c d\"":       {"A": "a", "B": "b", "C": "c d"},
		`A=/x.y+z-(1):2`:             {"A": "/x.y+z-(1):2"},
		`A="a,b"`:                    {"A": "a,b"},
		`A="a\\b"`:                   {"A": `a\\b`},
		`A="C:\dir"`:                 {"A": `C:\dir`},
		`A="'x'"`:                    {"A": "x"},
		`A='a"b'`:                    {"A": `a"b`},
		"A=\"x\ny\"":                 {"A": "x\ny"},
		"A=b,#c\nB=d":                {"A": "b", "B": "d"},
		"A=b#c\nd":                   {"A": "bd"},
		"A=é":                        {"A": "é"},
		`A="é ü"`:                    {"A": "é ü"},
		`A="a",A=b`:                  {"A": "b"},
		`A=\`:                        {"A": `\`},
		`URL="http://h/?a=b&c=%20d"`: {"URL": "http://h/?a=b&c=%20d"},
	} {
		pairs, err := keyValues(text)
		require.NoError(t, err, text)
		got := map[string]string{}
		for _, pair := range pairs {
			got[pair.Name] = pair.Value
		}
		require.Equal(t, want, got, text)
	}
	for text, want := range map[string]error{
		"A": errAssignment, "A=": errAssignment, "A=,B=c": errAssignment, "A=a@b": errAssignment,
		"A=50%": errAssignment, `A=x"b c"`: errAssignment, `A="a"B`: errAssignment, `A="a\"b"`: errAssignment, "A=x;B=y": errAssignment,
		`A="x`: errOpenQuote,
	} {
		_, err := keyValues(text)
		require.ErrorIs(t, err, want, text)
	}
}

// What Python's shlex.split makes of a command.
func TestShellWordsAreThoseOfPython(t *testing.T) {
	for text, want := range map[string][]string{
		"a\u00a0b\vc d": {"a\u00a0b\vc", "d"}, "a\\\nb": {"a\nb"}, `"a\nb"`: {`a\nb`}, "''": {""}, `a"b"c`: {"abc"}, `"\$x"`: {`\$x`},
		`a\'b`: {"a'b"}, "a#b": {"a#b"}, `a "" b`: {"a", "", "b"}, "": nil,
	} {
		words, err := shellWords(text)
		require.NoError(t, err, text)
		require.Equal(t, want, words, text)
	}
}
