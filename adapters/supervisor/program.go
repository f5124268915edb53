package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/internal/signals"
)

// The exit codes of [Main].
const (
	CodeStopped = 0   // the supervisor stopped as it was asked to, or because its tasks had ended well; nothing was left behind
	CodeFailed  = 1   // Run returned an error: what stopped the supervisor, or what was left behind
	CodeNotRun  = 2   // the supervisor could not be run: it was not made by New, runs already, or is a task of another
	CodeSignal  = 128 // to which the number of the signal is added that came second: 130 for SIGINT, 143 for SIGTERM
)

// Main runs a supervisor as a program does, and returns the code to exit with:
//
//	func main() {
//		sup, err := supervisor.New(...)
//		...
//		os.Exit(supervisor.Main(sup))
//	}
//
// It runs the supervisor until that stops by itself, or until the process gets SIGINT (Ctrl-C) or SIGTERM. Then it shuts the
// supervisor down (see [WithShutdownDelay]), and logs which runs it waits for, and again every five seconds. A second signal of
// the two ends it at once, with [CodeSignal] and the signal's number as code, whatever still runs or blocks: then os.Exit ends the
// process with everything in it.
// Other signals do what they do without Main, unless [OnSignal] is given for them, with one exception. From the call of Main on,
// until the process ends, SIGPIPE does not kill it: in `mysvc 2>&1 | tee log`, Ctrl-C kills tee as well, and the next line that is
// logged would end the process in the middle of its orderly stop. A write to a broken pipe returns EPIPE instead.
// Processes that tasks start do not inherit this.
//
// When the supervisor has stopped, all that loggers, observers and recorders have to be told has been told (see
// [WithDrainTimeout]), and Main logs how it ended: the error, and each run that was left behind or failed while it stopped.
//
// Main logs with the supervisor's own logger, the first if it has several, and otherwise with slog.Default. The cause of the
// shutdown, which the runs' contexts end with, wraps a [*SignalError]. Main is to be called once, by the main function.
func Main(s *Supervisor, options ...MainOption) int {
	outliveBrokenPipes()
	p := newProgram(s)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	for _, option := range options {
		if option.apply != nil {
			option.apply(ctx, p)
		}
	}
	defer p.endHooks()
	return p.run(ctx, cancel)
}

// MainOption is an option of [Main]. The zero MainOption is none.
type MainOption struct {
	apply func(context.Context, *program)
}

// OnSignal has [Main] call a function when the process gets one of some signals, such as SIGHUP to read a configuration again. The
// calls for one OnSignal are made one after the other in a goroutine of their own; of signals that come during a call one more
// call is made. An error is logged. The context ends when the supervisor is to stop. SIGINT and SIGTERM are left to Main, and of
// several functions for one signal the last given is called.
func OnSignal(call func(ctx context.Context, signal os.Signal) error, signals ...os.Signal) MainOption {
	if call == nil {
		return MainOption{}
	}
	return MainOption{apply: func(ctx context.Context, p *program) {
		calls := make(chan os.Signal, 1)
		p.calls = append(p.calls, calls)
		for _, signal := range signals {
			if !slices.Contains(stopSignals, signal) {
				p.hooks[signal] = calls
			}
		}
		go func() {
			for signal := range calls {
				if err := called(func() error { return call(ctx, signal) }); err != nil {
					p.say(slog.LevelError, "signal handler failed", slog.String("signal", signal.String()), slog.Any("error", err))
				}
			}
		}()
	}}
}

// called calls a function of a user's. A panic is an error, and so is the end of its goroutine.
func called(call func() error) error {
	result := make(chan error, 1)
	go func() {
		returned := false
		var err error
		defer func() {
			if !returned {
				err = unreturned(recover())
			}
			result <- err
		}()
		err = sound(call())
		returned = true
	}()
	return <-result
}

var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM}

// program is one call of Main. Nothing that can block is done in its loop, or a second signal would find it blocked: lines are
// written by a goroutine of their own.
type program struct {
	sup    *Supervisor
	log    *slog.Logger
	hooks  map[os.Signal]chan os.Signal
	calls  []chan os.Signal // of all hooks
	lines  chan func()
	spoken chan struct{} // closed when all lines are written
}

const (
	sayWaitsEvery = 5 * time.Second        // how often Main says what it waits for
	lastWords     = 200 * time.Millisecond // for how long the second signal waits for the last lines
)

func (p *program) run(ctx context.Context, cancel context.CancelCauseFunc) int {
	got := make(chan os.Signal, 8)
	stop := signals.Notify(got, slices.AppendSeq(slices.Clone(stopSignals), maps.Keys(p.hooks))...)
	defer stop()
	return p.obey(ctx, cancel, got)
}

// obey runs the supervisor, and does what signals ask for.
func (p *program) obey(ctx context.Context, cancel context.CancelCauseFunc, signals <-chan os.Signal) int {
	done := make(chan error, 1)
	go func() { done <- p.sup.Run(ctx) }()
	stopping := false
	var waits <-chan time.Time
	for {
		select {
		case err := <-done:
			return p.finish(err)
		case <-waits:
			go func() { p.sayWaits("still stopping", p.waits()) }()
		case got := <-signals:
			switch hook := p.hooks[got]; {
			case hook != nil:
				select {
				case hook <- got:
				default: // a call that has yet to be made will do
				}
			case stopping:
				return p.endAtOnce(got)
			default:
				stopping = true
				go func() { // which looks first, and then has the runs stopped
					p.sayWaits("stopping", p.waits(), p.aboutStop(got)...)
					cancel(&SignalError{got})
				}()
				ticker := time.NewTicker(sayWaitsEvery)
				defer ticker.Stop()
				waits = ticker.C
			}
		}
	}
}

