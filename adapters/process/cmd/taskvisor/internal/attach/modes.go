package attach

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// modes keeps what a terminal was told, as far as it has to be taken back when nothing more is shown: that the cursor is hidden, that
// it is on its other screen, that the mouse is reported, and so on.
type modes struct {
	changed  map[int]bool // the private modes that are not as they were, and what they are
	region   bool         // only part of the screen scrolls
	keypad   bool         // keys send other characters
	sequence []byte       // one that is not complete
}

// known are the private modes that are taken back, each with what it is usually.
var known = map[int]bool{
	1: false, 5: false, 6: false, 7: true, 9: false, 25: true, 47: false, 1000: false, 1001: false, 1002: false, 1003: false, 1004: false,
	1005: false, 1006: false, 1007: false, 1015: false, 1016: false, 1047: false, 1049: false, 2004: false, 2026: false,
}

// longestSequence is how long a sequence may be that sets modes.
const longestSequence = 64

// see looks at what is shown.
func (m *modes) see(p []byte) {
	for _, b := range p {
		switch {
		case b == 0x1b:
			m.sequence = append(m.sequence[:0], b)
		case len(m.sequence) == 0:
		case len(m.sequence) == 1 && b == '[', len(m.sequence) > 1 && b >= 0x20 && b <= 0x3f && len(m.sequence) < longestSequence:
			m.sequence = append(m.sequence, b)
		default:
			m.end(string(m.sequence[1:]), b)
			m.sequence = m.sequence[:0]
		}
	}
}

// end is called at the end of a sequence.
func (m *modes) end(begin string, last byte) {
	parameters, private := strings.CutPrefix(begin, "[?")
	switch {
	case begin == "" && last == 'c': // reset
		*m = modes{sequence: m.sequence}
	case begin == "" && (last == '=' || last == '>'):
		m.keypad = last == '='
	case last == 'r' && !private && strings.HasPrefix(begin, "["):
		m.region = begin != "["
	case begin == "[!" && last == 'p': // soft reset
		m.region, m.keypad = false, false
		delete(m.changed, 25)
	case private && (last == 'h' || last == 'l'):
		for text := range strings.SplitSeq(parameters, ";") {
			n, err := strconv.Atoi(text)
			usual, of := known[n]
			switch on := last == 'h'; {
			case err != nil || !of:
			case on == usual:
				delete(m.changed, n)
			default:
				if m.changed == nil {
					m.changed = make(map[int]bool)
				}
				m.changed[n] = on
			}
		}
	}
}

// back returns what takes back all that is not as it was.
func (m *modes) back() string {
	var text strings.Builder
	text.WriteString("\x1b[0m\x1b(B")
	if len(m.sequence) > 0 {
		text.Reset()
		text.WriteString("\x18\x1b[0m\x1b(B") // cancels what is not complete
	}
	if m.region {
		text.WriteString("\x1b7\x1b[r\x1b8")
	}
	if m.keypad {
		text.WriteString("\x1b>")
	}
	for _, n := range slices.Sorted(maps.Keys(m.changed)) {
		end := "h"
		if m.changed[n] {
			end = "l"
		}
		text.WriteString("\x1b[?" + strconv.Itoa(n) + end)
	}
	return text.String()
}
