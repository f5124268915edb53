// Package settings walks the fields of a configuration by reflection, for tests that a list of them is complete. Lists of
// settings are written by hand in many places; such a test stands beside each, and says which field is missing.
package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Paths returns the settings of a struct by name, in order. Those of an embedded struct are its own. A field that is a
// struct, such as a fraction or a rate, is one setting. Slices are none.
func Paths[S any]() []string {
	return walk(reflect.TypeFor[S](), "", true, func(reflect.Type) bool { return true })
}

// Durations returns the settings of a struct, and the parts of settings, that are durations: such as "StopTimeout" and
// "Probe.Interval".
func Durations[S any]() []string {
	return walk(reflect.TypeFor[S](), "", false, func(t reflect.Type) bool { return t == reflect.TypeFor[time.Duration]() })
}

// Enumerations returns the settings of a struct that have a type of their own with a few named values.
func Enumerations[S any]() []string {
	return walk(reflect.TypeFor[S](), "", false, func(t reflect.Type) bool {
		return t.Kind() == reflect.Uint8 && t != reflect.TypeFor[uint8]()
	})
}

// Compounds returns the settings of a struct that are structs themselves, other than the durations in them.
func Compounds[S any]() []string {
	return walk(reflect.TypeFor[S](), "", true, func(t reflect.Type) bool { return t.Kind() == reflect.Struct })
}

func walk(t reflect.Type, prefix string, whole bool, wanted func(reflect.Type) bool) []string {
	var paths []string
	for i := range t.NumField() {
		field := t.Field(i)
		switch {
		case field.Type.Kind() == reflect.Slice:
		case field.Anonymous:
			paths = append(paths, walk(field.Type, prefix, whole, wanted)...)
		case field.Type.Kind() == reflect.Struct && !whole:
			paths = append(paths, walk(field.Type, prefix+field.Name+".", whole, wanted)...)
		case wanted(field.Type):
			paths = append(paths, prefix+field.Name)
		}
	}
	return paths
}

// Of returns a setting of a struct, for reading and writing.
func Of[S any](s *S, path string) reflect.Value {
	value := reflect.ValueOf(s).Elem()
	for name := range strings.SplitSeq(path, ".") {
		value = value.FieldByName(name)
	}
	return value
}

// Change gives a setting another value, which is valid if the rest of the struct is as usual.
func Change[S any](s *S, path string) { change(Of(s, path), 1) }

func change(v reflect.Value, by int64) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(v.Uint() + uint64(by))
	case reflect.Int64:
		if time.Duration(v.Int()) == 1<<63-1 {
			v.SetInt(0)
		}
		v.SetInt(v.Int() + by)
	case reflect.Struct: // in rising order, as the fields of a fraction must be
		for i := range v.NumField() {
			change(v.Field(i), int64(i+1))
		}
	default:
		panic(fmt.Sprintf("settings: a field of kind %v", v.Kind()))
	}
}

// Draws notes which settings a generator has drawn: with other values than the usual one, and not always the same.
type Draws[S any] struct {
	usual   S
	first   *S // that was drawn
	missing []string
}

// NewDraws returns draws in which every setting is missing. Usual holds the values that do not count as drawn.
func NewDraws[S any](usual S) *Draws[S] { return &Draws[S]{usual: usual, missing: Paths[S]()} }

// Note notes what was drawn.
func (d *Draws[S]) Note(drawn S) {
	if d.first == nil {
		d.first = &drawn
	}
	d.missing = slices.DeleteFunc(d.missing, func(path string) bool {
		now, first, usual := Of(&drawn, path).Interface(), Of(d.first, path).Interface(), Of(&d.usual, path).Interface()
		return now != first && (now != usual || first != usual)
	})
}

// Missing returns the settings that were only ever drawn with their usual value, or always with the same.
func (d *Draws[S]) Missing() []string { return d.missing }
