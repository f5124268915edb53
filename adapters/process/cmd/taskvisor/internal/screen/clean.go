package screen

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// cleaner makes what a task writes fit to be shown among the lines of others. It leaves out what would move the cursor, clear the
// screen, set the title or change how the terminal works, and writes out other control characters, such as \x00. Colours stay if
// they are to be kept: those that a line leaves on are switched off at its end, and on again at the beginning of the task's next.
type cleaner struct {
	colours bool
	pen     pen    // how the task writes at the moment
	cut     string // the beginning of a sequence, whose rest comes with the next piece of the line
}

// mostCut is how long the beginning of a sequence may be to be kept for the next piece: no colour is longer.
const mostCut = 64

// clean appends one line, or piece of a line, without its end. If more of the line is to come, a sequence may go on there.
func (c *cleaner) clean(dst []byte, text string, more bool) []byte {
	text = lastOverwrite(text)
	if c.cut != "" {
		text, c.cut = c.cut+text, ""
	}
	shown := pen{} // how the terminal writes at the moment
	for len(text) > 0 {
		if n := plainUntil(text); n > 0 {
			if c.pen != shown {
				dst, shown = c.pen.append(dst, shown), c.pen
			}
			dst, text = append(dst, text[:n]...), text[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		n, colour, whole := sequence(text)
		switch {
		case n > 0 && !whole:
			if more && n <= mostCut {
				c.cut = strings.Clone(text[:n])
			}
		case n > 0:
			if c.colours && colour {
				c.pen.read(parametersOf(text[:n]))
			}
		default:
			n = size
			if c.pen != shown {
				dst, shown = c.pen.append(dst, shown), c.pen
			}
			dst = appendShown(dst, text[:size], r)
		}
		text = text[n:]
	}
	if shown != (pen{}) {
		dst = append(dst, penOff...)
	}
	return dst
}

// plainUntil returns how many printable ASCII characters and tabs a text begins with: most are of nothing else.
func plainUntil(text string) int {
	for i := range len(text) {
		if b := text[i]; (b < ' ' && b != '\t') || b >= 0x7f {
			return i
		}
	}
	return len(text)
}

// lastOverwrite returns what a terminal would show of a text in which carriage returns begin the line anew, as a progress bar does.
func lastOverwrite(text string) string {
	end := len(text)
	for end > 0 && text[end-1] == '\r' {
		end--
	}
	for i := end - 1; i >= 0; i-- {
		if text[i] == '\r' {
			return text[i+1 : end]
		}
	}
	return text[:end]
}

// appendShown appends a character, or how it is written out if it cannot be seen or changes how others are seen.
func appendShown(dst []byte, encoded string, r rune) []byte {
	switch {
	case r == utf8.RuneError && len(encoded) == 1:
		return utf8.AppendRune(dst, utf8.RuneError)
	case r == '\a', r == '\b': // a bell, and what an overstrike goes back with
		return dst
	case r < ' ', r == 0x7f:
		return fmt.Appendf(dst, `\x%02x`, r)
	case isReordering(r):
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	return append(dst, encoded...)
}

// isReordering reports whether a character changes the order in which others are shown, or ends a line.
func isReordering(r rune) bool {
	switch {
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c, r == 0x2028, r == 0x2029, r == 0x85:
		return true
	}
	return false
}

const escape = 0x1b

// sequence returns the length of the control sequence that a text begins with, 0 if it begins with none. It says whether the
// sequence sets colours, and whether it is whole.
func sequence(text string) (n int, colour, whole bool) {
	kind, n := introducer(text)
	switch kind {
	case 0:
		return n, false, n == 0
	case '[':
		return controlSequence(text, n)
	case ']', 'P', 'X', '^', '_':
		return stringed(text, n)
	}
	for ; n < len(text); n++ { // such as ESC c, and ESC ( 0
		if text[n] < 0x20 || text[n] > 0x2f {
			break
		}
	}
	if kind >= 0x20 && kind <= 0x2f { // its last character follows
		if n == len(text) {
			return n, false, false
		}
		n++
	}
	return n, false, true
}

// introducer returns the character that says which kind of sequence a text begins with, and how long the beginning is: ESC and that
// character, or one that stands for both. 0 and no length: it is not a sequence; 0 and some: the text ends before that character.
func introducer(text string) (kind byte, n int) {
	switch {
	case text[0] == escape && len(text) == 1:
		return 0, 1
	case text[0] == escape && text[1] >= 0x20 && text[1] < 0x7f:
		return text[1], 2
	case text[0] == escape:
		return 'c', 1 // it stands alone
	case len(text) > 1 && text[0] == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f && text[1] != 0x85:
		return text[1] - 0x40, 2
	}
	return 0, 0
}

// controlSequence returns the length of one of which n bytes, up to its parameters, are known.
func controlSequence(text string, n int) (length int, colour, whole bool) {
	colour = true
	for ; n < len(text); n++ {
		switch b := text[n]; {
		case b >= 0x40 && b <= 0x7e:
			return n + 1, colour && b == 'm', true
		case b >= '0' && b <= '9', b == ';', b == ':':
		case b >= 0x20 && b <= 0x3f:
			colour = false
		default:
			return n, false, true // what is not a sequence ends there
		}
	}
	return n, false, false
}

// stringed returns the length of a sequence that ends with a bell, or ESC and a backslash. One that does not end takes the line.
func stringed(text string, n int) (length int, colour, whole bool) {
	for ; n < len(text); n++ {
		switch {
		case text[n] == '\a':
			return n + 1, false, true
		case text[n] == escape && n+1 < len(text) && text[n+1] == '\\':
			return n + 2, false, true
		case text[n] == 0xc2 && n+1 < len(text) && text[n+1] == 0x9c:
			return n + 2, false, true
		}
	}
	return n, false, false
}

// parametersOf returns what is between the beginning and the last character of a sequence that sets colours.
func parametersOf(sequence string) string { return sequence[2 : len(sequence)-1] }

// Clean returns a text as it can be shown on a terminal among others: without colours, and without what would harm the screen.
func Clean(text string) string {
	if plainUntil(text) == len(text) {
		return text
	}
	var c cleaner
	return string(c.clean(nil, text, false))
}

// CleanColoured is [Clean] with colours, which are switched off at the end.
func CleanColoured(text string) string {
	c := cleaner{colours: true}
	return string(c.clean(nil, text, false))
}
