package top

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC
	goleak.VerifyTestMain(m)
}

// stage is a small shop whose processes are played, in virtual time.
type stage struct {
	sup     *supervisor.Supervisor
	hub     *screen.Hub
	printer *screen.Printer
	handler http.Handler

	mu   sync.Mutex
	runs map[string]int // of each task
	of   map[string]int // process numbers
}

// numbers are the process numbers of the first runs.
var numbers = map[string]int{"redis": 4711, "migrate": 4718, "api": 4730, "workers/mail": 4742, "workers/invoices": 4755, "reports": 4760}

// role is what the runs of one task do: the first of them, the second, and so on; those after the last go on for ever.
type role struct {
	hello []string // written at the beginning
	every time.Duration
	says  []string // written one after the other
	acts  []act
}

// act is how a run ends by itself.
type act struct {
	after time.Duration
	last  string // written before it
	err   error
}

func (s *stage) play(path string, r role) supervisor.Task {
	sink := s.hub.Sink(path, s.printer.Source(path, false), nil)
	runs := 0
	return supervisor.TaskFunc(func(ctx context.Context) error {
		s.started(path)
		defer s.ended(path)
		write := func(text string) {
			sink.Line(process.Line{Time: time.Now(), Text: text})
		}
		for _, line := range r.hello {
			write(line)
		}
		end := act{after: 1000 * time.Hour}
		if runs < len(r.acts) {
			end = r.acts[runs]
		}
		runs++
		over := time.NewTimer(end.after)
		defer over.Stop()
		ticker := time.NewTicker(max(r.every, time.Millisecond))
		defer ticker.Stop()
		if r.every == 0 {
			ticker.Stop()
		}
		time.Sleep(300 * time.Millisecond)
		_ = supervisor.Ready(ctx) // unless it is being stopped already
		for i := 0; ; i++ {
			select {
			case <-ticker.C:
				write(r.says[i%len(r.says)])
			case <-over.C:
				if end.last != "" {
					write(end.last)
				}
				return end.err
			case <-ctx.Done():
				write("bye")
				time.Sleep(400 * time.Millisecond)
				return nil
			}
		}
	})
}

// started gives a run a process number, ended takes it away.
func (s *stage) started(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of[path] = numbers[path] + 100*s.runs[path]
	s.runs[path]++
}

func (s *stage) ended(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, path)
}

func (s *stage) pidOf(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of[path]
}

// processes are what the tasks would take.
func (s *stage) processes() []osProcess {
	s.mu.Lock()
	defer s.mu.Unlock()
	passed := time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	var all []osProcess
	for path, pid := range s.of {
		share := time.Duration(len(path)) // percent
		all = append(all,
			osProcess{pid: pid, parent: 1, group: pid, session: pid, usage: usage{cpu: passed * share / 100, memory: uint64(len(path)) * 4_200_000}},
			osProcess{pid: pid + 1, parent: pid, group: pid, session: pid, usage: usage{memory: 800_000}})
	}
	return all
}

func newStage(t *testing.T, printer *screen.Printer) *stage {
	t.Helper()
	s := &stage{hub: screen.NewHub(), printer: printer, runs: make(map[string]int), of: make(map[string]int)}
	group := func(options ...supervisor.Option) *supervisor.Supervisor {
		sup, err := supervisor.New(append([]supervisor.Option{
			supervisor.ForService(), supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 2, MaxExponent: 6, Max: time.Minute, Jitter: supervisor.NoJitter}),
			supervisor.WithStableAfter(20 * time.Second), supervisor.WithStopTimeout(3 * time.Second), supervisor.WithReadiness(true),
		}, options...)...)
		require.NoError(t, err)
		return sup
	}
	decisions := printer.Decisions("", slog.LevelDebug)
	workers := group(
		supervisor.WithStrategy(supervisor.OneForAll),
		supervisor.WithTask("mail", s.play("workers/mail", role{every: 1700 * time.Millisecond, says: []string{"sent 12 mails", "sent 3 mails"}})),
		supervisor.WithTask("invoices", s.play("workers/invoices", role{
			every: 2300 * time.Millisecond, says: []string{"invoice 2041 written", "invoice 2042 written"},
			acts: []act{{15 * time.Second, "\x1b[31mTraceback: KeyError 'vat'\x1b[0m", errors.New("exit code 1: Traceback: KeyError 'vat'")}},
		})),
	)
	s.sup = group(
		supervisor.WithObserver(decisions.Observe),
		supervisor.WithTask("redis", s.play("redis", role{
			hello: []string{"Redis is starting", "\x1b[32mReady to accept connections\x1b[0m"},
			acts:  []act{{24 * time.Second, "", errors.New("ended by SIGKILL")}},
		})),
		supervisor.WithTask("migrate", s.play("migrate", role{acts: []act{{3 * time.Second, "3 migrations applied", supervisor.Done(nil)}}})),
		supervisor.WithTask("api", s.play("api", role{
			hello: []string{"listening on :8080"}, every: 900 * time.Millisecond,
			says: []string{"GET /cart 200 3 ms", "POST /order 201 18 ms", "GET /cart 200 2 ms", "GET /\x1b[2Jproducts 200 5 ms"},
			acts: []act{{7 * time.Second, "panic: no such table: vouchers", errors.New("exit code 2: panic: no such table: vouchers")}},
		}), supervisor.WithBoundTo("redis")),
		supervisor.WithTask("workers", workers),
		supervisor.WithTask("reports", s.play("reports", role{}), supervisor.WithSuspended(true)),
	)
	s.handler = control.NewHandler(control.Visor{Supervisor: s.sup, PID: s.pidOf})
	return s
}

