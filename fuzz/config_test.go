package fuzz

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Any configuration is accepted, or refused with a reason for every bad field. What is accepted runs for a thousand
// steps.
func FuzzConfig(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var h history
		var err error
		defer report(t, &err, h.scenario)
		err = runAnyConfig(data, &h)
	})
}

func runAnyConfig(data []byte, h *history) error {
	const steps, checkEvery = 1000, 20
	reader := NewReader(data)
	h.config = reader.AnyConfig()
	h.limits = reader.Limits()
	for _, warning := range h.config.Warnings() {
		if warning.Field == "" || warning.Problem == "" {
			return fmt.Errorf("a warning says nothing: %+v", warning)
		}
	}
	machine, err := core.New(h.config)
	if err != nil {
		return explained(err)
	}
	for _, limits := range h.limits {
		if _, err := machine.DefineLimits(limits); err != nil {
			return err
		}
	}
	events := reader.data
	var actions []core.Action
	for i := range steps {
		if !reader.More() {
			reader = NewReader(append(events, whatAdd, whenDeadline, 0, whatError, whenDeadline))
		}
		event := reader.Event(machine)
		h.event(event)
		actions = machine.Step(actions[:0], event)
		if i%checkEvery != 0 {
			continue
		}
		if err := machine.Check(); err != nil {
			return err
		}
	}
	return machine.Check()
}

// explained tells what is wrong with the error that New returned.
func explained(err error) error {
	var configError *core.ConfigError
	if !errors.As(err, &configError) || len(configError.Fields) == 0 {
		return fmt.Errorf("New returns no explanation: %w", err)
	}
	for _, field := range configError.Fields {
		if field.Field == "" || field.Problem == "" {
			return fmt.Errorf("an explanation says nothing: %+v", field)
		}
	}
	return nil
}
