package convert_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/convert"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// Whatever is in a file: it is converted to one that taskvisor reads, or something is told that is wrong with it.
func FuzzConvert(f *testing.F) {
	formats := convert.Formats()
	for i, name := range []string{"process-compose.yaml", "supervisord.conf"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(i, string(text))
	}
	f.Add(0, "processes:\n  \"a/b\\n\": {command: \"x'''\\n'\", environment: [\"A B=\\x01\"], description: \"\\\"\\\\\"}\n")
	f.Add(0, "processes:\n  a: {command: x, depends_on: {a: {condition: process_started}}}\n")
	f.Add(1, "[program:x y]\ncommand=a 'b\nc'\nenvironment=A=\"%%\"\n[group:g]\nprograms=x y,x y\n")
	f.Add(2, "web: a\r\nweb-2: \"\"\"\\ '''\n")
	f.Add(2, "a: \nb: x\n")
	f.Add(2, "a: \"\xff\n")
	f.Fuzz(func(t *testing.T, format int, text string) {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		result, err := convert.File(path, formats[uint(format)%uint(len(formats))])
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		if _, err := taskfile.Parse("tasks.toml", result.Text, taskfile.Options{}); err != nil {
			t.Fatalf("%v\n%s", err, result.Text)
		}
	})
}
