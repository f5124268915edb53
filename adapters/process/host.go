package process

import (
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
)

// Host starts processes and keeps hold of them. A program has one. It is safe for concurrent use.
type Host struct {
	leash     *leash.Leash
	tightness Tightness
}

// Open returns a host, with the tightest hold of processes that the system allows. Where processes cannot be supervised at all, the
// error is [ErrNotSupported].
func Open(options ...Option) (*Host, error) {
	o := settings{name: "process", most: TightnessCgroup}
	for _, option := range options {
		if option.apply != nil {
			if err := option.apply(&o); err != nil {
				return nil, err
			}
		}
	}
	held, err := leash.New(leash.Config{Name: o.name})
	if err != nil {
		return nil, err
	}
	return &Host{leash: held}, nil
}

// ErrNotSupported is the error of [Open] where processes cannot be supervised.
var ErrNotSupported = leash.ErrNotSupported

// Tightness returns how well the host keeps hold of what runs start.
func (h *Host) Tightness() Tightness { return h.tightness }

// Close frees what the host has for itself. It is to be called when no run is left.
func (h *Host) Close() error { return h.leash.Close() }

// Option is an option of [Open]. The zero Option is none.
type Option struct{ apply func(*settings) error }

// settings are what the options say.
type settings struct {
	name string
	most Tightness
}

// OptionError says what is wrong with an option.
type OptionError struct {
	Option  string // its function, such as "WithName"
	Problem string
}

func (e *OptionError) Error() string { return e.Option + " " + e.Problem }

// WithName names the host. A later life of the program has the same name: by that it knows what a former life has left.
func WithName(name string) Option {
	return Option{func(o *settings) error {
		if name == "" || strings.ContainsAny(name, "/,@=\x00") {
			return &OptionError{"WithName", "has to be a name without any of / , @ ="}
		}
		o.name = name
		return nil
	}}
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
