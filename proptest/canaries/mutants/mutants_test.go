package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// toy writes a module with one package, and returns the package's folder.
func toy(t *testing.T, files map[string]string) string {
	t.Helper()
	module := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(module, "toy"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("module toy\n\ngo 1.25\n"), 0o666))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(module, "toy", name), []byte(text), 0o666))
	}
	return filepath.Join(module, "toy")
}

// mutantsOf returns those of a package with this source, each as its kind and its line, and the instrumented text.
func mutantsOf(t *testing.T, source string) (found []string, text string) {
	t.Helper()
	folder := toy(t, map[string]string{"toy.go": source})
	packages, err := load(t.Context(), folder)
	require.NoError(t, err)
	mutants, texts := instrument(packages)
	for _, m := range mutants {
		found = append(found, m.Kind+": "+m.After)
	}
	return found, texts[filepath.Join(folder, "toy.go")]
}

func TestEveryKindIsMade(t *testing.T) {
	for _, test := range []struct {
		line string
		want []string
	}{
		{"ok = a == b", []string{"negation: ok = a != b", "drop: "}},
		{"ok = a <= b", []string{"negation: ok = a > b", "boundary: ok = a < b", "drop: "}},
		{"ok = ok && f()", []string{"logic: ok = ok || f()", "drop: "}},
		{"a = a &^ b", []string{"arithmetic: a = a & b", "drop: "}},
		{"a = 1 << b", []string{"arithmetic: a = 1 >> b", "drop: "}},
		{"a = -a", []string{"unary: a = a", "drop: "}},
		{"ok = !ok", []string{"unary: ok = ok", "drop: "}},
		{"a = ^a", []string{"unary: a = a", "drop: "}},
		{"a++", []string{"step: a--", "drop: "}},
		{"a -= 2", []string{"assignment: a += 2", "drop: "}},
		{"f()", []string{"drop: "}},
		{"for a > 0 { break }", []string{"negation: for a <= 0 { break }", "boundary: for a >= 0 { break }", "loop: for a > 0 { continue }"}},
		{"for i := 0; ok; i++ { }", []string{"step: for i := 0; ok; i-- { }"}},
		{"switch { case a != b: }", []string{"negation: switch { case a == b: }"}},
		{"func() { a = 2 }()", []string{"drop: func() {  }()", "drop: "}},
	} {
		source := "package toy\n\nfunc f() bool { return true }\n\nfunc g(a, b int, ok bool) {\n\t" + test.line + "\n}\n"
		found, _ := mutantsOf(t, source)
		require.Equal(t, test.want, found, test.line)
	}
}

func TestWhatCannotMatterIsLeftAlone(t *testing.T) {
	const source = `package toy

import "errors"

const two = 1 + 1

type problem struct{ at int }

func (p *problem) Error() string { return "at " + string(rune(p.at+1)) }

func f(a int, text string) error {
	b := 2 * two
	_ = a
	text += "!"
	defer func() {}()
	switch a {
	case two + 1:
		panic(text[a+1:])
	case b:
		return &problem{a + 1}
	}
	for {
		continue
	}
	return errors.New(text[a+1:])
}
`
	found, text := mutantsOf(t, source)
	require.Equal(t, []string{"drop: "}, found, "that of the text alone, which may matter where it is not an error's")
	require.Equal(t, source, strings.Replace(text, `if mutantOn(1) {} else { text += "!" }`, `text += "!"`, 1))
}

func TestTypesOfIntegers(t *testing.T) {
	found, _ := mutantsOf(t, `package toy

type number interface{ ~int64 }

type text interface{ ~string }

func f[A number, B text, C interface{ ~int | ~string }](a A, b B, c C) (A, B, C) { return 1 + a, b + b, c + c }
`)
	require.Len(t, found, 1)
	require.Contains(t, found[0], "arithmetic")
}

const toySource = `package toy

type count uint8

// Everything has each operator once.
func Everything(a, b int, calls *int) (result []int) {
	add := func(n int) { result = append(result, n) }
	add(a + b)
	add(a - b)
	add(a * b)
	add(a / b)
	add(a % b)
	add(a & b)
	add(a | b)
	add(a ^ b)
	add(a &^ b)
	add(1 << b)
	add(a >> b)
	add(-a)
	add(^a)
	small := count(a)
	small += 250
	small *= 3
	add(int(small))
	called := func(is bool) bool {
		*calls++
		return is
	}
	switch {
	case a < b && called(b > 3) || a == b:
		add(100)
	case !called(a != b), called(a >= 7):
		add(101)
	}
	for i := range 7 {
		if i == b {
			continue
		}
		if i == a {
			break
		}
		add(i)
	}
	return result
}

// Sum does not come to an end if it counts the wrong way.
func Sum(a int) (sum int) {
	for i := a; i != 0; i-- {
		sum += i
	}
	return sum
}

// Most cannot show which of two equals it prefers.
func Most(a, b int) int {
	if a > b {
		return a
	}
	return b
}

// Untested has a test that looks at nothing.
func Untested(a int) int {
	a++
	return a
}
`

