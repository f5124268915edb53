package screen

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// cleaned returns what is shown of the pieces of one line.
func cleaned(colours bool, pieces ...string) string {
	c := cleaner{colours: colours}
	var shown []byte
	for i, piece := range pieces {
		shown = c.clean(shown, piece, i < len(pieces)-1)
	}
	return string(shown)
}

// What would harm the screen is left out, and the text around it stays.
func TestHarmIsLeftOut(t *testing.T) {
	for name, harm := range map[string]string{
		"clear the screen":             "\x1b[2J",
		"cursor home":                  "\x1b[H",
		"cursor up":                    "\x1b[3A",
		"cursor to a place":            "\x1b[10;20H",
		"erase the line":               "\x1b[K",
		"scroll region":                "\x1b[1;5r",
		"alternate screen":             "\x1b[?1049h",
		"mouse":                        "\x1b[?1000h",
		"hide the cursor":              "\x1b[?25l",
		"ask where the cursor is":      "\x1b[6n",
		"repeat a character":           "\x1b[1000b",
		"keys changed":                 "\x1b[>4;1m",
		"title, with a bell":           "\x1b]0;owned\a",
		"title, with a terminator":     "\x1b]2;owned\x1b\\",
		"clipboard":                    "\x1b]52;c;b3duZWQ=\a",
		"hyperlink":                    "\x1b]8;;http://example.com\x1b\\",
		"device control":               "\x1bP$q q\x1b\\",
		"application command":          "\x1b_G\x1b\\",
		"privacy message":              "\x1b^x\x1b\\",
		"start of string":              "\x1bXx\x1b\\",
		"reset":                        "\x1bc",
		"line drawing characters":      "\x1b(0",
		"cursor kept and set":          "\x1b7\x1b8",
		"bell":                         "\a",
		"backspaces":                   "\b\b\b",
		"one byte for two":             "\u009b2J",
		"title in one byte for two":    "\u009d0;owned\u009c",
		"sequence broken by another":   "\x1b[3\x1b[2J",
		"escape before another escape": "\x1b\x1b[2J",
	} {
		for _, colours := range []bool{true, false} {
			require.Equal(t, "beforeafter", cleaned(colours, "before"+harm+"after"), name)
			require.Equal(t, "before", cleaned(colours, "before"+harm), name)
		}
	}
	require.Equal(t, "before", cleaned(true, "before\x1b]0;it never ends"))
	require.Equal(t, "before", cleaned(true, "before\x1b[3"))
	require.Equal(t, "before", cleaned(true, "before\x1b"))
}

// What cannot be seen, or changes how others are seen, is written out.
func TestUnseenIsWrittenOut(t *testing.T) {
	require.Equal(t, `a\x00b\x0bc\x7fd`, cleaned(true, "a\x00b\vc\x7fd"))
	require.Equal(t, `a\u202eb\u2066c\u200fd\u2028e\u0085f`, cleaned(true, "a\u202eb\u2066c\u200fd\u2028e\u0085f"))
	require.Equal(t, "a\ufffdb\ufffd", cleaned(true, "a\xffb\xc3"))
	require.Equal(t, "\tgrün, 終わり, 👍🏽", cleaned(true, "\tgrün, 終わり, 👍🏽"))
}

// A progress bar shows what it has come to.
func TestOverwrittenLines(t *testing.T) {
	require.Equal(t, "100 %", cleaned(true, "10 %\r50 %\r100 %"))
	require.Equal(t, "100 %", cleaned(true, "10 %\r50 %\r100 %\r\r"))
	require.Equal(t, "a line of DOS's", cleaned(true, "a line of DOS's\r"))
	require.Equal(t, "", cleaned(true, "\r"))
}

