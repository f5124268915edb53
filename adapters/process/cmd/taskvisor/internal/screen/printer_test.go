package screen

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output is what a printer writes to. It can be made slow.
type output struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
	err    error
	room   int           // how many bytes it takes all the same if there is an error
	gate   chan struct{} // if there is one, each write takes a token from it
}

func (o *output) Write(p []byte) (int, error) {
	if o.gate != nil {
		<-o.gate
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writes++
	if o.err != nil {
		n, _ := o.text.Write(p[:min(o.room, len(p))])
		o.room -= n
		return n, o.err
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func closed(t *testing.T, p *Printer) {
	t.Helper()
	require.NoError(t, p.Close(context.Background()))
}

func whole(text string) process.Line { return process.Line{Text: text} }

func TestNamesArePadded(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{})
	redis, web := p.Source("redis", false), p.Source("workers/mail", false)
	long := p.Source("a name that is too long to pad all others to it", false)
	redis.Print(whole("ready"))
	web.Print(process.Line{Text: "sent", Stream: process.Stderr})
	long.Print(whole("text"))
	closed(t, p)
	require.Equal(t, "redis        | ready\nworkers/mail | sent\na name that is too long to pad all others to it | text\n", out.String())
}

func TestTimes(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{Time: true})
	p.Source("redis", false).Print(process.Line{Time: time.Date(2026, 1, 2, 3, 4, 5, 67_000_000, time.UTC), Text: "ready"})
	closed(t, p)
	require.Equal(t, "03:04:05.067 redis | ready\n", out.String())
}

func TestColouredNames(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{Colours: SixteenColours})
	p.Source("redis", false).Print(whole("\x1b[1mready"))
	closed(t, p)
	require.Regexp(t, "^\x1b\\[[39][0-7]mredis \\| \x1b\\[0m\x1b\\[1mready\x1b\\[0m\n$", out.String())
}

// Pieces of a line are marked: that more follows, and that it goes on.
func TestPieces(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{Unicode: true})
	s := p.Source("web", false)
	s.Print(process.Line{Text: "Password: ", Partial: true})
	s.Print(process.Line{Continues: true}) // only the end of it
	s.Print(process.Line{Text: "one ", Cut: true})
	s.Print(process.Line{Text: "two ", Cut: true, Continues: true})
	s.Print(process.Line{Text: "of another stream", Stream: process.Stderr})
	s.Print(process.Line{Text: "three", Continues: true})
	s.Print(whole(""))
	closed(t, p)
	require.Equal(t, "web | Password: …\nweb | one …\nweb + two …\nweb | of another stream\nweb + three\nweb | \n", out.String())
}

// The lines of a hundred tasks that write at once are all there, whole, and those of each task in their order.
func TestLinesAreNotMixed(t *testing.T) {
	const tasks, lines = 100, 300
	out := new(output)
	p := NewPrinter(out, Settings{Colours: ManyColours})
	var all sync.WaitGroup
	for i := range tasks {
		s := p.Source(fmt.Sprint("task-", i), true)
		all.Go(func() {
			for j := range lines {
				stream := process.Stdout
				if j%3 == 0 {
					stream = process.Stderr
				}
				s.Print(process.Line{Stream: stream, Text: fmt.Sprintf("%d %s %d", i, strings.Repeat("x", j%200), j)})
			}
		})
	}
	all.Wait()
	closed(t, p)
	next := make([]int, tasks)
	for line := range strings.Lines(out.String()) {
		name, text, found := strings.Cut(strings.TrimSuffix(line, "\n"), " | \x1b[0m")
		require.True(t, found, line)
		fields := strings.Split(text, " ")
		require.Len(t, fields, 3, line)
		task, err := strconv.Atoi(fields[0])
		require.NoError(t, err)
		require.Contains(t, name, fmt.Sprint("task-", task))
		require.Equal(t, strings.Repeat("x", next[task]%200), fields[1])
		require.Equal(t, strconv.Itoa(next[task]), fields[2])
		next[task]++
	}
	for _, n := range next {
		require.Equal(t, lines, n)
	}
}