const toyTest = `package toy

import (
	"slices"
	"testing"

	"toy/original"
)

func TestEverything(t *testing.T) {
	for a := 1; a < 10; a++ {
		for b := 1; b < 10; b++ {
			calls, originalCalls := 0, 0
			got, want := Everything(a, b, &calls), original.Everything(a, b, &originalCalls)
			if !slices.Equal(got, want) || calls != originalCalls {
				t.Errorf("%d, %d: %d, not %d, in %d calls, not %d", a, b, got, want, calls, originalCalls)
			}
		}
	}
}

func TestSum(t *testing.T) {
	if Sum(4) != 10 {
		t.Error("wrong")
	}
}

func TestMost(t *testing.T) {
	if Most(1, 2) != 2 || Most(2, 1) != 2 || Most(2, 2) != 2 {
		t.Error("not the most")
	}
}

func TestUntested(t *testing.T) { Untested(1) }
`

// toyCampaign returns a campaign over the toy package.
func toyCampaign(t *testing.T, test string) *campaign {
	t.Helper()
	folder := toy(t, map[string]string{"toy.go": toySource, "toy_test.go": test})
	original := filepath.Join(filepath.Dir(folder), "original")
	require.NoError(t, os.Mkdir(original, 0o777))
	text := strings.Replace(toySource, "package toy", "package original", 1)
	require.NoError(t, os.WriteFile(filepath.Join(original, "original.go"), []byte(text), 0o666))
	return &campaign{
		core: folder, state: filepath.Join(t.TempDir(), "state.jsonl"), workers: 2, patience: 2 * time.Second, log: io.Discard,
		stages: func(packages []*listed) []*stage {
			return []*stage{{name: "tests", module: packages[0].module, folder: "toy", home: "toy", build: []string{"test", "-c"}}}
		},
	}
}

// That the campaign begins shows that without a mutant the instrumented package does what its original does.
func TestMutantsAreKilledOrSurvive(t *testing.T) {
	c := toyCampaign(t, toyTest)
	trials, err := c.run(t.Context())
	require.NoError(t, err)
	var survivors, endless []string
	for _, trial := range trials {
		line := trial.mutant.Kind + ": " + trial.mutant.Before + " => " + trial.mutant.After
		switch {
		case trial.outcome.By == "":
			survivors = append(survivors, line)
		case trial.outcome.Endless:
			endless = append(endless, line)
		}
	}
	require.Equal(t, []string{"boundary: if a > b { => if a >= b {", "step: a++ => a--", "drop: a++ => "}, survivors)
	require.Equal(t, []string{"step: for i := a; i != 0; i-- { => for i := a; i != 0; i++ {"}, endless)

	var out bytes.Buffer
	report(&out, trials)
	require.Contains(t, out.String(), "survived: toy/toy.go:57:7 boundary: if a > b {  =>  if a >= b {\n")
	require.Contains(t, out.String(), fmt.Sprintf("all %38d of %5d killed,   1 of them beyond a limit: %.1f%%\n", len(trials)-3, len(trials), score(trials)))
}

func TestInterruptedCampaignsGoOn(t *testing.T) {
	c := toyCampaign(t, toyTest)
	c.kind = "boundary"
	first, err := c.run(t.Context())
	require.NoError(t, err)
	text, err := os.ReadFile(c.state)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(text), "\n")
	require.Len(t, lines, len(first)+1)

	// It was interrupted while it wrote.
	require.NoError(t, os.WriteFile(c.state, []byte(lines[0]+lines[1][:20]), 0o666))
	again, err := c.run(t.Context())
	require.NoError(t, err)
	require.Equal(t, first, again)
	text, err = os.ReadFile(c.state)
	require.NoError(t, err)
	require.Equal(t, len(first), strings.Count(string(text), `"outcome"`), "the first one is not tried again")

	// Without a stage, only what is known already is killed.
	c.stages = func([]*listed) []*stage { return nil }
	require.NoError(t, os.WriteFile(filepath.Join(c.core, "..", "go.mod"), []byte("module toy\n\ngo 1.25\n\n// other tests\n"), 0o666))
	again, err = c.run(t.Context())
	require.NoError(t, err)
	require.Equal(t, first, again, "only survivors are tried again under other tests")
	require.NoError(t, os.WriteFile(filepath.Join(c.core, "toy.go"), []byte(toySource+"\n// changed\n"), 0o666))
	again, err = c.run(t.Context())
	require.NoError(t, err)
	require.Zero(t, score(again), "all are tried again in other source")
}

func TestTestsThatFailWithoutAMutantKillNone(t *testing.T) {
	c := toyCampaign(t, strings.Replace(toyTest, "!= 10", "!= 11", 1))
	_, err := c.run(t.Context())
	require.ErrorIs(t, err, errUnsound)
	require.ErrorContains(t, err, "TestSum")

	c.only = "toy/none.go"
	_, err = c.run(t.Context())
	require.EqualError(t, err, "there is no such mutant")
}

func TestInterruptedCampaignsSaySo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := toyCampaign(t, toyTest).run(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// The mutants of the core can be made: every file has some, but for those that decide nothing.
func TestTheCoreHasMutants(t *testing.T) {
	t.Chdir("../../..")
	packages, err := load(t.Context(), "core")
	require.NoError(t, err)
	mutants, _ := instrument(packages)
	require.Greater(t, len(mutants), 1000)
	for _, name := range []string{"core/machine.go", "core/exit.go", "core/timers/timers.go"} {
		require.True(t, slices.ContainsFunc(mutants, func(m mutant) bool { return m.File == name }), name)
	}
	for _, name := range append(slices.Clone(tables), "scenario") {
		require.False(t, slices.ContainsFunc(mutants, func(m mutant) bool { return strings.Contains(m.File, name) }), name)
	}
	for _, s := range stages(packages) {
		require.DirExists(t, s.folder)
	}
}
