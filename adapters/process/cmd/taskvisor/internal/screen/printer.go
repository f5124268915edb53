// Package screen shows what tasks write: on a terminal or in a pipe, each line with the name of its task, and what the supervisor
// decides among them; in log files; and to whoever follows.
package screen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// Settings says how a [Printer] prints.
type Settings struct {
	Colours Colours // default: none
	Time    bool    // each line has the time of day
	Unicode bool    // more than ASCII can be shown
	JSON    bool    // each line is an object, see [Record]
	Bare    bool    // the lines of tasks have no names
}

// Printer prints the lines of many tasks to one output. Lines are never mixed: there is one writer, which writes whole lines, and a
// line at a time unless it has fallen behind. The order of lines is that of the calls. All methods can be called from anywhere.
type Printer struct {
	out io.Writer
	set Settings

	mu      sync.Mutex
	changed *sync.Cond // a batch was taken, or there is something to write
	palette *palette
	sources map[string]*Source
	width   int    // of the longest name that is padded to
	batch   []byte // lines to be written
	number  uint64 // of that batch
	short   []*Source
	closed  bool
	err     error // what the output failed with for good

	failed  chan struct{}
	written chan struct{}
	own     *Source

	spoiled spoiled // only the writer knows it
}

// room is how many bytes of a batch one source may take.
const room = 128 << 10

// longName is the width from which on a name is printed whole, but others are not padded to it.
const longName = 24

// streams is how many streams a task has.
const streams = int(process.Notice) + 1

// NewPrinter returns a printer. It needs [Printer.Close].
func NewPrinter(out io.Writer, set Settings) *Printer {
	p := &Printer{
		out: out, set: set, palette: newPalette(set.Colours), sources: make(map[string]*Source),
		failed: make(chan struct{}), written: make(chan struct{}),
	}
	p.changed = sync.NewCond(&p.mu)
	p.own = &Source{printer: p}
	go p.write()
	return p
}

// Source is a task whose lines are printed.
type Source struct {
	printer *Printer
	name    string
	pen     pen // that its name is written with

	mu        sync.Mutex
	cleaners  [streams]cleaner
	formatted []byte
	padded    []byte // the name, to a width
	width     int

	// The printer's mu guards these.
	block   bool
	batch   uint64 // the batch that used is of
	used    int
	dropped dropped
}

// dropped counts what was left out.
type dropped struct{ lines, bytes uint64 }

// spoiled counts what the output has not taken since it last took all.
type spoiled struct {
	dropped
	err    error
	inLine bool // what it has taken ends within a line
}

// Source returns the source of a task: for each name there is one. When the output is too slow, the lines of one that blocks wait;
// those of another are left out, and counted.
func (p *Printer) Source(name string, block bool) *Source {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sources[name]
	if s == nil {
		s = &Source{printer: p, name: name, pen: p.palette.pick(name)}
		for i := range s.cleaners {
			s.cleaners[i].colours = p.set.Colours != NoColours && !p.set.JSON
		}
		p.sources[name] = s
	}
	s.block = block
	if width := ansi.StringWidth(name); width <= longName {
		p.width = max(p.width, width)
	}
	p.changed.Broadcast() // one that waits may not have to any more
	return s
}

// Print prints a line of the task, or a piece of one.
func (s *Source) Print(line process.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	more := line.Partial || line.Cut
	if line.Continues && !more && line.Text == "" {
		return // only the end of a line that was printed already
	}
	cleaner := &s.cleaners[line.Stream]
	if s.printer.set.JSON {
		record := recordOf(s.name, &line)
		record.Text = string(cleaner.clean(nil, line.Text, more))
		s.formatted = record.append(s.formatted[:0])
	} else {
		sign := " | "
		switch {
		case line.Stream == process.Notice:
			sign = ourSign
		case line.Continues:
			sign = " + "
		}
		text := s.printer.begin(s.formatted[:0], s, line.Time, sign)
		text = cleaner.clean(text, line.Text, more)
		if more {
			text = append(text, s.printer.goesOn()...)
		}
		s.formatted = append(text, '\n')
	}
	s.printer.add(s, s.formatted, weightOf(&line))
}