// ask asks the handler, as a client does by its socket.
func (s *stage) ask(method, route string, body, into any) error {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return err
		}
	}
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, httptest.NewRequest(method, "/v1/"+route, &text))
	if answer.Code != http.StatusOK {
		refusal := new(control.Error)
		if err := json.Unmarshal(answer.Body.Bytes(), refusal); err != nil {
			return err
		}
		return refusal
	}
	return json.Unmarshal(answer.Body.Bytes(), into)
}

func (s *stage) Tree(context.Context) (tree control.Tree, err error) {
	return tree, s.ask(http.MethodGet, "tree", nil, &tree)
}

func (s *stage) Order(_ context.Context, action control.Action, order control.Order) (done control.Done, err error) {
	return done, s.ask(http.MethodPost, "tasks/"+string(action), order, &done)
}

func (s *stage) Tail(_ context.Context, n int, task string) (records []screen.Record, err error) {
	for _, entry := range s.hub.Tail(n, task) {
		records = append(records, entry.Record())
	}
	return records, nil
}

// watch plays the shop for somebody who looks at it as often as Bubble Tea does, and calls at each instant.
func watch(t *testing.T, size tea.WindowSizeMsg, at []time.Duration, look func(m *model, s *stage, at time.Duration)) {
	t.Helper()
	bubble.Run(t, func(t *testing.T) {
		var out bytes.Buffer
		printer := screen.NewPrinter(&out, screen.Settings{})
		s := newStage(t, printer)
		ctx, cancel := context.WithCancel(t.Context())
		var over sync.WaitGroup
		over.Go(func() { _ = s.sup.Run(ctx) })
		defer time.Sleep(time.Minute) // what was held back ends
		defer func() { require.NoError(t, printer.Close(context.Background())) }()
		defer over.Wait()
		defer cancel()
		synctest.Wait()
		m := newModel(ctx, s, Settings{Title: "taskvisor: shop/tasks.toml", Unicode: true})
		m.processes = s.processes
		m.Update(size)
		do(m, m.ask())
		began := time.Now()
		for now := time.Duration(0); len(at) > 0; now += redraw {
			time.Sleep(time.Until(began.Add(now)))
			synctest.Wait()
			if _, command := m.Update(tick(time.Now())); command != nil {
				if m.asking {
					do(m, m.ask())
				}
			}
			for len(at) > 0 && at[0] <= now {
				look(m, s, at[0])
				at = at[1:]
			}
		}
	})
}

// do carries out a command, and tells the model what came of it.
func do(m *model, command tea.Cmd) {
	if command == nil {
		return
	}
	message := command()
	if _, ends := message.(tea.QuitMsg); ends || message == nil {
		return
	}
	synctest.Wait()
	_, next := m.Update(message)
	if _, more := message.(outcome); more {
		do(m, next)
	}
}

// press presses keys, one after the other.
func press(m *model, keys ...string) {
	codes := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "home": tea.KeyHome, "end": tea.KeyEnd, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp,
		"esc": tea.KeyEscape, "enter": tea.KeyEnter, "backspace": tea.KeyBackspace,
	}
	for _, key := range keys {
		message := tea.KeyPressMsg{Code: codes[key]}
		if message.Code == 0 {
			message = tea.KeyPressMsg{Code: []rune(key)[0], Text: key}
		}
		_, command := m.Update(message)
		do(m, command)
		if m.came.Before(time.Now().Add(-askEvery + time.Nanosecond)) {
			do(m, m.ask())
		}
	}
}

func seconds(all ...float64) (at []time.Duration) {
	for _, s := range all {
		at = append(at, time.Duration(s*float64(time.Second)))
	}
	return at
}

// lines returns the lines of a picture without colours, without the space at their ends.
func lines(m *model) []string {
	var all []string
	for line := range strings.SplitSeq(plain(m.render()), "\n") {
		all = append(all, strings.TrimRight(line, " "))
	}
	return all
}

func name(at time.Duration, size tea.WindowSizeMsg) string {
	return fmt.Sprintf("testdata/%gs-%dx%d.txt", at.Seconds(), size.Width, size.Height)
}
