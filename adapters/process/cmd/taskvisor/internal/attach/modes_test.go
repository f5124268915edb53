package attach

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a terminal was told is taken back, and nothing else.
func TestModes(t *testing.T) {
	const plain = "\x1b[0m\x1b(B"
	for shown, back := range map[string]string{
		"text\r\n":                           plain,
		"\x1b[31mred\x1b[2J\x1b[10;5H\x1b[K": plain,
		"\x1b[?1049h":                        plain + "\x1b[?1049l",
		"\x1b[?1049h\x1b[?1049l":             plain,
		"\x1b[?25l":                          plain + "\x1b[?25h",
		"\x1b[?25l\x1b[?25h\x1b[?7h":         plain,
		"\x1b[?1000;1006h\x1b[?2004h":        plain + "\x1b[?1000l\x1b[?1006l\x1b[?2004l",
		"\x1b[?1h\x1b=":                      plain + "\x1b>" + "\x1b[?1l",
		"\x1b[5;10r":                         plain + "\x1b7\x1b[r\x1b8",
		"\x1b[5;10r\x1b[r":                   plain,
		"\x1b[5;10r\x1b=\x1b[?25l\x1b[!p":    plain,
		"\x1b[?1049h\x1b[5;10r\x1bc":         plain,
		"\x1b[?9999h\x1b[?h\x1b[4h":          plain,
		"\x1b[?104\x1b[?1049h":               plain + "\x1b[?1049l",
		"\x1b[?25":                           "\x18" + plain,
		"\x1b[?" + strings.Repeat("1;", 100) + "25l" + "\x1b[?6h": plain + "\x1b[?6l",
	} {
		var whole, split modes
		whole.see([]byte(shown))
		for i := range len(shown) {
			split.see([]byte{shown[i]})
		}
		require.Equal(t, back, whole.back(), "%q", shown)
		require.Equal(t, back, split.back(), "%q", shown)
	}
}