// weight says what is lost if a line is left out.
type weight struct{ lines, bytes uint64 }

// weightOf returns what is lost if a line is left out: nothing says that it is never left out. A notice about lines that were dropped
// stands for these.
func weightOf(line *process.Line) weight {
	if line.Stream == process.Notice {
		return weight{line.DroppedLines, line.DroppedBytes}
	}
	return weight{1, uint64(len(line.Text))}
}

// ourSign stands before what the supervisor says, instead of a task.
const ourSign = " * "

// say prints a line of the supervisor's own.
func (p *Printer) say(at time.Time, mood mood, text string) {
	s := p.own
	s.mu.Lock()
	defer s.mu.Unlock()
	text = strings.ReplaceAll(text, "\n", "; ")
	if p.set.JSON {
		clean := string(s.cleaners[process.Notice].clean(nil, text, false))
		record := Record{Time: at.UTC(), Stream: process.Notice.String(), Level: levels[mood], Text: clean}
		s.formatted = record.append(s.formatted[:0])
		p.add(s, s.formatted, weight{1, uint64(len(text))})
		return
	}
	line := p.begin(s.formatted[:0], s, at, ourSign)
	if p.set.Colours != NoColours {
		line = moods[mood].append(line, pen{})
	}
	line = s.cleaners[process.Notice].clean(line, text, false)
	if p.set.Colours != NoColours {
		line = append(line, penOff...)
	}
	s.formatted = append(line, '\n')
	p.add(s, s.formatted, weight{1, uint64(len(text))})
}

// Warn prints a line of the supervisor's own about something that is not as it should be.
func (p *Printer) Warn(text string) { p.say(time.Now(), badMood, text) }

// begin appends what comes before the text of a line: the time, the name, and a sign that says what kind of line it is. The
// supervisor's own have a star, and no name; one that goes on where the line before it was cut has a plus sign.
func (p *Printer) begin(dst []byte, s *Source, at time.Time, sign string) []byte {
	p.mu.Lock()
	width := p.width
	p.mu.Unlock()
	if p.set.Time {
		dst = at.AppendFormat(dst, "15:04:05.000 ")
	}
	if p.set.Bare && sign != ourSign {
		return dst
	}
	if s.pen != (pen{}) {
		dst = s.pen.append(dst, pen{})
	}
	if s.padded == nil || s.width != width {
		s.padded, s.width = padded(s.name, width), width
	}
	dst = append(append(dst, s.padded...), sign...)
	if s.pen != (pen{}) {
		dst = append(dst, penOff...)
	}
	return dst
}

// goesOn is the mark of a line whose rest comes later.
func (p *Printer) goesOn() string {
	if p.set.Unicode {
		return "…"
	}
	return "..."
}

// add has a line written, if there is room for it, or it is nothing that can be left out.
func (p *Printer) add(s *Source, line []byte, lost weight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s.block && !s.fits(len(line)) && !p.closed && p.err == nil {
		p.changed.Wait()
	}
	switch {
	case p.closed, p.err != nil:
	case lost == weight{}, s.fits(len(line)):
		s.used += len(line)
		p.batch = append(p.batch, line...)
		p.changed.Broadcast()
	default:
		if s.dropped.lines == 0 {
			p.short = append(p.short, s)
		}
		s.dropped.lines += lost.lines
		s.dropped.bytes += lost.bytes
	}
}

// fits reports whether the batch has room for so many bytes of the source: for one line it always has.
func (s *Source) fits(length int) bool {
	if s.batch != s.printer.number {
		s.batch, s.used = s.printer.number, 0
	}
	return s.used == 0 || s.used+length <= room && s.dropped.lines == 0
}

// write writes one batch after the other.
func (p *Printer) write() {
	defer close(p.written)
	var batch []byte
	for {
		batch = p.take(batch[:0])
		if len(batch) == 0 {
			return
		}
		if !p.writeBatch(batch) {
			return
		}
		if cap(batch) > 1<<20 { // a burst is over
			batch = nil
		}
	}
}

