package screen

import "time"

// Stream is where a line comes from.
type Stream uint8

const (
	Stdout Stream = iota
	Stderr
	Terminal
	Notice
)

func (s Stream) String() string { return [...]string{"stdout", "stderr", "terminal", "notice"}[s] }

// Line mirrors process.Line.
type Line struct {
	Time      time.Time
	Run       uint32
	Stream    Stream
	Text      string
	Partial   bool
	Cut       bool
	Continues bool
}

// streams is how many streams there are.
const streams = 4
