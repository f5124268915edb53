package process

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// stream makes lines of what one run prints on one of its streams.
type stream struct {
	queue  *queue
	run    supervisor.RunNumber
	which  Stream
	over   *overdue
	raw    func([]byte)      // is given everything as it is; nil: nothing
	seen   func(text []byte) // is given each line as far as it is known; nil: nothing
	length int               // of a line, at most

	mu     sync.Mutex
	line   []byte // a line that has not ended
	given  int    // how much of it has been given out
	inside bool   // the pieces before it belong to the same line
	flush  *time.Timer
	due    time.Time // when what was not given out is; zero if there is nothing
	ended  bool
}

// overdue says that a run has ended, and what it printed had its time.
type overdue struct {
	passed bool         // guarded by the queue's mu
	taking atomic.Int32 // how many streams have read something that is not taken yet: the others have read all that there is
}

// read reads until the stream ends.
func (s *stream) read(from io.Reader) {
	defer s.end()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			s.over.taking.Add(1)
			if s.raw != nil {
				s.raw(buffer[:n])
			}
			s.queue.read(n)
			s.take(buffer[:n])
			s.over.taking.Add(-1)
		}
		if err != nil {
			return
		}
	}
}

// take takes what was read.
func (s *stream) take(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopTimer() // it must not wait for the mutex while a full buffer is waited for
	now := time.Now()
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			s.extend(now, p)
			break
		}
		s.extend(now, p[:end])
		s.finish(now)
		p = p[end+1:]
	}
	if len(s.line) == s.given {
		return
	}
	if s.due.IsZero() {
		s.due = now.Add(flushAfter)
	}
	if s.flush == nil {
		s.flush = time.AfterFunc(s.due.Sub(now), s.flushPartial)
	} else {
		s.flush.Reset(s.due.Sub(now))
	}
}

// extend adds to the line, and gives out pieces of it if it is too long.
func (s *stream) extend(now time.Time, p []byte) {
	for len(s.line)+len(p) > s.length {
		room := s.length - len(s.line)
		s.line = append(s.line, p[:room]...)
		p = p[room:]
		whole := wholeCharacters(s.line)
		s.look(s.line[:whole])
		s.give(now, whole, Line{Cut: true})
		rest := copy(s.line, s.line[whole:])
		s.line, s.given = s.line[:rest], 0
	}
	s.line = append(s.line, p...)
}

// finish gives out the rest of the line.
func (s *stream) finish(now time.Time) {
	s.look(s.line)
	end := len(s.line)
	if end > s.given && s.line[end-1] == '\r' {
		end--
	}
	s.give(now, end, Line{})
	s.line, s.given, s.inside = s.line[:0], 0, false
}

// flushPartial gives out what there is of a line whose end does not come.
func (s *stream) flushPartial() {
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := wholeCharacters(s.line)
	if s.ended || whole <= s.given {
		return
	}
	s.look(s.line)
	s.give(time.Now(), whole, Line{Partial: true})
}

// end gives out what is left.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.stopTimer()
	if len(s.line) > s.given || s.inside {
		s.finish(time.Now())
	}
}

// give gives out the line up to there.
func (s *stream) give(now time.Time, upTo int, line Line) {
	line.Time, line.Run, line.Stream = now, s.run, s.which
	line.Text, line.Continues = string(s.line[s.given:upTo]), s.inside
	s.given, s.inside, s.due = upTo, true, time.Time{}
	s.queue.add(line, s.over)
}

func (s *stream) look(text []byte) {
	if s.seen != nil {
		s.seen(text)
	}
}

func (s *stream) stopTimer() {
	if s.flush != nil {
		s.flush.Stop()
	}
}

// wholeCharacters returns how long a text is without the beginning of a character at its end.
func wholeCharacters(text []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if c := text[len(text)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-i:]) {
				return len(text) - i
			}
			break
		}
	}
	return len(text)
}