// writeBatch writes a batch, and before it what was lost of those before. It reports whether the output is of any use.
func (p *Printer) writeBatch(batch []byte) bool {
	notice, all := p.spoiledNotice(), batch
	if len(notice) > 0 {
		all = append(notice, batch...)
	}
	n, err := p.out.Write(all)
	switch {
	case err == nil:
		p.spoiled = spoiled{}
		return true
	case errors.Is(err, syscall.EPIPE), errors.Is(err, os.ErrClosed):
		p.fail(err)
		return false
	}
	lost := batch[max(0, n-len(notice)):] // there may be room again, as on a full disk
	p.spoiled.lines += uint64(bytes.Count(lost, []byte{'\n'}))
	p.spoiled.bytes += uint64(len(lost))
	p.spoiled.err = err
	if n > 0 {
		p.spoiled.inLine = all[n-1] != '\n'
	}
	return true
}

// spoiledNotice returns a line about what the output has not taken, after the end of one that is not whole.
func (p *Printer) spoiledNotice() (notice []byte) {
	if p.spoiled.lines == 0 {
		return nil
	}
	if p.spoiled.inLine {
		notice = append(notice, '\n')
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.appendNotice(notice, "", fmt.Sprintf("(%s lost here, %s: %v)", counted(p.spoiled.lines, "line"), size(p.spoiled.bytes), p.spoiled.err))
}

// take waits for a batch, and takes it in exchange for an empty buffer. It ends with what was left out. An empty one is the last.
func (p *Printer) take(empty []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.batch) == 0 && !p.closed {
		p.changed.Wait()
	}
	batch := p.batch
	for _, s := range p.short {
		batch = p.appendDropped(batch, s)
		s.dropped = dropped{}
	}
	p.batch, p.short = empty, p.short[:0]
	p.number++
	p.changed.Broadcast()
	return batch
}

// appendDropped appends a line about what was left out of a source.
func (p *Printer) appendDropped(dst []byte, s *Source) []byte {
	text := fmt.Sprintf("(%s left out here, %s: the output is too slow)", counted(s.dropped.lines, "line"), size(s.dropped.bytes))
	return p.appendNotice(dst, s.name, text)
}

// appendNotice appends a line of the printer's own about a task, or about all.
func (p *Printer) appendNotice(dst []byte, task, text string) []byte {
	if p.set.JSON {
		record := Record{Time: time.Now(), Task: task, Stream: process.Notice.String(), Text: text}
		return record.append(dst)
	}
	if p.set.Time {
		dst = time.Now().AppendFormat(dst, "15:04:05.000 ")
	}
	return append(append(dst, padded(task, p.width)...), ourSign+text+"\n"...)
}

// padded returns a name with spaces to a width.
func padded(name string, width int) []byte {
	name = Clean(name)
	return append([]byte(name), strings.Repeat(" ", max(0, width-ansi.StringWidth(name)))...)
}

// fail ends the printing.
func (p *Printer) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err, p.batch, p.short = err, nil, nil
	p.changed.Broadcast()
	close(p.failed)
}

// Failed is closed when the output has failed for good, because it is a pipe that is read no more. Then [Printer.Err] says
// with what, nothing is printed any more, and nothing waits. After other errors, such as of a full disk, it is tried again.
func (p *Printer) Failed() <-chan struct{} { return p.failed }

// Err returns what the output has failed with.
func (p *Printer) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// ErrNotPrinted is returned by [Printer.Close] if the output has not taken all in time.
var ErrNotPrinted = errors.New("not all could be printed in time")

// Close waits until all is printed, or the context ends. Nothing is printed after it.
func (p *Printer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.changed.Broadcast()
	p.mu.Unlock()
	select {
	case <-p.written:
		return p.Err()
	case <-ctx.Done():
		return ErrNotPrinted
	}
}

// size says in a word how many bytes there are.
func size(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}
