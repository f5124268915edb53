package taskfile

import (
	"encoding"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decoder fills the model from a document. It goes on after a problem, so that all are found.
type decoder struct {
	problems   *problems
	inDefaults bool // whether the table is one of defaults
}

// table fills a struct. Its fields with a toml tag are the keys that it knows; where says in which table of the file it is.
func (d *decoder) table(n *node, into reflect.Value, where string, positions Positions, prefix string) {
	for _, e := range n.entries {
		field, known := fieldOf(into, e.name)
		if !known {
			d.unknown(e, into.Type(), where)
			continue
		}
		if d.inDefaults && into.Type() == reflect.TypeFor[Task]() && slices.Contains(notDefaults, e.name) {
			d.problems.add(e.at, where, "%s cannot be a default: it belongs to one task", e.name)
			continue
		}
		positions[prefix+e.name] = e.value.at
		d.value(e, field, below(where, e.name), positions, prefix+e.name)
	}
}

// notDefaults are the keys of a task that make no sense for all tasks.
var notDefaults = []string{"exec", "command", "instances", "port", "listen", "needs", "bound_to", "description"}

// elsewhere are keys that belong to another table than the one they are often looked for in.
var elsewhere = map[string]string{
	"depends_on": "needs", "requires": "needs", "after": "needs", "environment": "env", "working_dir": "dir", "directory": "dir",
	"cwd": "dir", "cmd": "command", "run": "command", "max_restarts": "attempts", "startretries": "attempts", "retries": "attempts",
	"backoff": "base_delay", "delay": "base_delay", "shutdown": "stop_signal", "signal": "stop_signal", "replicas": "instances",
	"numprocs": "instances", "autorestart": "restart", "exit_codes": "success", "probe": "health", "readiness": "ready",
	"pty": "tty", "is_tty": "tty", "ports": "listen", "log": "output.log",
}

func (d *decoder) unknown(e entry, of reflect.Type, where string) {
	known := keysOf(of)
	hint := DidYouMean(e.name, known)
	if hint == "" {
		if better, ok := elsewhere[e.name]; ok && slices.Contains(known, strings.Split(better, ".")[0]) {
			hint = "; did you mean " + strconv.Quote(better) + "?"
		}
	}
	if hint == "" && len(known) <= 12 {
		hint = "; it must be one of " + strings.Join(known, ", ")
	}
	if where == "" && hint == "" && e.value.kind == kindTable {
		hint = "; a task is [tasks." + e.name + "], and a group [groups." + e.name + "]"
	}
	d.problems.add(e.at, where, "unknown key %q%s", e.name, hint)
}

// value fills a field from the value of a key.
func (d *decoder) value(e entry, into reflect.Value, where string, positions Positions, path string) {
	n := e.value
	if into.Kind() == reflect.Pointer && into.Type().Elem().Kind() == reflect.Struct {
		if d.is(n, where, kindTable) {
			d.pointer(n, into, where, positions, path)
		}
		return
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch target := into.Addr().Interface().(type) {
	case *[]*Task:
		d.tasks(n, target, where)
	case *[]*Group:
		d.groups(n, target, where)
	case *[]Variable:
		d.variables(n, target, where, positions, path)
	case *Strings:
		if n.kind == kindString {
			*target = Strings{n.text}
			positions[path+".0"] = n.at
			return
		}
		d.strings(n, (*[]string)(target), where, "a string or a list of strings", positions, path)
	case *[]string:
		d.strings(n, target, where, "a list of strings", positions, path)
	case *[]int:
		d.numbers(n, target, where, positions, path)
	case *Attempts:
		switch {
		case n.kind == kindString && n.text == "unlimited":
			*target = Unlimited
		case n.kind == kindInteger:
			*target = Attempts(d.integer(n, where, 0, math.MaxUint32-1))
		default:
			d.problems.add(n.at, where, `must be a whole number, or "unlimited", and not %s`, n.describe())
		}
	case word:
		d.word(n, into, target, where)
	case encoding.TextUnmarshaler:
		d.text(n, target, where)
	default:
		d.simple(n, into, where)
	}
}

// pointer fills a table that is its own struct.
func (d *decoder) pointer(n *node, into reflect.Value, where string, positions Positions, path string) {
	into.Set(reflect.New(into.Type().Elem()))
	if defaults, ok := into.Interface().(*Task); ok {
		defaults.At, defaults.Keys = n.at, Positions{}
		d.inDefaults = true
		defer func() { d.inDefaults = false }()
		d.table(n, into.Elem(), where, defaults.Keys, "")
		return
	}
	d.table(n, into.Elem(), where, positions, path+".")
}

func (d *decoder) tasks(n *node, into *[]*Task, where string) {
	for _, e := range d.named(n, where, "a task") {
		t := &Task{Name: e.name, Type: e.name, At: e.at, Keys: Positions{}}
		*into = append(*into, t)
		d.table(e.value, reflect.ValueOf(t).Elem(), below(where, e.name), t.Keys, "")
	}
}

func (d *decoder) groups(n *node, into *[]*Group, where string) {
	for _, e := range d.named(n, where, "a group") {
		g := &Group{Name: e.name, At: e.at, Keys: Positions{}}
		*into = append(*into, g)
		d.table(e.value, reflect.ValueOf(g).Elem(), below(where, e.name), g.Keys, "")
	}
}

// named returns the entries of a table of tasks or groups that are tables.
func (d *decoder) named(n *node, where, what string) (tables []entry) {
	if !d.is(n, where, kindTable) {
		return nil
	}
	for _, e := range n.entries {
		if e.value.kind == kindTable {
			tables = append(tables, e)
			continue
		}
		d.problems.add(e.at, where, "%q must be the table of %s, and not %s: write [%s]", e.name, what, e.value.describe(), below(where, e.name))
	}
	return tables
}

func (d *decoder) variables(n *node, into *[]Variable, where string, positions Positions, path string) {
	if !d.is(n, where, kindTable) {
		return
	}
	for _, e := range n.entries {
		positions[path+"."+e.name] = e.value.at
		switch e.value.kind {
		case kindString, kindInteger, kindFloat, kindBool:
			*into = append(*into, Variable{e.name, e.value.text})
		default:
			d.problems.add(e.value.at, below(where, e.name), "must be a string, and not %s", e.value.describe())
		}
	}
}

func (d *decoder) strings(n *node, into *[]string, where, want string, positions Positions, path string) {
	if n.kind != kindArray {
		d.problems.add(n.at, where, "must be %s, and not %s%s", want, n.describe(), listHint(n))
		return
	}
	*into = []string{}
	for i, item := range n.items {
		positions[path+"."+strconv.Itoa(i)] = item.at
		if d.is(item, where, kindString) {
			*into = append(*into, item.text)
		}
	}
}

// listHint shows how a string is written as a list.
func listHint(n *node) string {
	if n.kind != kindString || len(n.text) > 80 {
		return ""
	}
	words := strings.Fields(n.text)
	for i := range words {
		words[i] = strconv.Quote(words[i])
	}
	return ": write [" + strings.Join(words, ", ") + "]"
}

func (d *decoder) numbers(n *node, into *[]int, where string, positions Positions, path string) {
	if n.kind != kindArray {
		hint := ""
		if n.kind == kindInteger {
			hint = ": write [" + n.text + "]"
		}
		d.problems.add(n.at, where, "must be a list of whole numbers, and not %s%s", n.describe(), hint)
		return
	}
	*into = []int{}
	for i, item := range n.items {
		positions[path+"."+strconv.Itoa(i)] = item.at
		if d.is(item, where, kindInteger) {
			*into = append(*into, int(d.integer(item, where, math.MinInt32, math.MaxInt32)))
		}
	}
}

func (d *decoder) word(n *node, into reflect.Value, of word, where string) {
	words := of.words()
	switch {
	case n.kind != kindString:
		d.problems.add(n.at, where, "must be %s, and not %s", alternatives(words), n.describe())
	case !slices.Contains(words, n.text):
		d.problems.add(n.at, where, "is %q: it must be %s%s", n.text, alternatives(words), DidYouMean(n.text, words))
	default:
		into.SetString(n.text)
	}
}

// text fills a duration, a size or a signal. What is wrong is reported once: it is not left as a zero, which can be wrong itself.
func (d *decoder) text(n *node, into encoding.TextUnmarshaler, where string) {
	_, isDuration := into.(*Duration)
	_, isSize := into.(*Size)
	switch wrong := into.UnmarshalText([]byte(n.text)); {
	case isSize && n.kind == kindInteger:
		d.problems.add(n.at, where, "must be a size in quotes, with its unit: write \"%sB\" or \"%sMB\"", n.text, n.text)
	case isDuration && n.kind == kindInteger:
		d.problems.add(n.at, where, "must be a duration in quotes, with its unit: write \"%ss\" or \"%sms\"", n.text, n.text)
	case n.isScalar() && wrong != nil: // quotes alone would not mend it
		d.problems.add(n.at, where, "%s", wrong)
	case d.is(n, where, kindString):
		return
	}
	switch into := into.(type) {
	case *Duration:
		*into = Duration(time.Second)
	case *Size:
		*into = 1 << 20
	}
}

func (d *decoder) simple(n *node, into reflect.Value, where string) {
	switch into.Kind() {
	case reflect.String:
		if d.is(n, where, kindString) {
			into.SetString(n.text)
		}
	case reflect.Bool:
		if d.is(n, where, kindBool) {
			into.SetBool(n.text == "true")
		}
	case reflect.Float64:
		if n.kind != kindInteger && !d.is(n, where, kindFloat) {
			return
		}
		if value, known := n.float(); known {
			into.SetFloat(value)
		} else {
			d.problems.add(n.at, where, "%s is not a number that a computer can hold", n.text)
		}
	case reflect.Int:
		if d.is(n, where, kindInteger) {
			into.SetInt(d.integer(n, where, 0, math.MaxInt32))
		}
	default:
		if d.is(n, where, kindInteger) {
			into.SetUint(uint64(d.integer(n, where, 0, math.MaxUint32)))
		}
	}
}

// float returns a number, if there is such a one.
func (n *node) float() (value float64, known bool) {
	if whole, err := strconv.ParseInt(n.text, 0, 64); err == nil { // perhaps to another base
		return float64(whole), true
	}
	value, err := strconv.ParseFloat(strings.ReplaceAll(n.text, "_", ""), 64)
	return value, err == nil
}

// integer returns a whole number, and 0 if it is not within bounds.
func (d *decoder) integer(n *node, where string, least, most int64) int64 {
	value, err := strconv.ParseInt(strings.TrimPrefix(n.text, "+"), 0, 64)
	if err != nil || value < least || value > most {
		d.problems.add(n.at, where, "is %s: it must be from %d to %d", n.text, least, most)
		return 0
	}
	return value
}

// is reports whether a value is of a kind, and that it should be.
func (d *decoder) is(n *node, where string, want kind) bool {
	if n.kind == want {
		return true
	}
	hint := ""
	switch {
	case want == kindString && n.isScalar():
		hint = ": write " + strconv.Quote(n.text)
	case n.kind == kindString && holds(want, n.text):
		hint = ": write it without quotes"
	case want == kindTable && n.kind == kindTables:
		hint = ": write [" + where + "]"
	}
	d.problems.add(n.at, where, "must be %s, and not %s%s", want, n.describe(), hint)
	return false
}

// holds reports whether a text is a number, or true or false, as a kind wants it.
func holds(want kind, text string) bool {
	var err error
	switch want {
	case kindInteger:
		_, err = strconv.ParseInt(text, 10, 64)
	case kindFloat:
		_, err = strconv.ParseFloat(text, 64)
	case kindBool:
		return text == "true" || text == "false"
	default:
		return false
	}
	return err == nil
}

// isScalar reports whether a value is a single one.
func (n *node) isScalar() bool {
	return slices.Contains([]kind{kindString, kindInteger, kindFloat, kindBool, kindDate}, n.kind)
}

// describe says what a value is; short ones are quoted.
func (n *node) describe() string {
	switch n.kind {
	case kindString:
		if len(n.text) <= 40 {
			return "the string " + strconv.Quote(n.text)
		}
	case kindInteger, kindFloat, kindBool, kindDate:
		return n.text
	case kindTable, kindTables, kindArray:
	}
	return n.kind.String()
}

// fieldOf returns the field of a struct that has a key.
func fieldOf(of reflect.Value, key string) (field reflect.Value, known bool) {
	for i := range of.NumField() {
		if inner := of.Type().Field(i); inner.Anonymous {
			if field, known := fieldOf(of.Field(i), key); known {
				return field, true
			}
		} else if inner.Tag.Get("toml") == key {
			return of.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// keysOf returns the keys that a struct knows.
func keysOf(of reflect.Type) (keys []string) {
	for i := range of.NumField() {
		field := of.Field(i)
		if field.Anonymous {
			keys = append(keys, keysOf(field.Type)...)
		} else if key := field.Tag.Get("toml"); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// below returns the place of a key, as the header of its table would have it.
func below(where, key string) string {
	if where == "" {
		return quotedKey(key)
	}
	return where + "." + quotedKey(key)
}

// alternatives returns words as a sentence has them.
func alternatives(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// sortedKeys returns the keys of a map in their order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