func TestColoursAreKeptAndSwitchedOff(t *testing.T) {
	require.Equal(t, "\x1b[31mred\x1b[0m", cleaned(true, "\x1b[31mred"))
	require.Equal(t, "\x1b[31mred\x1b[0m", cleaned(true, "\x1b[31mred\x1b[0m"))
	require.Equal(t, "red", cleaned(false, "\x1b[31mred\x1b[0m"))
	require.Equal(t, "\x1b[1;4;31;44mall\x1b[0m\x1b[1;31mless\x1b[0m", strings.ReplaceAll(
		cleaned(true, "\x1b[1m\x1b[4;31m\x1b[44mall\x1b[24;49mless\x1b[m"), "\x1b[0;1;31m", "\x1b[0m\x1b[1;31m"))
	require.Equal(t, "plain", cleaned(true, "\x1b[31m\x1b[39mplain\x1b[31m"))
	require.Equal(t, "\x1b[38;5;200;48;2;1;2;3mexact\x1b[0m", cleaned(true, "\x1b[38;5;200;48;2;1;2;3mexact"))
	require.Equal(t, "\x1b[38;5;200mcolons\x1b[0m", cleaned(true, "\x1b[38:5:200mcolons"))
	require.Equal(t, "\x1b[95;103mbright\x1b[0m", cleaned(true, "\x1b[95;103mbright"))
	require.Equal(t, "seen", cleaned(true, "\x1b[8mseen"), "nothing is concealed")
	require.Equal(t, "text", cleaned(true, "\x1b[38;5mtext"), "it is not whole")
	require.Equal(t, "text", cleaned(true, "\x1b[99999999999999999999;777mtext"))
	require.Equal(t, "text", cleaned(true, "\x1b["+strings.Repeat("0;", 5000)+"0mtext"))
}

// A colour that a line leaves on colours the task's next line, too, and nothing between.
func TestColoursGoOnInTheNextLine(t *testing.T) {
	c := cleaner{colours: true}
	require.Equal(t, "\x1b[31mone\x1b[0m", string(c.clean(nil, "\x1b[31mone", false)))
	require.Equal(t, "\x1b[31mtwo\x1b[0m", string(c.clean(nil, "two", false)))
	require.Equal(t, "\x1b[31mthree\x1b[0m", string(c.clean(nil, "three\x1b[0m", false)))
	require.Equal(t, "four", string(c.clean(nil, "four", false)))
	require.Equal(t, pen{}, c.pen)
}

// Wherever a line is cut into two pieces, what is shown is the same.
func TestSequencesAcrossPieces(t *testing.T) {
	line := "a\x1b[1;31mb\x1b[2Jc\x1b(0d\x1b]0;t\x1b\\e\x1b[0mf"
	for at := range len(line) {
		var shown strings.Builder
		c := cleaner{colours: true}
		for i, piece := range []string{line[:at], line[at:]} {
			text := string(c.clean(nil, piece, i == 0))
			shown.WriteString(strings.NewReplacer("\x1b[0m", "", "\x1b[1;31m", "").Replace(text))
		}
		require.Equal(t, "abcdef", shown.String(), "cut at %d: %q", at, line[at:])
	}
	require.Equal(t, "ab", cleaned(true, "a\x1b]0;"+strings.Repeat("x", 2*mostCut), "b"), "the beginning is too long to be kept")
}

func FuzzClean(f *testing.F) {
	for _, text := range []string{"plain", "\x1b[31mred\x1b[0m", "\x1b]0;title\a", "\u009b2J", "\x1b[38;5;1m\xff\r\n", "\x1b(0\x1bP\x1b\\"} {
		f.Add(text, text, true)
	}
	f.Fuzz(func(t *testing.T, one, two string, colours bool) {
		shown := cleaned(colours, one, two)
		require.True(t, utf8.ValidString(shown))
		for shown != "" {
			if rest, ok := strings.CutPrefix(shown, "\x1b["); ok && colours {
				parameters, after, found := strings.Cut(rest, "m")
				require.True(t, found)
				require.Empty(t, strings.Trim(parameters, "0123456789;"))
				shown = after
				continue
			}
			r, n := utf8.DecodeRuneInString(shown)
			require.True(t, r == '\t' || !unicode.IsControl(r), "%q", shown)
			shown = shown[n:]
		}
	})
}
