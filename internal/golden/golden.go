// Package golden compares what tests find with files that are kept, and renews the files on demand.
//
// Tests that import it have two flags. With -update a golden file is written instead of compared; read the difference
// before committing it. A recorded scenario is written only if it still shows what it showed (see [Lost]); with
// -update-anyway it is written all the same. `make golden` runs all of these tests in order.
package golden

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var (
	update       = flag.Bool("update", false, "write golden files instead of comparing; read every difference")
	updateAnyway = flag.Bool("update-anyway", false, "as -update, even where a scenario no longer shows what it showed")
)

// Updating reports whether golden files are to be written.
func Updating() bool { return *update || *updateAnyway }

// Compare compares a text with a golden file, or writes it there.
func Compare(t testing.TB, path, got string) {
	t.Helper()
	if Updating() {
		write(t, path, got)
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(Hint(t, path, err.Error()))
	}
	if got != string(want) {
		t.Fatal(Hint(t, path, Diff(string(want), got)))
	}
}

// UpdateScenario writes a scenario that was recorded anew, unless the new text has lost what the old one showed.
func UpdateScenario(t testing.TB, path, got string) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lost := Lost(path, string(want), got); len(lost) > 0 && !*updateAnyway {
		t.Errorf("%s is not written, because it would no longer show what it showed. Mend the scenario, or accept that with -update-anyway:\n\t%s",
			path, strings.Join(lost, "\n\t"))
		return
	}
	write(t, path, got)
}

// Hint returns the message about a golden file that differs: first how to renew it, then what is wrong.
func Hint(t testing.TB, path, problem string) string {
	test, _, _ := strings.Cut(t.Name(), "/")
	return fmt.Sprintf("%s is not what was found. After a deliberate change run this test (-run '^%s$') with -update, or make golden, and read the difference.\n%s",
		path, test, problem)
}

// Diff returns where two texts begin to differ and where they are the same again, as a few lines.
func Diff(want, got string) string {
	old, new := strings.Split(want, "\n"), strings.Split(got, "\n")
	same := 0
	for same < len(old) && same < len(new) && old[same] == new[same] {
		same++
	}
	oldEnd, newEnd := len(old), len(new)
	for oldEnd > same && newEnd > same && old[oldEnd-1] == new[newEnd-1] {
		oldEnd, newEnd = oldEnd-1, newEnd-1
	}
	return fmt.Sprintf("line %d:\n%s%s", same+1, excerpt("- ", old[same:oldEnd]), excerpt("+ ", new[same:newEnd]))
}

// excerpt returns the first lines, each after a mark.
func excerpt(mark string, lines []string) string {
	const most = 8
	var text strings.Builder
	for i, line := range lines {
		if i == most {
			fmt.Fprintf(&text, "%s… and %d lines more\n", mark, len(lines)-most)
			break
		}
		text.WriteString(mark + line + "\n")
	}
	return text.String()
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
