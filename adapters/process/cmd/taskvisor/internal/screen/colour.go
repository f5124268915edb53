package screen

import (
	"errors"
	"hash/fnv"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// Colours says which colours there are.
type Colours int

// Which colours there are.
const (
	NoColours Colours = iota
	SixteenColours
	ManyColours // 256
)

// ColoursFor returns the colours of an output by what a user says, which is "auto", "always" or "never". By "auto" there are none
// where NO_COLOR is set, TERM is "dumb" or the output is not a terminal.
func ColoursFor(out io.Writer, environ []string, when string) (Colours, error) {
	kind := variable(environ, "TERM")
	switch when {
	case "never":
		return NoColours, nil
	case "auto":
		if variable(environ, "NO_COLOR") != "" || kind == "dumb" || kind == "" || !IsTerminal(out) {
			return NoColours, nil
		}
	case "always":
	default:
		return NoColours, errors.New(`it must be "auto", "always" or "never"`)
	}
	if strings.Contains(kind, "256color") || variable(environ, "COLORTERM") != "" {
		return ManyColours, nil
	}
	return SixteenColours, nil
}

// IsTerminal reports whether a file is a terminal.
func IsTerminal(file any) bool {
	f, ok := file.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ShowsUnicode reports whether a terminal shows more than ASCII, as the environment says it.
func ShowsUnicode(environ []string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToUpper(variable(environ, name)); value != "" {
			return strings.Contains(value, "UTF-8") || strings.Contains(value, "UTF8")
		}
	}
	return false
}

// variable returns the value of an environment variable: of several the last.
func variable(environ []string, name string) string {
	for _, setting := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(setting, name+"="); ok {
			return value
		}
	}
	return ""
}

// palette gives each task a colour. It begins with one that follows from the task's name alone, so that a task has the same today and
// tomorrow, and takes the next if another task has that already.
type palette struct {
	tints []tint
	taken map[tint]int
}

// manyTints can be read on black and on white. Red and yellow are left to what the supervisor says.
var manyTints = []uint8{32, 29, 133, 130, 67, 65, 168, 31, 64, 98, 137, 30, 170, 69, 100, 139}

// fewTints are the terminal's own, which its theme makes readable.
var fewTints = []uint8{6, 2, 5, 4, 14, 10, 13, 12}

func newPalette(colours Colours) *palette {
	p := &palette{taken: make(map[tint]int)}
	switch colours {
	case NoColours:
	case SixteenColours:
		for _, n := range fewTints {
			p.tints = append(p.tints, tint{kind: basicTint, a: n})
		}
	case ManyColours:
		for _, n := range manyTints {
			p.tints = append(p.tints, tint{kind: numberTint, a: n})
		}
	}
	return p
}

// pick returns the colour of a task.
func (p *palette) pick(name string) pen {
	if len(p.tints) == 0 {
		return pen{}
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name)) // never fails
	first := int(sum.Sum32() % uint32(len(p.tints)))
	picked := p.tints[first]
	for i := range p.tints {
		next := p.tints[(first+i)%len(p.tints)]
		if p.taken[next] < p.taken[picked] {
			picked = next
		}
		if p.taken[next] == 0 {
			break
		}
	}
	p.taken[picked]++
	return pen{ground: [2]tint{picked}}
}
