//go:build unix

package process

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// writes is a program that writes texts to standard output at certain times, and then runs on.
func writes(texts ...any) func(p *fakeProcess) exitState {
	return func(p *fakeProcess) exitState {
		for _, text := range texts {
			switch text := text.(type) {
			case string:
				_, _ = io.WriteString(p.stdout, text)
			case time.Duration:
				time.Sleep(text)
			}
		}
		return stubborn(p)
	}
}

// piece is what a test looks at in a line.
type piece struct {
	at                      time.Duration
	text                    string
	partial, cut, continues bool
}

func pieces(lines []timedLine) []piece {
	var seen []piece
	for _, l := range lines {
		seen = append(seen, piece{l.at, l.Text, l.Partial, l.Cut, l.Continues})
	}
	return seen
}

const ms = time.Millisecond

// A line comes as soon as it is whole. The beginning of one waits for its end for 100 ms.
func TestPartialLines(t *testing.T) {
	for _, test := range []struct {
		name   string
		writes []any
		want   []piece
	}{
		{"whole", []any{"one\ntwo\n", 50 * ms, "\n"}, []piece{{text: "one"}, {text: "two"}, {at: 50 * ms}}},
		{"in two", []any{"be", 50 * ms, "gin\n"}, []piece{{at: 50 * ms, text: "begin"}}},
		{"late", []any{"name: ", 200 * ms, "Ada\n"}, []piece{
			{at: 100 * ms, text: "name: ", partial: true}, {at: 200 * ms, text: "Ada", continues: true},
		}},
		{"dots", []any{".", 60 * ms, ".", 60 * ms, ".", 150 * ms, ".", 150 * ms, "\n"}, []piece{
			{at: 100 * ms, text: "..", partial: true}, {at: 220 * ms, text: ".", partial: true, continues: true},
			{at: 370 * ms, text: ".", partial: true, continues: true}, {at: 420 * ms, continues: true},
		}},
		{"half a character", []any{"gr\xc3", 200 * ms, "\xbc\xc3\x9fe", 200 * ms, "\n"}, []piece{
			{at: 100 * ms, text: "gr", partial: true}, {at: 300 * ms, text: "üße", partial: true, continues: true}, {at: 400 * ms, continues: true},
		}},
		{"no text", []any{"\xff\xfe\xc3", 200 * ms, "\n"}, []piece{
			{at: 100 * ms, text: "\xff\xfe", partial: true}, {at: 200 * ms, text: "\xc3", continues: true},
		}},
		{"carriage return", []any{"dos\r\n\r\n"}, []piece{{text: "dos"}, {}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			play(t, Command{}, writes(test.writes...), func(s *scene) {
				s.at(time.Minute)
				require.Equal(t, test.want, pieces(s.told()))
			})
		})
	}
}

// A long line comes in pieces, each no longer than asked for, and no character is cut.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("0123456789", 10) // 100 bytes
	for _, test := range []struct {
		name   string
		writes []any
		want   []piece
	}{
		{"just not", []any{long[:20] + "\n"}, []piece{{text: long[:20]}}},
		{"one more", []any{long[:21] + "\n"}, []piece{{text: long[:20], cut: true}, {text: "0", continues: true}}},
		{"longer", []any{long[:45] + "\nnext\n"}, []piece{
			{text: long[:20], cut: true}, {text: long[20:40], cut: true, continues: true}, {text: long[40:45], continues: true}, {text: "next"},
		}},
		{"with characters", []any{strings.Repeat("€", 7) + "\n"}, []piece{
			{text: strings.Repeat("€", 6), cut: true}, {text: "€", continues: true},
		}},
		{"partial", []any{long[:5], 200 * ms, long[5:30], 200 * ms, "\n"}, []piece{
			{at: 100 * ms, text: long[:5], partial: true}, {at: 200 * ms, text: long[5:20], cut: true, continues: true},
			{at: 300 * ms, text: long[20:30], partial: true, continues: true}, {at: 400 * ms, continues: true},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			play(t, Command{Output: Output{MaxLine: 20}}, writes(test.writes...), func(s *scene) {
				s.at(time.Minute)
				require.Equal(t, test.want, pieces(s.told()))
			})
		})
	}
}

// The last line of a run need not end.
func TestLastLineWithoutEnd(t *testing.T) {
	play(t, Command{}, func(p *fakeProcess) exitState {
		_, _ = io.WriteString(p.stdout, "one\ntwo")
		return exitState{code: 1}
	}, func(s *scene) {
		s.at(time.Second)
		require.Equal(t, []piece{{text: "one"}, {text: "two"}}, pieces(s.told()))
		require.EqualError(t, s.status().LastError, "exit code 1: two")
	})
}

