package process

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
)

// Host starts processes and keeps hold of them. A program has one. It is safe for concurrent use.
type Host struct {
	leash *leash.Leash
	log   *slog.Logger
	swept []Leftover

	mu        sync.Mutex
	tightness Tightness
	why       string

	closing context.CancelFunc
	closed  chan struct{}
}

// Leftover is a process that a former life of the program had left behind.
type Leftover struct {
	PID     int
	Command string // its command line
	Task    string // the task that it was part of; empty if it does not say so
}

// ErrNotSupported is the error of [Open] where processes cannot be supervised.
var ErrNotSupported = leash.ErrNotSupported

// Open returns a host, with the tightest hold of processes that the system allows. Before it returns, it stops what a former life of
// the program has left behind: processes with its name in their environment (see [WithName]) whose supervisor has ended. They get
// SIGTERM, and after five seconds SIGKILL. Where processes cannot be supervised at all, the error is [ErrNotSupported].
func Open(options ...Option) (*Host, error) {
	o := settings{name: defaultName(), most: TightnessCgroup, log: slog.Default(), grace: sweepGrace}
	for _, option := range options {
		if option.apply != nil {
			if err := option.apply(&o); err != nil {
				return nil, err
			}
		}
	}
	held, err := leash.New(leash.Config{Name: o.name, Cgroup: o.most >= TightnessCgroup})
	if err != nil {
		return nil, err
	}
	h := &Host{leash: held, log: o.log, closed: make(chan struct{})}
	h.tighten(o.most)
	h.sayTightness()
	h.sweep(o.grace)
	ctx, cancel := context.WithCancel(context.Background())
	h.closing = cancel
	go h.watchGuard(ctx)
	return h, nil
}

func (h *Host) sayTightness() {
	how := []any{slog.String("by", h.Tightness().String())}
	if why := h.Why(); why != "" {
		how = append(how, slog.String("why", why))
	}
	h.log.Info("processes are held", how...)
}

// For how long what a former life has left may take to stop after SIGTERM, and to end after SIGKILL.
const (
	sweepGrace = 5 * time.Second
	sweepLimit = 10 * time.Second
)

// Tightness returns how well the host keeps hold of what runs start. It is less when the guard has ended.
func (h *Host) Tightness() Tightness {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tightness
}

// Why says what the host lacks to be tighter. It is empty if it lacks nothing.
func (h *Host) Why() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.why
}

// Guard returns the process number of the guard; 0 if there is none, or none any more. See the function [Guard].
func (h *Host) Guard() int {
	if guarded.link == nil {
		return 0
	}
	select {
	case <-guarded.link.Lost:
		return 0
	default:
		return guarded.link.PID
	}
}

// Swept returns what a former life of the program had left behind, and [Open] has stopped.
func (h *Host) Swept() []Leftover { return h.swept }

// Close frees what the host has for itself. It is to be called when no run is left.
func (h *Host) Close() error {
	h.closing()
	<-h.closed
	if err := h.leash.Close(); err != nil {
		return err
	}
	if dir, _ := h.leash.Cgroup(); dir != "" && guarded.link != nil {
		_ = guarded.link.NoCgroup(dir)
	}
	return nil
}

// tighten finds out how tight the host is.
func (h *Host) tighten(most Tightness) {
	dir, noCgroup := h.leash.Cgroup()
	var lacks []string
	if most < TightnessCgroup {
		lacks = append(lacks, "not asked for more than "+most.String())
	} else if noCgroup != nil {
		lacks = append(lacks, "no control groups: "+noCgroup.Error())
	}
	switch {
	case most < TightnessGuard: // even if there is one
	case guarded.link == nil:
		lacks = append(lacks, "no guard: "+guarded.why.Error())
	default:
		h.tightness = TightnessGuard
	}
	if dir != "" {
		h.tightness = TightnessCgroup
		if guarded.link != nil {
			_ = guarded.link.Cgroup(dir)
		}
	}
	h.why = strings.Join(lacks, "; ")
}

