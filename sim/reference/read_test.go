package reference

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// whole has every field of the format.
const whole = `{
  "scenario": {
    "name": "whole", "description": "",
    "config": {"health_check_interval_ms": 50, "max_restart_attempts": 0, "base_restart_delay_ms": 100,
      "max_backoff_exponent": 5, "stable_after_ms": 80000, "dead_threshold": 0.6},
    "tasks": [{"name": "a", "script": [{"run_for_ms": 35, "outcome": "error"}]}],
    "commands": [{"at_ms": 3, "op": "add", "task": "b", "script": [{"outcome": "hang"}]}, {"at_ms": 38, "op": "kill", "task": "b"}],
    "sample": {"period_ms": 25, "offset_ms": 12},
    "end_ms": 103
  },
  "trace": {
    "events": [{"t_ms": 0, "task": "a", "run": 1, "event": "start"}, {"t_ms": 3, "task": "b", "run": 1, "event": "start"},
      {"t_ms": 35, "task": "a", "run": 1, "event": "end", "how": "error"},
      {"t_ms": 38, "task": "b", "run": 1, "event": "end", "how": "cancelled"}],
    "commands": [{"t_ms": 3, "op": "add", "task": "b", "result": "ok"}, {"t_ms": 38, "op": "kill", "task": "b", "result": "ok"}],
    "samples": [{"t_ms": 3, "after_command": true, "statuses": {"a": "healthy", "b": "healthy"}},
      {"t_ms": 12, "statuses": {"a": "healthy", "b": "healthy"}}, {"t_ms": 37, "statuses": {"a": "dead", "b": "healthy"}},
      {"t_ms": 38, "after_command": true, "statuses": {"a": "dead", "b": "dead"}}],
    "final": {"t_ms": 50, "result": "too_many_dead_tasks", "current": 1, "threshold": 0.6,
      "message": "Too many tasks are dead (threshold exceeded: 1.00% > 0.60%), supervisor shutting down."}
  }
}`

func TestReadNamesFileAndField(t *testing.T) {
	cases := map[string]struct{ change, field string }{
		"not JSON":              {`{"scenario": {`, ""},
		"something behind":      {whole + "{}", ""},
		"a list":                {`[]`, ""},
		"no scenario":           {`{"trace": {}}`, "scenario"},
		"no trace":              {with(t, "trace", nil), "trace"},
		"negative time":         {with(t, "scenario.end_ms", -1), "scenario.end_ms"},
		"time with a fraction":  {with(t, "trace.events.0.t_ms", 0.5), "trace.events[0].t_ms"},
		"run of 33 bits":        {with(t, "trace.events.0.run", json.Number("4294967296")), "trace.events[0].run"},
		"unknown outcome":       {with(t, "scenario.tasks.0.script.0.outcome", "faint"), "scenario.tasks[0].script[0].outcome"},
		"empty script":          {with(t, "scenario.tasks.0.script", []any{}), "scenario.tasks[0].script"},
		"unknown command":       {with(t, "scenario.commands.1.op", "pause"), "scenario.commands[1].op"},
		"no period":             {with(t, "scenario.sample.period_ms", 0), "scenario.sample.period_ms"},
		"unknown status":        {with(t, "trace.samples.1.statuses.b", "ill"), "trace.samples[1].statuses.b"},
		"neither nor":           {with(t, "trace.samples.1.statuses", nil), "trace.samples[1].error"},
		"threshold is a word":   {with(t, "scenario.config.dead_threshold", "half"), "scenario.config.dead_threshold"},
		"error without message": {with(t, "trace.final.message", nil), "trace.final.message"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Read("some.json", []byte(test.change))
			var wrong *FormatError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, "some.json", wrong.File)
			require.Equal(t, test.field, wrong.Field)
			require.NotEmpty(t, wrong.Problem)
		})
	}
}

// TestReadSurvivesAnything puts every kind of value in every place: an error that names the file, or a recording that
// can be compared.
func TestReadSurvivesAnything(t *testing.T) {
	values := []any{nil, true, -1, 0, 1.5, json.Number("18446744073709551615"), json.Number("1e999"), "", "x", []any{}, map[string]any{}}
	for _, path := range paths(t, whole) {
		for _, value := range values {
			recording, err := Read("some.json", []byte(with(t, path, value)))
			if err != nil {
				require.ErrorContains(t, err, "some.json: ", "%s = %v", path, value)
				continue
			}
			_, err = recording.Differences()
			if err != nil {
				require.ErrorContains(t, err, "some.json: ", "%s = %v", path, value)
			}
		}
	}
}

func TestReadSurvivesCutFiles(t *testing.T) {
	for length := range len(whole) {
		_, err := Read("some.json", []byte(whole[:length]))
		require.ErrorContains(t, err, "some.json: ", "%d bytes", length)
	}
}

func TestWholeFormatIsReproduced(t *testing.T) {
	recording, err := Read("some.json", []byte(whole))
	require.NoError(t, err)
	differences, err := recording.Differences()
	require.NoError(t, err)
	require.Len(t, differences, 1)
	require.Equal(t, "percentages", differences[0].Rule)
}

// with returns the whole document with one value changed, or removed if the value is nil.
func with(t *testing.T, path string, value any) string {
	t.Helper()
	var document any
	require.NoError(t, json.Unmarshal([]byte(whole), &document))
	set(document, path, value)
	data, err := json.Marshal(document)
	require.NoError(t, err)
	return string(data)
}

func set(in any, path string, value any) {
	walk(in, "", func(object map[string]any, key, at string) {
		switch {
		case at != path:
		case value == nil:
			delete(object, key)
		default:
			object[key] = value
		}
	})
}

func paths(t *testing.T, text string) []string {
	t.Helper()
	var document any
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	var all []string
	walk(document, "", func(_ map[string]any, _, at string) { all = append(all, at) })
	return all
}

// walk visits every field of every object. The way to it has the form a.0.b.
func walk(in any, at string, visit func(object map[string]any, key, at string)) {
	join := func(key string) string {
		if at == "" {
			return key
		}
		return at + "." + key
	}
	switch in := in.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(in)) {
			visit(in, key, join(key))
			walk(in[key], join(key), visit)
		}
	case []any:
		for i := range in {
			walk(in[i], join(fmt.Sprint(i)), visit)
		}
	}
}