// While the output keeps up, each line is a write.
func TestALineIsAWrite(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		out := new(output)
		p := NewPrinter(out, Settings{})
		s := p.Source("web", false)
		for range 10 {
			s.Print(whole("line"))
			synctest.Wait()
		}
		closed(t, p)
		require.Equal(t, 10, out.writes)
	})
}

// A slow output takes what there is room for. What is left out is counted, by task, and does not push out other tasks' lines.
func TestSlowOutputDrops(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		out := &output{gate: make(chan struct{})}
		p := NewPrinter(out, Settings{})
		loud, quiet := p.Source("loud", false), p.Source("quiet", false)
		const lines = 10_000
		text := strings.Repeat("x", 100)
		for range lines {
			loud.Print(whole(text))
		}
		synctest.Wait()
		quiet.Print(whole("one line"))
		close(out.gate)
		synctest.Wait()
		loud.Print(whole("the last"))
		closed(t, p)
		printed, dropped, quietly, last := 0, 0, 0, false
		for line := range strings.Lines(out.String()) {
			switch {
			case line == "loud  | "+text+"\n":
				printed++
			case strings.HasPrefix(line, "loud  * ("):
				var n int
				_, err := fmt.Sscanf(line, "loud  * (%d lines left out here,", &n)
				require.NoError(t, err, line)
				dropped += n
				require.Contains(t, line, " kB: the output is too slow)")
			case line == "quiet | one line\n":
				quietly++
			default:
				require.Equal(t, "loud  | the last\n", line)
				last = true
			}
		}
		require.Equal(t, lines, printed+dropped)
		require.Greater(t, printed, room/(len(text)+9)-1)
		require.Positive(t, dropped)
		require.Equal(t, 1, quietly)
		require.True(t, last)
	})
}

// The same, where tasks are to wait: nothing is left out, and other tasks do not wait.
func TestSlowOutputBlocks(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		out := &output{gate: make(chan struct{})}
		p := NewPrinter(out, Settings{})
		loud, quiet := p.Source("loud", true), p.Source("quiet", true)
		text := strings.Repeat("x", 1000)
		const lines = 1000
		printed := 0
		go func() {
			for range lines {
				loud.Print(whole(text))
				printed++
			}
		}()
		synctest.Wait()
		require.Less(t, printed, 2*room/1000)
		quiet.Print(whole("one line")) // it would never return
		close(out.gate)
		synctest.Wait()
		closed(t, p)
		require.Equal(t, lines, strings.Count(out.String(), text))
		require.Equal(t, lines+1, strings.Count(out.String(), "\n"))
	})
}

// A line that is larger than the room there is gets through all the same.
func TestALineLargerThanTheRoom(t *testing.T) {
	for _, block := range []bool{true, false} {
		out := new(output)
		p := NewPrinter(out, Settings{})
		text := strings.Repeat("x", 2*room)
		p.Source("web", block).Print(whole(text))
		closed(t, p)
		require.Equal(t, "web | "+text+"\n", out.String())
	}
}

// An output that fails, such as a pipe that is read no more, makes nothing wait.
func TestFailedOutput(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		broken := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
		out := &output{gate: make(chan struct{}), err: broken}
		p := NewPrinter(out, Settings{})
		s := p.Source("web", true)
		ended := false
		go func() {
			for range 100 {
				s.Print(whole(strings.Repeat("x", room)))
			}
			ended = true
		}()
		synctest.Wait()
		require.False(t, ended)
		require.NoError(t, p.Err())
		close(out.gate)
		<-p.Failed()
		synctest.Wait()
		require.True(t, ended)
		require.ErrorIs(t, p.Err(), broken)
		require.ErrorIs(t, p.Close(context.Background()), broken)
	})
}

// An output that has no room for a while, such as a file on a full disk, is tried again, and what is lost is told.
func TestAFullOutput(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		out := new(output)
		p := NewPrinter(out, Settings{})
		s := p.Source("web", false)
		print := func(text string) {
			s.Print(whole(text))
			synctest.Wait()
		}
		print("one")
		out.err, out.room = syscall.ENOSPC, 5 // of the next line
		print("two")
		print("three")
		print("four")
		out.err = nil
		print("five")
		closed(t, p)
		require.Equal(t, "web | one\nweb |\n    * (3 lines lost here, 28 bytes: no space left on device)\nweb | five\n", out.String())
	})
}