// sweep stops what a former life has left behind.
func (h *Host) sweep(grace time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), grace+sweepLimit)
	defer cancel()
	left, err := h.leash.Sweep(ctx, grace)
	for _, l := range left {
		left := Leftover{PID: l.PID, Command: l.Command, Task: pathOf(l.Task)}
		h.swept = append(h.swept, left)
		h.log.Warn("stopped what a former life had left", slog.String("task", left.Task), slog.Int("pid", l.PID), slog.String("command", l.Command))
	}
	if err != nil {
		h.log.Error("what a former life has left does not end", slog.Any("error", err))
	}
}

// watchGuard says so when the guard has ended.
func (h *Host) watchGuard(ctx context.Context) {
	defer close(h.closed)
	if guarded.link == nil {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-guarded.link.Lost:
	}
	h.mu.Lock()
	if h.tightness == TightnessGuard {
		h.tightness = TightnessGroup
	}
	h.why = strings.TrimPrefix(h.why+"; no guard: it was killed", "; ")
	h.mu.Unlock()
	h.log.Error("the guard was killed: if this process is killed, too, its tasks run on", slog.String("tightness", h.Tightness().String()))
}

// Option is an option of [Open]. The zero Option is none.
type Option struct{ apply func(*settings) error }

// settings are what the options say.
type settings struct {
	name  string
	most  Tightness
	log   *slog.Logger
	grace time.Duration
}

// OptionError says what is wrong with an option.
type OptionError struct {
	Option  string // its function, such as "WithName"
	Problem string
}

func (e *OptionError) Error() string { return e.Option + " " + e.Problem }

// inNames are the characters that have a meaning in the environment of a run.
const inNames = "/,@=\x00"

// WithName names the host. A later life of the program has the same name, and stops by that what a former life has left, if that is no
// longer alive; programs with other names are left alone. Default: the name of the program with a hash of the directory that
// it runs in.
func WithName(name string) Option {
	return Option{func(o *settings) error {
		if name == "" || strings.ContainsAny(name, inNames) {
			return &OptionError{"WithName", "has to be a name without any of / , @ ="}
		}
		o.name = name
		return nil
	}}
}

// defaultName returns a name that is the same in each life of a program.
func defaultName() string {
	program := "program"
	if len(os.Args) > 0 {
		program = filepath.Base(os.Args[0])
	}
	if path, err := os.Executable(); err == nil {
		program = filepath.Base(path)
	}
	hash := fnv.New32a()
	if dir, err := os.Getwd(); err == nil {
		_, _ = hash.Write([]byte(dir))
	}
	return fmt.Sprintf("%s.%08x", strings.Map(func(r rune) rune {
		if strings.ContainsRune(inNames, r) {
			return '_'
		}
		return r
	}, program), hash.Sum32())
}

// WithTightness has the host hold processes no tighter than that. Default [TightnessCgroup], which is as tight as the system allows.
func WithTightness(most Tightness) Option {
	return Option{func(o *settings) error {
		if most > TightnessCgroup {
			return &OptionError{"WithTightness", "has to be one of the three"}
		}
		o.most = most
		return nil
	}}
}

// WithLogger has the host log how tight it is, what it has swept, and that the guard has ended. Default [slog.Default].
func WithLogger(log *slog.Logger) Option {
	return Option{func(o *settings) error {
		if log == nil {
			return &OptionError{"WithLogger", "needs a logger"}
		}
		o.log = log
		return nil
	}}
}

// WithSweepGrace sets for how long what a former life has left may take to stop after SIGTERM. Default 5 s.
func WithSweepGrace(grace time.Duration) Option {
	return Option{func(o *settings) error {
		if grace < 0 {
			return &OptionError{"WithSweepGrace", "must not be negative"}
		}
		o.grace = grace
		return nil
	}}
}
