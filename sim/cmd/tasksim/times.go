package main

import (
	"flag"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// clock says how instants are shown: as the time since the origin, or as the date and time of day.
type clock struct{ local, utc bool }

func (k *clock) define(flags *flag.FlagSet) {
	flags.BoolVar(&k.local, "times", false, "show instants as dates and times of day, where the recording knows them")
	flags.BoolVar(&k.utc, "utc", false, "the same, in UTC instead of local time")
}

// zone returns where the times of day are those of, or nil if instants are shown as the time since the origin.
func (k clock) zone() *time.Location {
	switch {
	case k.utc:
		return time.UTC
	case k.local:
		return time.Local
	}
	return nil
}

// at shows an instant of a scenario.
func (k clock) at(h *scenario.Head, at core.Instant) string {
	zone := k.zone()
	if date, ok := h.Date(at); ok && zone != nil {
		return date.In(zone).Format("2006-01-02 15:04:05.000")
	}
	return at.String()
}

// known returns an error if dates are asked for that are not known.
func (k clock) known(name string, h *scenario.Head) error {
	if k.zone() != nil && h.Origin.IsZero() {
		return &fileError{file: name, problem: "it does not say at what date and time its instant 0 was, so there are no times of day"}
	}
	return nil
}
