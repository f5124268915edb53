package process

import (
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leash"
)

// Host starts processes and keeps hold of them. A program has one. It is safe for concurrent use.
type Host struct {
	leash *leash.Leash
}

// Open returns a host, with the tightest hold of processes that the system allows. Where processes cannot be supervised at all, the
// error is [ErrNotSupported].
func Open(options ...Option) (*Host, error) {
	var o settings
	for _, option := range options {
		if option.apply != nil {
			option.apply(&o)
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

// Option is an option of [Open]. The zero Option is none.
type Option struct{ apply func(*settings) }

// settings are what the options say.
type settings struct {
	name string
}

// Close frees what the host has for itself. It is to be called when no run is left.
func (h *Host) Close() error { return h.leash.Close() }
