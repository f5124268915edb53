package taskfile

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// TOML returns the text of a file that says the same, as [Parse] reads it. The Procfile's way of giving out ports and the like is
// part of what it says then.
func (f *File) TOML() []byte {
	var head, w writer
	head.comment(f.Comment)
	w.keys(reflect.ValueOf(&f.Group).Elem(), "")
	w.members(&f.Group, "")
	return []byte(strings.TrimLeft(head.text.String()+"\n"+strings.TrimLeft(w.text.String(), "\n"), "\n"))
}

// longestLine is from where on a table is not written in one line.
const longestLine = 110

type writer struct {
	text strings.Builder
}

// members writes the tables below a group.
func (w *writer) members(g *Group, where string) {
	if g.Defaults != nil && !isEmpty(g.Defaults) {
		w.table(below(where, "defaults"), g.Defaults.Comment, reflect.ValueOf(g.Defaults).Elem())
	}
	for _, m := range g.Members() {
		if m.Task != nil {
			w.table(below(below(where, "tasks"), m.Name()), m.Task.Comment, reflect.ValueOf(m.Task).Elem())
			continue
		}
		at := below(below(where, "groups"), m.Name())
		w.table(at, m.Group.Comment, reflect.ValueOf(m.Group).Elem())
		w.members(m.Group, at)
	}
}

func isEmpty(t *Task) bool {
	empty := true
	forEachField(reflect.ValueOf(t).Elem(), func(_ string, field reflect.Value) { empty = empty && field.IsZero() })
	return empty
}

// table writes a table with a header.
func (w *writer) table(where, comment string, of reflect.Value) {
	w.text.WriteByte('\n')
	w.comment(comment)
	w.text.WriteString("[" + where + "]\n")
	w.keys(of, where)
}

// keys writes what is set of a struct: first what fits in a line each, then tables of their own.
func (w *writer) keys(of reflect.Value, where string) {
	var large []func()
	forEachField(of, func(key string, field reflect.Value) {
		if field.IsZero() {
			return
		}
		switch value := field.Interface().(type) {
		case *Task, []*Task, []*Group: // tables below it
		case []Variable:
			if line := key + " = " + inline(field); len(line) <= longestLine {
				w.text.WriteString(line + "\n")
				return
			}
			large = append(large, func() {
				w.text.WriteString("[" + below(where, key) + "]\n")
				for _, v := range value {
					w.text.WriteString(quotedKey(v.Name) + " = " + quoted(v.Value) + "\n")
				}
			})
		case string:
			w.text.WriteString(key + " = " + lines(value) + "\n")
		default:
			w.text.WriteString(key + " = " + inline(field) + "\n")
		}
	})
	for _, write := range large {
		write()
	}
}

func (w *writer) comment(text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		w.text.WriteString(strings.TrimRight("# "+printable(line), " ") + "\n")
	}
}

// printable replaces what may not be in a comment.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, line)
}

// inline returns a value in one line.
func inline(value reflect.Value) string {
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	switch v := value.Interface().(type) {
	case []Variable:
		pairs := make([]string, len(v))
		for i := range v {
			pairs[i] = quotedKey(v[i].Name) + " = " + quoted(v[i].Value)
		}
		return braces(pairs)
	case Attempts:
		if v == Unlimited {
			return quoted(v.String())
		}
		return v.String()
	case Strings:
		if len(v) == 1 {
			return quoted(v[0])
		}
	case encoding.TextMarshaler:
		text, _ := v.MarshalText() // that of this package's types never fails
		return quoted(string(text))
	}
	switch value.Kind() {
	case reflect.Struct:
		var pairs []string
		forEachField(value, func(key string, field reflect.Value) {
			if !field.IsZero() || value.Type() == reflect.TypeFor[Rate]() {
				pairs = append(pairs, key+" = "+inline(field))
			}
		})
		return braces(pairs)
	case reflect.Slice:
		items := make([]string, value.Len())
		for i := range items {
			items[i] = inline(value.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.String:
		return quoted(value.String())
	case reflect.Bool:
		return strconv.FormatBool(value.Bool())
	case reflect.Float64:
		return strconv.FormatFloat(value.Float(), 'f', -1, 64)
	case reflect.Int:
		return strconv.FormatInt(value.Int(), 10)
	default:
		return strconv.FormatUint(value.Uint(), 10)
	}
}

func braces(pairs []string) string {
	if len(pairs) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(pairs, ", ") + " }"
}

// forEachField calls a function with the key and the value of each field that has a key.
func forEachField(of reflect.Value, visit func(key string, field reflect.Value)) {
	for i := range of.NumField() {
		if field := of.Type().Field(i); field.Anonymous {
			forEachField(of.Field(i), visit)
		} else if key := field.Tag.Get("toml"); key != "" {
			visit(key, of.Field(i))
		}
	}
}

// quotedKey returns a name as a key, in quotes if it needs them.
func quotedKey(name string) string {
	bare := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	})
	if bare {
		return name
	}
	return quoted(name)
}

// lines returns a string as quoted does, or one of several lines as a person would write it.
func lines(text string) string {
	plain := !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' })
	if strings.Contains(text, "\n") && plain && !strings.Contains(text, "'''") && !strings.HasSuffix(text, "'") {
		return "'''\n" + text + "'''"
	}
	return quoted(text)
}

// quoted returns a string in quotes: in single ones, in which nothing is special, if that spares it a backslash.
func quoted(text string) string {
	special := strings.ContainsAny(text, "\"\\")
	if special && !strings.ContainsFunc(text, func(r rune) bool { return r == '\'' || unicode.IsControl(r) }) {
		return "'" + text + "'"
	}
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			quoted.WriteByte('\\')
			quoted.WriteRune(r)
		case r == '\n':
			quoted.WriteString(`\n`)
		case r == '\t':
			quoted.WriteString(`\t`)
		case unicode.IsControl(r):
			quoted.WriteString(`\u` + strings.Repeat("0", 4-len(strconv.FormatInt(int64(r), 16))) + strconv.FormatInt(int64(r), 16))
		default:
			quoted.WriteRune(r)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}
