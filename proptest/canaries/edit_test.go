package canaries

import (
	"go/format"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const sample = `package core

type box struct{ n int }

func (b *box) put(n int) int {
	if n > 0 && b.full() || n == 7 { // a comment
		return 0
	}
	b.n = n
	b.count(n)
	switch n {
	case 1, 2:
		return 1
	case 3:
		b.n++
	}
	return b.n + (n * 2)
}
`

const inner = `package room

func Door[T any](t T) T { return t }
`

func sampleCore(t *testing.T) *Source {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"core/box.go": sample, "core/internal/room/room.go": inner, "clock/system/now.go": "package system\n\nfunc Now() int { return 1 }\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	core, err := Target{Folders: []string{"core", "clock"}}.Read(dir)
	require.NoError(t, err)
	return core
}

// planted returns the function's file as gofmt prints it after the edits.
func planted(t *testing.T, edits ...Edit) string {
	t.Helper()
	changed, err := Canary{Name: "sample", Edits: edits}.Plant(sampleCore(t))
	require.NoError(t, err)
	require.Len(t, changed, 1)
	for _, text := range changed {
		pretty, err := format.Source([]byte(text))
		require.NoError(t, err, text)
		return string(pretty)
	}
	return ""
}

func TestEdits(t *testing.T) {
	for _, test := range []struct {
		name string
		edit Edit
		want string
	}{
		{"an expression", replace("box.put", "n > 0", "n >= 0"), "if n >= 0 && b.full() || n == 7 { // a comment"},
		{"a wildcard", replace("box.put", "_ == 7", "n == 8"), "b.full() || n == 8 {"},
		{"parentheses do not matter", replace("box.put", "b.n + n*2", "0"), "return 0\n}\n"},
		{"a statement", replace("box.put", "b.n = n", "b.n = 2"), "b.n = 2\n\tb.count(n)"},
		{"statements in a row", replace("box.put", "b.n = n; b.count(n)", "b.n = 2"), "}\n\tb.n = 2\n\tswitch"},
		{"the head of a case", replace("box.put", "case 1, 2:", "case 1:"), "case 1:\n\t\treturn 1"},
		{"a dropped call", drop("box.put", "b.count(n)"), "b.n = n\n\n\tswitch"},
		{"a dropped case", drop("box.put", "case 3:"), "return 1\n\n\t}"},
		{"a dropped if", drop("box.put", "if n > 0 && b.full() || n == 7"), "int {\n\n\tb.n = n"},
		{"before", before("box.put", "b.count(n)", "n = 9"), "n = 9\n\tb.count(n)"},
		{"after", after("box.put", "b.count(n)", "n = 9"), "b.count(n)\n\tn = 9"},
		{"into a case", into("box.put", "case 3:", "n = 9"), "case 3:\n\t\tn = 9"},
		{"into an if", into("box.put", "if _ || _", "n = 9"), "{\n\t\tn = 9\n\t\t// a comment\n\t\treturn 0"},
		{"without the left operand", without("box.put", "n > 0"), "if b.full() || n == 7 {"},
		{"without the right operand", without("box.put", "n == 7"), "if n > 0 && b.full() {"},
		{"negate", negate("box.put", "b.full()"), "n > 0 && !(b.full()) ||"},
		{"body", body("box.put", "return n"), "int {\n\treturn n\n}"},
		{"a function of another package", body("clock/system.Now", "return 2"), "return 2"},
		{"a generic function of a package below", body("internal/room.Door", "var none T; return none"), "var none T\n\treturn none"},
	} {
		t.Run(test.name, func(t *testing.T) { require.Contains(t, planted(t, test.edit), test.want) })
	}
}

func TestEditsApplyInOrder(t *testing.T) {
	got := planted(t, replace("box.put", "n == 7", "n == 8"), replace("box.put", "n == 8", "n == 9"))
	require.Contains(t, got, "n == 9")
}

// An edit that does not fit says what there is instead.
func TestEditsThatDoNotFit(t *testing.T) {
	for _, test := range []struct {
		edit Edit
		want []string
	}{
		{replace("box.get", "n", "m"), []string{`no function "box.get"`, "box.put"}},
		{replace("box.put", "n > 1", "m"), []string{"canary sample: box.put has no expression `n > 1`; it has:", "n > 0", "n == 7"}},
		{drop("box.put", "b.discount(n)"), []string{"box.put has no statement `b.discount(n)`", "b.count(n)"}},
		{drop("box.put", "case 4:"), []string{"box.put has no case `case 4:`", "case 1, 2:"}},
		{drop("box.put", "for"), []string{"nothing of the kind"}},
		{replace("box.put", "b.n", "m"), []string{"box.put has `b.n` 3 times, not once"}},
		{without("box.put", "b.n + n*2"), []string{"is not an operand of && or ||"}},
		{negate("box.put", "b.n = n"), []string{"is not an expression"}},
		{into("box.put", "b.n = n", "m"), []string{"nothing can be inserted into a assign"}},
		{replace("box.put", ") (", "m"), []string{"is neither an expression nor statements"}},
	} {
		_, err := Canary{Name: "sample", Edits: []Edit{test.edit}}.Plant(sampleCore(t))
		for _, want := range test.want {
			require.ErrorContains(t, err, want)
		}
	}
}
