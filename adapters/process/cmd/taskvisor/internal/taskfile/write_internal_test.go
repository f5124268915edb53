package taskfile

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever a model holds, its text is read as the same model.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := &File{}
		fill(t, reflect.ValueOf(&file.Group).Elem(), 2)
		text := file.TOML()

		var problems problems
		read := &File{source: newSource(text)}
		read.Keys = Positions{}
		root, whole := document(read.source, &problems)
		require.True(t, whole)
		d := decoder{problems: &problems}
		d.table(root, reflect.ValueOf(&read.Group).Elem(), "", read.Keys, "")
		require.Empty(t, problems.list, "%s", text)
		require.Equal(t, string(text), string(read.TOML()))
		bare(&read.Group)
		bare(&file.Group)
		require.Equal(t, file.Group, read.Group)
	})
}

// One empty line is between the comment and what comes first.
func TestCommentOfAFile(t *testing.T) {
	file := &File{Group: Group{Comment: "a\x01\n\nb\r", Tasks: []*Task{{Name: "x.y", Command: "true"}}}}
	require.Equal(t, "# a\uFFFD\n#\n# b\uFFFD\n\n[tasks.\"x.y\"]\ncommand = \"true\"\n", string(file.TOML()))
	file.Strategy = "rest-for-one"
	require.Contains(t, string(file.TOML()), "# b\uFFFD\n\nstrategy = \"rest-for-one\"\n\n[tasks")
	file.Comment = ""
	require.True(t, strings.HasPrefix(string(file.TOML()), "strategy"))
}

// fill sets some of the fields that have keys.
func fill(t *rapid.T, of reflect.Value, depth int) {
	forEachField(of, func(key string, field reflect.Value) {
		if !rapid.Bool().Draw(t, key) {
			return
		}
		switch field.Interface().(type) {
		case *Task:
			defaults := &Task{}
			fill(t, reflect.ValueOf(defaults).Elem(), depth)
			for _, key := range notDefaults {
				forbidden, _ := fieldOf(reflect.ValueOf(defaults).Elem(), key)
				forbidden.SetZero()
			}
			if !isEmpty(defaults) {
				field.Set(reflect.ValueOf(defaults))
			}
		case []*Task:
			for i := range rapid.IntRange(1, 3).Draw(t, "tasks") {
				task := &Task{Name: name(t, i)}
				fill(t, reflect.ValueOf(task).Elem(), depth)
				task.Type = task.Name
				field.Set(reflect.Append(field, reflect.ValueOf(task)))
			}
		case []*Group:
			for i := range rapid.IntRange(0, min(depth, 2)).Draw(t, "groups") {
				group := &Group{Name: name(t, i)}
				fill(t, reflect.ValueOf(group).Elem(), depth-1)
				field.Set(reflect.Append(field, reflect.ValueOf(group)))
			}
		default:
			random(t, field)
		}
	})
}

func name(t *rapid.T, i int) string {
	return fmt.Sprint(i) + rapid.StringN(0, 5, -1).Draw(t, "name")
}

// random sets a field to some value of its type, and not the zero one.
func random(t *rapid.T, field reflect.Value) {
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	text := rapid.StringN(1, 20, -1)
	switch value := field.Addr().Interface().(type) {
	case *Signal:
		*value = Signal(rapid.SampledFrom(signals).Draw(t, "signal"))
	case *Duration:
		*value = Duration(rapid.Int64Range(0, int64(Forever)).Draw(t, "duration"))
	case *[]Variable:
		for i := range rapid.IntRange(1, 8).Draw(t, "variables") {
			*value = append(*value, Variable{name(t, i), text.Draw(t, "value")})
		}
	case *Strings:
		*value = rapid.SliceOfN(text, 0, 3).Draw(t, "strings")
	case *[]string:
		*value = rapid.SliceOfN(text, 0, 3).Draw(t, "strings")
	case *[]int:
		*value = rapid.SliceOfN(rapid.IntRange(0, 255), 0, 3).Draw(t, "numbers")
	case word:
		field.SetString(rapid.SampledFrom(value.words()).Draw(t, "word"))
	default:
		switch field.Kind() {
		case reflect.Struct:
			fill(t, field, 0)
		case reflect.String:
			field.SetString(text.Draw(t, "string"))
		case reflect.Bool:
			field.SetBool(rapid.Bool().Draw(t, "bool"))
		case reflect.Float64:
			field.SetFloat(float64(rapid.IntRange(0, 1000).Draw(t, "thousandths")) / 1000)
		case reflect.Int, reflect.Int64:
			field.SetInt(int64(rapid.Int32Range(0, 1<<31-1).Draw(t, "int")))
		default:
			field.SetUint(uint64(rapid.Uint32().Draw(t, "uint")))
		}
	}
}

// bare removes from a group what is not written.
func bare(g *Group) {
	g.At, g.Keys = Position{}, nil
	if g.Defaults != nil {
		g.Defaults.At, g.Defaults.Keys = Position{}, nil
	}
	for _, t := range g.Tasks {
		t.At, t.Keys = Position{}, nil
	}
	for _, below := range g.Groups {
		bare(below)
	}
}
