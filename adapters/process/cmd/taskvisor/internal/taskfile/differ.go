package taskfile

import (
	"reflect"
	"slices"
)

// Differs returns the keys that two complete tasks have different values for, in the order of the model. Variables of the environment
// are keys of their own, such as "env.PORT".
func (t *Task) Differs(other *Task) []string {
	return differs(reflect.ValueOf(t).Elem(), reflect.ValueOf(other).Elem())
}

// Differs returns the keys that two complete groups have different values for, their tasks and groups aside.
func (g *Group) Differs(other *Group) []string {
	return differs(reflect.ValueOf(g).Elem(), reflect.ValueOf(other).Elem())
}

func differs(a, b reflect.Value) (keys []string) {
	forEachField(a, func(key string, field reflect.Value) {
		other, _ := fieldOf(b, key)
		switch value := field.Interface().(type) {
		case *Task, []*Task, []*Group:
		case []Variable:
			keys = append(keys, differing(value, other.Interface().([]Variable))...)
		default:
			if !reflect.DeepEqual(field.Interface(), other.Interface()) && !sameWord(field, other) {
				keys = append(keys, key)
			}
		}
	})
	return keys
}

// sameWord reports whether two words mean the same: the first of a kind is the default.
func sameWord(a, b reflect.Value) bool {
	of, ok := a.Interface().(word)
	if !ok {
		return false
	}
	usual := of.words()[0]
	return slices.Contains([]string{"", usual}, a.String()) && slices.Contains([]string{"", usual}, b.String())
}

// differing returns the keys of the variables that two environments have different values for, or only one of them has.
func differing(a, b []Variable) (keys []string) {
	of := func(env []Variable) map[string]string {
		values := make(map[string]string)
		for _, v := range env {
			values[v.Name] = v.Value
		}
		return values
	}
	before, after := of(a), of(b)
	for _, env := range [][]Variable{a, b} {
		for _, v := range env {
			was, had := before[v.Name]
			is, has := after[v.Name]
			if key := "env." + v.Name; (was != is || had != has) && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// ReadyKind says how a supervisor learns that a task is ready.
type ReadyKind uint8

const (
	ReadyAtOnce ReadyKind = iota // as soon as it has started
	ReadyAsked                   // it is asked: by port, http, file, command or exec
	ReadyTold                    // it says so: by a line or by notify
	ReadyAtEnd                   // when it has ended well
)

// ReadyKind returns how a supervisor learns that the task is ready.
func (t *Task) ReadyKind() ReadyKind {
	switch r := t.Ready; {
	case r == nil:
		return ReadyAtOnce
	case r.End != nil && *r.End:
		return ReadyAtEnd
	case r.Line != "", r.Notify != nil && *r.Notify:
		return ReadyTold
	}
	return ReadyAsked
}

// Sets reports whether a value of a key is set, by the task itself or by defaults.
func (t *Task) Sets(key string) bool { return sets(reflect.ValueOf(t).Elem(), key) }

// Sets reports whether a value of a key is set.
func (g *Group) Sets(key string) bool { return sets(reflect.ValueOf(g).Elem(), key) }

func sets(of reflect.Value, key string) bool {
	field, known := fieldOf(of, key)
	return known && !field.IsZero()
}