// slow is a sink that takes its time.
type slow struct {
	mu    sync.Mutex
	lines []Line
	takes time.Duration
}

func (s *slow) take(l Line) {
	time.Sleep(s.takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, l)
}

func (s *slow) texts() (texts []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		texts = append(texts, l.Text)
	}
	return texts
}

// What a sink is too slow for is dropped, counted and told, and the command never waits.
func TestDroppedLines(t *testing.T) {
	sink := &slow{takes: time.Second}
	var wrote time.Duration
	play(t, Command{Output: Output{Lines: sink.take, Buffer: 3 * (lineCost + 4)}}, func(p *fakeProcess) exitState {
		began := time.Now()
		for i := range 10 {
			_, _ = fmt.Fprintf(p.stdout, "%04d\n", i)
			time.Sleep(ms)
		}
		wrote = time.Since(began)
		return stubborn(p)
	}, func(s *scene) {
		s.at(20 * time.Millisecond)
		require.Equal(t, 10*ms, wrote)
		require.Equal(t, Counts{Lines: 10, Bytes: 50, DroppedLines: 7, DroppedBytes: 28}, s.Info().Counts)
		s.at(time.Minute)
		require.Equal(t, []string{"0000", "0001", "0002", "7 lines (28 bytes) were dropped: their reader is too slow"}, sink.texts())
		require.Len(t, s.Tail(100), 11) // dropped lines are kept here
	})
}

// A command that may be blocked waits for its sink, and nothing is lost.
func TestBlockingOutput(t *testing.T) {
	sink := &slow{takes: time.Second}
	var wrote time.Duration
	play(t, Command{Output: Output{Lines: sink.take, Buffer: 2 * (lineCost + 4), Block: true}}, func(p *fakeProcess) exitState {
		began := time.Now()
		for i := range 10 {
			_, _ = fmt.Fprintf(p.stdout, "%04d\n", i)
		}
		wrote = time.Since(began)
		return stubborn(p)
	}, func(s *scene) {
		s.at(time.Minute)
		require.Equal(t, 7*time.Second, wrote) // two are in the buffer, and one between
		require.Len(t, sink.texts(), 10)
		require.Zero(t, s.Info().Counts.DroppedLines)
	})
}

// A sink that does not return keeps no run from ending, and costs what it does not take.
func TestSinkThatDoesNotReturn(t *testing.T) {
	for _, block := range []bool{false, true} {
		sink := &slow{takes: time.Hour}
		play(t, Command{Output: Output{Lines: sink.take, Buffer: 1, Block: block}}, func(p *fakeProcess) exitState {
			go func() { // which a signal breaks off, as it does for a process
				for range 5 {
					_, _ = io.WriteString(p.stdout, "line\n")
				}
			}()
			p.until(syscall.SIGTERM)
			return exitState{}
		}, func(s *scene) {
			s.at(time.Second)
			require.NoError(t, s.sup.Suspend("task"))
			s.at(time.Second + outputGrace - 1)
			require.Equal(t, supervisor.StatusStopping, s.status().Status)
			s.at(time.Second + outputGrace)
			require.Equal(t, supervisor.StatusCreated, s.status().Status)
			s.at(9 * time.Hour)
			counts := s.Info().Counts
			require.Contains(t, sink.texts(), "line")
			require.Equal(t, counts.Lines-counts.DroppedLines, uint64(len(slices.DeleteFunc(sink.texts(), func(text string) bool { return text != "line" }))))
		})
	}
}

// A sink that panics loses its line, and nothing else happens.
func TestSinkThatPanics(t *testing.T) {
	sink := &slow{}
	play(t, Command{Output: Output{Lines: func(l Line) {
		if l.Text == "two" {
			panic("it cannot take this")
		}
		sink.take(l)
	}}}, writes("one\ntwo\nthree\n"), func(s *scene) {
		s.at(time.Second)
		require.Equal(t, []string{"one", "three"}, sink.texts())
		require.Equal(t, Counts{Lines: 3, Bytes: 14, DroppedLines: 1, DroppedBytes: 3}, s.Info().Counts)
	})
}

// Something outside the group that holds a pipe is waited for as long as what is still in the pipe may take, and no longer.
func TestPipeHeldByOthers(t *testing.T) {
	play(t, Command{}, func(p *fakeProcess) exitState {
		p.group.mu.Lock()
		p.group.holds = true
		p.group.mu.Unlock()
		_, _ = io.WriteString(p.stdout, "last\nwords")
		return exitState{}
	}, func(s *scene) {
		s.at(outputGrace - 1)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		s.at(outputGrace)
		require.Equal(t, supervisor.StatusCompleted, s.status().Status)
		require.Equal(t, []piece{{text: "last"}, {at: 100 * ms, text: "words", partial: true}, {at: outputGrace, continues: true}}, pieces(s.told()))
	})
}

