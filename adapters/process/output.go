package process

import (
	"cmp"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Output says what becomes of what a command prints. The zero Output keeps the last lines for [Task.Tail], and nothing else.
type Output struct {
	// Lines is called with each line, one call at a time for a task. Until it returns, lines wait in the buffer. A panic of it is
	// recovered, and its line counts as dropped.
	Lines func(Line)

	// Buffer is how many bytes of lines may wait for Lines. Default 1 MiB.
	Buffer int

	// Block says what happens when the buffer is full: the command is not read from until there is room, so that it has to wait
	// with what it prints. Default false: lines are dropped and counted, and the command never waits.
	Block bool

	// MaxLine is how long a line may be, in bytes. A longer one comes in pieces, see [Line.Cut]. Default 64 KiB.
	MaxLine int

	// Tail is how many lines are kept for [Task.Tail], up to 1 MiB of them. Default 200.
	Tail int
}

// The defaults of an [Output], and what it is bound by.
const (
	DefaultBuffer  = 1 << 20
	DefaultMaxLine = 64 << 10
	DefaultTail    = 200

	minMaxLine = 16 // a piece is never only a part of a character

	flushAfter  = 100 * time.Millisecond // how long the beginning of a line waits for its end
	outputGrace = time.Second            // how long the end of a run waits for what is still in its pipes, or in the buffer
	outputLimit = 4 * time.Second        // how long while some of it is taken: less than [KillTime], or the stop would be too late
	tailBytes   = 1 << 20
	lineCost    = 64 // of the buffer, besides its text
)

// Stream is where a line comes from.
type Stream uint8

const (
	Stdout   Stream = iota // standard output
	Stderr                 // standard error
	Terminal               // the terminal of a command that has one, where both are the same
	Notice                 // this package: what was dropped, and which processes were left behind
)

func (s Stream) String() string {
	switch s {
	case Stdout:
		return "stdout"
	case Stderr:
		return "stderr"
	case Terminal:
		return "terminal"
	case Notice:
		return "notice"
	}
	return fmt.Sprintf("stream %d", uint8(s))
}

// Line is a line that a command printed, or a piece of one.
type Line struct {
	Time   time.Time // when it was read
	Run    supervisor.RunNumber
	Stream Stream
	Text   string // without the end of the line

	// Partial: the end of the line has not come within 100 ms. What follows comes as another Line of the stream, with Continues.
	Partial bool

	// Cut: the line is longer than [Output.MaxLine]. What follows comes as another Line of the stream, with Continues.
	Cut bool

	// Continues: this is what follows the Line of the stream before it.
	Continues bool

	// DroppedLines and DroppedBytes: this is a Notice about so much that was dropped.
	DroppedLines, DroppedBytes uint64
}

// Counts are counts of what a task has printed since it was made.
type Counts struct {
	Lines        uint64 // lines and pieces of lines that were read
	Bytes        uint64 // bytes that were read
	DroppedLines uint64 // of Lines, those that [Output.Lines] was not given
	DroppedBytes uint64 // of Bytes, those in DroppedLines
}

func (o Output) completed() Output {
	o.Buffer = cmp.Or(o.Buffer, DefaultBuffer)
	o.MaxLine = cmp.Or(o.MaxLine, DefaultMaxLine)
	o.Tail = cmp.Or(o.Tail, DefaultTail)
	return o
}

func (o *Output) check() []error {
	var wrong []error
	for _, f := range []struct {
		field   string
		n, atom int
	}{{"Output.Buffer", o.Buffer, 1}, {"Output.MaxLine", o.MaxLine, minMaxLine}, {"Output.Tail", o.Tail, 1}} {
		switch {
		case f.n < 0:
			wrong = append(wrong, &CommandError{Field: f.field, Reason: "is negative"})
		case f.n != 0 && f.n < f.atom:
			wrong = append(wrong, &CommandError{Field: f.field, Reason: fmt.Sprintf("is less than %d bytes", f.atom)})
		}
	}
	return wrong
}
