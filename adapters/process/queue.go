package process

import (
	"fmt"
	"sync"
	"time"
)

// queue is what lies between the streams of a task's runs and what [Output.Lines] is given. It has a goroutine of its own only
// while there are lines in it.
type queue struct {
	mu         sync.Mutex
	room       sync.Cond // lines were taken, or the queue does not block any more
	output     Output
	lines      []Line
	cost       int  // of lines
	delivering bool // there is a goroutine
	counts     Counts
	dropped    dropped // since the last line that was not
	tail       tail
	idle       chan struct{} // closed when all lines have been delivered; nil if nothing waits for that
}

// dropped counts what was dropped in a row.
type dropped struct{ lines, bytes uint64 }

func newQueue(output Output) *queue {
	q := &queue{output: output}
	q.room.L = &q.mu
	return q
}

// configure changes what becomes of lines from now on.
func (q *queue) configure(output Output) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.output = output
	q.room.Broadcast()
}

// read counts bytes that were read.
func (q *queue) read(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.Bytes += uint64(n)
}

// add adds a line. If there is no room, it drops the line, or waits until there is or over says that it must wait no longer.
func (q *queue) add(line Line, over *overdue) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.Lines++
	q.tail.add(line, q.output.Tail)
	if q.output.Lines == nil {
		return
	}
	for q.output.Block && q.full() && !over.passed {
		q.room.Wait()
	}
	if q.full() {
		q.drop(len(line.Text))
		return
	}
	q.tellDropped(line.Time)
	q.put(line)
}

// tell adds a line that this package says. It is never dropped.
func (q *queue) tell(line Line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	line.Stream = Notice
	q.tail.add(line, q.output.Tail)
	if q.output.Lines != nil {
		q.tellDropped(line.Time)
		q.put(line)
	}
}

// giveUp lets no stream of a run wait any more.
func (q *queue) giveUp(over *overdue) {
	q.mu.Lock()
	defer q.mu.Unlock()
	over.passed = true
	q.room.Broadcast()
}

// full reports whether there is no room. One line always has room, however long it is.
func (q *queue) full() bool { return q.cost >= q.output.Buffer }

func (q *queue) drop(bytes int) {
	q.counts.DroppedLines++
	q.counts.DroppedBytes += uint64(bytes)
	q.dropped.lines++
	q.dropped.bytes += uint64(bytes)
}

// tellDropped adds a line about those that were dropped, if any were.
func (q *queue) tellDropped(at time.Time) {
	if q.dropped.lines == 0 {
		return
	}
	line := Line{Time: at, Stream: Notice, DroppedLines: q.dropped.lines, DroppedBytes: q.dropped.bytes}
	line.Text = fmt.Sprintf("%d lines (%d bytes) were dropped: their reader is too slow", q.dropped.lines, q.dropped.bytes)
	if q.dropped.lines == 1 {
		line.Text = fmt.Sprintf("1 line (%d bytes) was dropped: its reader is too slow", q.dropped.bytes)
	}
	q.dropped = dropped{}
	q.tail.add(line, q.output.Tail)
	q.put(line)
}

func (q *queue) put(line Line) {
	q.lines = append(q.lines, line)
	q.cost += len(line.Text) + lineCost
	if !q.delivering {
		q.delivering = true
		go q.deliver()
	}
}

// deliver gives lines to the sink until there are none.
func (q *queue) deliver() {
	var batch []Line
	for {
		q.mu.Lock()
		if len(q.lines) == 0 {
			q.tellDropped(time.Now())
		}
		if len(q.lines) == 0 {
			q.delivering = false
			if q.idle != nil {
				close(q.idle)
				q.idle = nil
			}
			q.mu.Unlock()
			return
		}
		batch, q.lines = q.lines, batch[:0]
		sink := q.output.Lines
		q.mu.Unlock()
		for i := range batch {
			ok := sunk(sink, batch[i])
			q.mu.Lock()
			q.cost -= len(batch[i].Text) + lineCost
			if !ok && batch[i].Stream != Notice {
				q.counts.DroppedLines++
				q.counts.DroppedBytes += uint64(len(batch[i].Text))
			}
			q.room.Broadcast()
			q.mu.Unlock()
		}
		clear(batch)
		if cap(batch) > 4096 { // a burst is over
			batch = nil
		}
	}
}

// sunk gives a line to a sink, and reports whether that returned.
func sunk(sink func(Line), line Line) (ok bool) {
	if sink == nil {
		return true
	}
	defer func() {
		if !ok {
			_ = recover()
		}
	}()
	sink(line)
	return true
}

// drained returns a channel that is closed when all lines have been delivered.
func (q *queue) drained() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.idle == nil {
		q.idle = make(chan struct{})
		if !q.delivering {
			defer func() { q.idle = nil }()
			close(q.idle)
		}
	}
	return q.idle
}

func (q *queue) counted() Counts {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.counts
}

func (q *queue) last(n int) []Line {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.tail.last(n)
}

// tail keeps the last lines, in a ring.
type tail struct {
	lines []Line
	first int // where the oldest is, if the ring is full
	bytes int
}

func (t *tail) add(line Line, most int) {
	t.lines = append(t.lines, line)
	t.bytes += len(line.Text)
	for len(t.lines)-t.first > most || t.bytes > tailBytes && len(t.lines)-t.first > 1 {
		t.bytes -= len(t.lines[t.first].Text)
		t.lines[t.first] = Line{}
		t.first++
	}
	if t.first > most { // half of it is empty
		t.lines = append(t.lines[:0], t.lines[t.first:]...)
		clear(t.lines[len(t.lines):cap(t.lines)])
		t.first = 0
	}
}

// last returns the last n lines, the oldest first.
func (t *tail) last(n int) []Line {
	kept := t.lines[t.first:]
	if n < len(kept) {
		kept = kept[len(kept)-max(n, 0):]
	}
	return append([]Line(nil), kept...)
}