// What a run has printed is handed over before its end is told.
func TestLinesComeBeforeTheEnd(t *testing.T) {
	sink := &slow{takes: 100 * ms}
	play(t, Command{Output: Output{Lines: sink.take}}, func(p *fakeProcess) exitState {
		_, _ = io.WriteString(p.stdout, "1\n2\n3\n")
		return exitState{}
	}, func(s *scene) {
		s.at(300*ms - 1)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		s.at(300 * ms)
		require.Equal(t, supervisor.StatusCompleted, s.status().Status)
		require.Equal(t, []string{"1", "2", "3"}, sink.texts())
	})
}

// Lines are kept, with those of runs before, as many as asked for.
func TestTail(t *testing.T) {
	play(t, Command{Output: Output{Tail: 5}}, func(p *fakeProcess) exitState {
		for i := range 100 {
			_, _ = fmt.Fprintf(p.stdout, "%d\n", i)
		}
		_, _ = io.WriteString(p.stderr, "broken\n")
		return exitState{code: 1}
	}, func(s *scene) {
		s.at(time.Second)
		var texts []string
		for _, l := range s.Tail(3) {
			require.Equal(t, supervisor.RunNumber(1), l.Run)
			texts = append(texts, l.Text)
		}
		require.Contains(t, texts, "broken")
		require.Len(t, texts, 3)
		require.Len(t, s.Tail(100), 5)
		require.Empty(t, s.Tail(0))
		require.Empty(t, s.Tail(-1))
	})
	var kept tail
	for range 1000 {
		kept.add(Line{Text: strings.Repeat("x", 60<<10)}, 200)
	}
	require.Len(t, kept.last(1000), tailBytes/(60<<10))
}

// Output is per task: changes hold at once, and lines of two runs never mix.
func TestOutputChangesAtOnce(t *testing.T) {
	sink := &slow{}
	play(t, Command{}, writes("one\n", time.Second, "two\n"), func(s *scene) {
		c := s.Command()
		c.Output.Lines = sink.take
		require.NoError(t, s.SetCommand(c))
		s.at(2 * time.Second)
		require.Len(t, s.told(), 1)
		require.Equal(t, []string{"two"}, sink.texts())
	})
}

// screen is what a viewer sees.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) shows(text string) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return strings.Contains(s.text.String(), text)
	}
}

// slowScreen takes its time for each write.
type slowScreen struct{ screen }

func (s *slowScreen) Write(p []byte) (int, error) {
	time.Sleep(time.Second)
	return s.screen.Write(p)
}

// A viewer that is too slow misses what does not fit, is told so, and delays nothing.
func TestSlowViewer(t *testing.T) {
	slow := new(slowScreen)
	var wrote time.Duration
	play(t, Command{}, func(p *fakeProcess) exitState {
		p.until(syscall.SIGUSR1)
		began := time.Now()
		for range 2 * pendingBytes / 1024 {
			_, _ = io.WriteString(p.stdout, strings.Repeat("x", 1023)+"\n")
		}
		wrote = time.Since(began)
		return stubborn(p)
	}, func(s *scene) {
		attached := s.Attach(slow)
		require.NoError(t, s.Signal(syscall.SIGUSR1))
		s.at(10 * time.Second)
		require.Zero(t, wrote)
		require.True(t, slow.shows("[some output is not shown: too slow]")())
		require.Less(t, slow.text.Len(), 2*pendingBytes)
		require.NoError(t, attached.Close())
		require.NoError(t, attached.Err())
	})
}

// What was printed before the end is taken after it, too, as long as there is somebody who takes it.
func TestASlowReaderGetsWhatWasPrintedBeforeTheEnd(t *testing.T) {
	const lines = 30
	taken := 0
	c := Command{Output: Output{Block: true, Buffer: 1, Lines: func(Line) {
		time.Sleep(100 * time.Millisecond)
		taken++
	}}}
	play(t, c, func(p *fakeProcess) exitState {
		_, _ = io.WriteString(p.stdout, strings.Repeat("line\n", lines))
		return exitState{}
	}, func(s *scene) {
		s.at(4 * time.Second)
		require.Equal(t, lines, taken)
		require.Equal(t, Counts{Lines: lines, Bytes: 5 * lines}, s.Info().Counts)
		require.False(t, s.status().Live)
	})
}