// A terminal that is stopped (Ctrl-S) does not keep a program from ending.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		out := &output{gate: make(chan struct{})}
		p := NewPrinter(out, Settings{})
		p.Source("web", false).Print(whole("text"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, p.Close(ctx), ErrNotPrinted)
		p.Source("web", false).Print(whole("too late"))
		close(out.gate)
		synctest.Wait()
		require.Equal(t, "web | text\n", out.String())
	})
}

func TestBareLines(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{Bare: true, Time: true})
	at := time.Date(2026, 1, 2, 3, 4, 5, 67_000_000, time.UTC)
	p.Source("web", false).Print(process.Line{Time: at, Text: "ready"})
	p.Source("web", false).Print(process.Line{Time: at, Stream: process.Notice, Text: "3 lines were dropped"})
	closed(t, p)
	require.Equal(t, "03:04:05.067 ready\n03:04:05.067 web * 3 lines were dropped\n", out.String())
}

// What package process says about a task, such as that its lines were dropped, is no line of the task's.
func TestNotices(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{})
	p.Source("web", false).Print(process.Line{Stream: process.Notice, Text: "3 lines were dropped"})
	closed(t, p)
	require.Equal(t, "web * 3 lines were dropped\n", out.String())
}

// Notices are not lost where lines are: one about dropped lines is added to what is left out, and any other is printed.
func TestSlowOutputKeepsNotices(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		out := &output{gate: make(chan struct{})}
		p := NewPrinter(out, Settings{})
		web := p.Source("web", false)
		full := strings.Repeat("x", room)
		web.Print(whole(full)) // this is being written
		synctest.Wait()
		web.Print(whole(full)) // and this fills the next batch
		web.Print(whole("left out"))
		web.Print(process.Line{Stream: process.Notice, Text: "7 lines were dropped", DroppedLines: 7, DroppedBytes: 90})
		web.Print(process.Line{Stream: process.Notice, Text: "the command left 1 process behind"})
		close(out.gate)
		closed(t, p)
		printed := strings.ReplaceAll(out.String(), full, "full")
		require.Equal(t, "web | full\nweb | full\nweb * the command left 1 process behind\nweb * (8 lines left out here, 98 bytes: the output is too slow)\n", printed)
	})
}

func TestPrintedAsJSON(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{JSON: true, Colours: ManyColours})
	at := time.Date(2026, 1, 2, 3, 4, 5, 67_000_000, time.UTC)
	p.Source("web", false).Print(process.Line{Time: at, Run: 3, Stream: process.Stderr, Text: "\x1b[31m\"red\"\x1b[2J & <blue>", Cut: true})
	p.say(at, badMood, "web failed")
	closed(t, p)
	require.Equal(t, `{"time":"2026-01-02T03:04:05.067Z","task":"web","run":3,"stream":"stderr","text":"\"red\" & <blue>","cut":true}
{"time":"2026-01-02T03:04:05.067Z","stream":"notice","level":"warn","text":"web failed"}
`, out.String())
}

// A record of a log is a line of the supervisor's own.
func TestRecords(t *testing.T) {
	out := new(output)
	p := NewPrinter(out, Settings{})
	p.Source("web", false)
	log := slog.New(p.Handler(slog.LevelInfo))
	log.Debug("not this")
	log.With("a", 1).WithGroup("g").With("b", 2).Info("stopping", "still_running", "web\x1b[2J\nmail", slog.Group("h", "c", time.Second))
	slog.New(p.Handler(slog.LevelInfo).WithGroup("")).Error("ends", slog.Attr{}, slog.Group("", "d", true))
	closed(t, p)
	require.Equal(t, "    * stopping, a: 1, g.b: 2, g.still running: web; mail, g.h.c: 1s\n    * ends, d: true\n", out.String())
}
