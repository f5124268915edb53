package scenario

import "strings"

// File is a text that holds any number of scenarios, such as the recording of a tree of supervisors: each life of each
// supervisor is a scenario of its own. [ParseAll] reads one, [Recording] writes one.
type File struct {
	// Scenarios are in the order in which they begin. They play independently of each other.
	Scenarios []*Scenario

	// Cuts are the places at which a writer was stopped in the middle of a line, in order.
	Cuts []Cut
}

// Cut is a place at which a writer was stopped in the middle of a line, for instance because its process was killed. What
// is left of the line is not part of a scenario, and neither is the event that it belongs to. A scenario that is cut before
// its first statement is left out.
type Cut struct {
	// Line is the line that was cut, counted from 1, and Text is what is left of it.
	Line int
	Text string

	// Scenario is the one that the line stands in; nil if that was left out.
	Scenario *Scenario
}

// String returns the line, and what is left of it.
func (c Cut) String() string {
	return "line " + itoa(uint64(c.Line)) + " is cut off: " + quote(c.Text)
}

// String returns the scenarios as text.
func (f *File) String() string { return string(f.Append(nil)) }

// Append appends the scenarios as canonical text, one after the other.
func (f *File) Append(b []byte) []byte {
	for _, s := range f.Scenarios {
		b = s.Append(b)
	}
	return b
}

// ParseAll reads a text of one or more scenarios. The error is a [*SyntaxError].
//
// A line that was cut off is no error, see [File.Cuts], and neither is a snapshot that was cut off between two lines. It is recognized at the end of the text, where no line break
// follows it, and where a later writer has begun its own scenario behind it, on the same line. (The last line of a scenario
// that is no part of a recording, because people wrote it, needs no line break.) A writer that was stopped exactly between
// two lines of one event goes unnoticed: that event differs when it is played.
func ParseAll(text []byte) (*File, error) {
	p := &fileParser{parts: map[uint64]*parser{}, current: newParser()}
	for rest := string(text); rest != ""; {
		line, after, whole := strings.Cut(rest, "\n")
		rest = after
		p.line++
		if err := p.parseLine(line, whole); err != nil {
			return nil, err
		}
	}
	return p.finish()
}

// The words that begin a line after which another scenario is meant.
const (
	wordScenario = "scenario" // one that begins here
	wordContinue = "continue" // one that began above
)

// fileParser reads the lines of several scenarios. Each has a parser of its own.
type fileParser struct {
	line    int
	all     []*parser
	parts   map[uint64]*parser // the latest of each number
	current *parser            // the one that the lines belong to. Until the first scenario begins, it is not among all
	cuts    []Cut
}

// parseLine reads a line. whole is false if no line break follows it.
func (p *fileParser) parseLine(line string, whole bool) error {
	if !whole && p.current.scenario.Head.Part > 0 {
		p.cut(line)
		return nil
	}
	err := p.parseWhole(line)
	if err == nil || len(p.all) == 0 {
		return err
	}
	at := strings.LastIndex(line, wordScenario+" ")
	if at > 0 && newParser().parseLine(line[at:]) == nil {
		p.cut(line[:at])
		return p.begin(line[at:])
	}
	if whole {
		return err
	}
	p.cut(line)
	return nil
}

func (p *fileParser) parseWhole(line string) error {
	switch word, _, _ := strings.Cut(strings.TrimRight(line, " \t\r"), " "); word {
	case wordScenario:
		return p.begin(line)
	case wordContinue:
		return p.resume(line)
	}
	p.current.line = p.line
	return p.current.parseLine(line)
}

// begin begins another scenario.
func (p *fileParser) begin(line string) error {
	next := newParser()
	next.line = p.line
	if err := next.parseLine(line); err != nil {
		return err
	}
	p.all = append(p.all, next)
	p.parts[next.scenario.Head.Part] = next
	p.turnTo(next)
	return nil
}

// resume goes back to a scenario that began above.
func (p *fileParser) resume(line string) error {
	tokens, end, err := split(line, p.line)
	if err != nil {
		return err
	}
	head, err := parseHead(tokens[1:])
	if err != nil {
		return err
	}
	next := p.parts[head.Part]
	if next == nil {
		return end.fail("no scenario of that part begins above", nil)
	}
	p.turnTo(next)
	return next.parseContinue(tokens)
}

func (p *fileParser) turnTo(next *parser) {
	p.current.event = nil // its actions had to follow directly
	p.current = next
}

// cut takes back what a line that was cut off belongs to.
func (p *fileParser) cut(line string) {
	p.current.cut(line)
	p.cuts = append(p.cuts, Cut{Line: p.line, Text: line, Scenario: p.current.scenario})
}

func (p *fileParser) finish() (*File, error) {
	if len(p.all) == 0 {
		return nil, p.current.finish()
	}
	f := &File{Cuts: p.cuts}
	for _, parsed := range p.all {
		if parsed.isCut && parsed.section != sectionStatements {
			f.leaveOut(parsed.scenario)
			continue
		}
		if parsed.isUnfinished() {
			f.Cuts = append(f.Cuts, Cut{Line: parsed.line})
			continue
		}
		if err := parsed.finish(); err != nil {
			return nil, err
		}
		f.Scenarios = append(f.Scenarios, parsed.scenario)
	}
	return f, nil
}

func (f *File) leaveOut(s *Scenario) {
	for i := range f.Cuts {
		if f.Cuts[i].Scenario == s {
			f.Cuts[i].Scenario = nil
		}
	}
}
