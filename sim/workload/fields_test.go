package workload

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// A field that is missing in its table would be neither read, nor printed, nor checked. These are so on purpose, or are
// part of their line in another way.
var elsewhere = map[string][]string{
	"Tasks":     {"Name", "Script", "Supervises", "Keys", "Model"},
	"RunScript": {"Sequence"},
	"Operator":  {"Does"},
	"Fault":     {"Kind"},
}

func TestTheTablesAreComplete(t *testing.T) {
	for _, c := range []struct {
		of     any
		fields []field
	}{
		{Tasks{}, new(Tasks).fields()},
		{RunScript{}, new(RunScript).fields()},
		{Signals{}, new(Signals).fields()},
		{Outage{}, new(Outage).fields()},
		{Operator{}, new(Operator).fields()},
		{Fault{}, new(Fault).fields()},
	} {
		of := reflect.TypeOf(c.of)
		want := elsewhere[of.Name()]
		for _, f := range c.fields {
			want = append(want, f.name)
		}
		var got []string
		for _, f := range reflect.VisibleFields(of) {
			if !f.Anonymous {
				got = append(got, f.Name)
			}
		}
		require.ElementsMatch(t, want, got, "%v", of)
	}
}

// Each row of a table must be about the field that it names: set by its key, it and nothing else changes, and it prints as
// it was read.
func TestEachKeySetsItsField(t *testing.T) {
	defs := &definitions{
		policies: []named[core.Policy]{{"p", core.DefaultPolicy()}},
		limits:   []named[core.Limits]{{"l", core.Limits{ShutdownTimeout: 1}}},
	}
	samples := []string{"3", "true", "3s", "1/3", "ok:3", "ok", "need", "p", "l"}
	each(t, defs, samples, (*Tasks).fields)
	each(t, defs, samples, (*RunScript).fields)
	each(t, defs, samples, (*Outage).fields)
	each(t, defs, samples, (*Operator).fields)
	each(t, defs, samples, (*Fault).fields)
}

func each[T any](t *testing.T, defs *definitions, samples []string, fields func(*T) []field) {
	t.Helper()
	for i := range fields(new(T)) {
		set := false
		for _, sample := range samples {
			changed := new(T)
			f := fields(changed)[i]
			if f.parse(word{text: sample}, defs) != nil || f.text(defs) == "" {
				continue
			}
			require.Equal(t, sample, f.text(defs), "%T.%s", *changed, f.name)
			named := reflect.ValueOf(changed).Elem().FieldByName(f.name)
			require.False(t, named.IsZero(), "%T.%s is not what %s sets", *changed, f.name, f.key)
			named.SetZero()
			require.Zero(t, *changed, "%s sets more than %s", f.key, f.name)
			set = true
			break
		}
		require.True(t, set, "no sample for %s", fields(new(T))[i].name)
	}
}
