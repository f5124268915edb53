package taskfile_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// Whatever a file holds, reading it does not panic; what is wrong is in the file; what is right can be completed, written and read
// again.
func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/wrong.toml", "../../example.toml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(true, string(text))
	}
	for _, text := range []string{
		"[tasks.x]\ncommand = \"x\"\nneeds = [\"y\"]\n[tasks.y]\nexec = [\"y\"]\ninstances = 3\nport = 1\nlisten = ':$PORT'\n",
		"[groups.a.groups.b.tasks.c]\ncommand = '''\nx\n'''\n", "tasks.\"é\" = { command = \"\\u00e9\", env = { a.b = 1 } }\n", "[[a]]\n[a.b]\n[[a]]\n",
		"a = [[1, {b = 2}]]\r\n\t x = 1979-05-27T07:32:00Z", "[tasks", "x = \"",
	} {
		f.Add(true, text)
	}
	f.Add(false, "web: x\nworker : y\n#c\n\nweb:z\r\n")
	f.Add(false, "a:\x00\xff\n")
	f.Fuzz(func(t *testing.T, isTOML bool, text string) {
		path := "Procfile"
		if isTOML {
			path = "tasks.toml"
		}
		file, err := taskfile.Parse(path, []byte(text), taskfile.Options{})
		if err != nil {
			inside(t, text, err)
			return
		}
		if complete, err := file.Complete(); err != nil {
			inside(t, text, err)
		} else if _, tasks := complete.All(); len(tasks) > 0 && tasks[0].Exec == nil && tasks[0].Command == "" {
			t.Fatal("a task has nothing to run")
		}
		if !isTOML {
			return
		}
		written := file.TOML()
		again, err := taskfile.Parse(path, written, taskfile.Options{})
		if err != nil {
			t.Fatalf("what was read is written as what cannot be read: %v\n%s", err, written)
		}
		if second := again.TOML(); string(second) != string(written) {
			t.Fatalf("written\n%s\nand read, and then\n%s", written, second)
		}
	})
}

// inside requires that what is wrong is at a place of the file.
func inside(t *testing.T, text string, err error) {
	t.Helper()
	var wrong *taskfile.Error
	if !errors.As(err, &wrong) || len(wrong.Problems) == 0 {
		t.Fatalf("%T: %v", err, err)
	}
	lines := strings.Split(text, "\n")
	for _, p := range wrong.Problems {
		if at := p.At; at.IsSet() && (at.Line > len(lines) || at.Column < 1 || at.Column > len([]rune(lines[at.Line-1]))+1) {
			t.Fatalf("%s is at %s", p.Text, at)
		}
	}
	_ = wrong.Excerpts()
}