func (p *program) aboutStop(got os.Signal) []slog.Attr {
	attributes := []slog.Attr{slog.String("signal", got.String())}
	if delay := p.sup.settings.shutdownDelay; delay > 0 {
		attributes = append(attributes, durationAttr("delay", delay))
	}
	return attributes
}

// waits returns the paths of the runs that have not ended, or what to say if the supervisor does not answer soon.
func (p *program) waits() []string {
	paths := make(chan []string, 1)
	go func() { paths <- p.sup.stuck(nil) }()
	timer := time.NewTimer(lastWords / 2)
	defer timer.Stop()
	select {
	case waits := <-paths:
		return waits
	case <-timer.C:
		return []string{"(the supervisor does not answer)"}
	}
}

// sayWaits logs which runs have not ended.
func (p *program) sayWaits(message string, waits []string, attributes ...slog.Attr) {
	if len(waits) > 0 {
		attributes = append(attributes, slog.Int("runs", len(waits)), slog.String("names", few(waits)))
	}
	p.say(slog.LevelInfo, message, attributes...)
}

// endAtOnce ends the program while the supervisor runs.
func (p *program) endAtOnce(got os.Signal) int {
	p.queue(func() {
		waits := p.waits()
		p.log.LogAttrs(context.Background(), slog.LevelError, "ended at once by a second signal",
			slog.String("signal", got.String()), slog.Int("runs", len(waits)), slog.String("names", few(waits)))
		ctx, cancel := context.WithTimeout(context.Background(), lastWords)
		defer cancel()
		_ = p.sup.Drain(ctx)
	})
	p.end(lastWords)
	return CodeSignal + numberOf(got)
}

// finish logs how the supervisor has ended.
func (p *program) finish(err error) int {
	if errors.Is(err, ErrNotMade) || errors.Is(err, ErrAlreadyRunning) || errors.As(err, new(*TreeError)) {
		p.say(slog.LevelError, "cannot run", slog.Any("error", err))
		p.end(time.Second)
		return CodeNotRun
	}
	p.queue(func() { p.sayReport(err) })
	p.end(max(time.Second, p.sup.settings.drainTimeout))
	if err != nil {
		return CodeFailed
	}
	return CodeStopped
}

// sayReport logs what was left behind, and then how the supervisor has ended.
func (p *program) sayReport(err error) {
	const shown = 20
	report, ctx := p.sup.Report(), context.Background()
	for _, left := range report.LeftBehind[:min(shown, len(report.LeftBehind))] {
		attributes := []slog.Attr{slog.String("path", left.Path), slog.Uint64("run", uint64(left.Run)), slog.String("why", left.Why.String())}
		if len(left.Stuck) > 0 {
			attributes = append(attributes, slog.String("names", few(left.Stuck)))
		}
		p.log.LogAttrs(ctx, slog.LevelError, "run left behind", attributes...)
	}
	for _, failed := range report.FailedStops[:min(shown, len(report.FailedStops))] {
		p.log.LogAttrs(ctx, slog.LevelWarn, "run failed while it stopped", appendError([]slog.Attr{
			slog.String("path", failed.Path), slog.Uint64("run", uint64(failed.Run)), slog.String("why", failed.Why.String()),
			slog.String("exit", failed.Exit.String()),
		}, failed.Err)...)
	}
	level, attributes := slog.LevelInfo, []slog.Attr{
		slog.String("why", report.Cause.Why.String()), slog.Uint64("started", report.Runs.Started), slog.Uint64("ended", report.Runs.Ended),
		slog.Int("left_behind", len(report.LeftBehind)), slog.Int("failed_stops", len(report.FailedStops)),
	}
	if err != nil {
		level = slog.LevelError
	}
	p.log.LogAttrs(ctx, level, "program ends", appendError(attributes, err)...)
}

// say has a line written.
func (p *program) say(level slog.Level, message string, attributes ...slog.Attr) {
	p.queue(func() { p.log.LogAttrs(context.Background(), level, message, attributes...) })
}

// newProgram returns a program that does not run yet, but speaks.
func newProgram(s *Supervisor) *program {
	p := &program{
		sup: s, log: slog.Default(), hooks: make(map[os.Signal]chan os.Signal), lines: make(chan func(), 64), spoken: make(chan struct{}),
	}
	if s.made() == nil && s.logs() {
		p.log = s.settings.loggers[0]
	}
	go p.speak()
	return p
}

// queue has something said after what is queued already. If the one who speaks is stuck, it is not said.
func (p *program) queue(say func()) {
	select {
	case p.lines <- say:
	default:
	}
}

func (p *program) speak() {
	defer close(p.spoken)
	for say := range p.lines {
		if say == nil {
			return
		}
		attempt(say)
	}
}

// end waits until all is said, but not for long.
func (p *program) end(atMost time.Duration) {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case p.lines <- nil:
	case <-timer.C:
		return
	}
	select {
	case <-p.spoken:
	case <-timer.C:
	}
}

func (p *program) endHooks() {
	for _, calls := range p.calls {
		close(calls)
	}
}

// numberOf returns the number of a signal, or 0 where signals have none.
func numberOf(s os.Signal) int {
	if number := reflect.ValueOf(s); number.CanInt() {
		return int(number.Int())
	}
	return 0
}
