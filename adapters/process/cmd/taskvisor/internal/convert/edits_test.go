package convert_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/convert"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// However a file is edited: it is converted to one that taskvisor reads, with a note for each key, or something is told that is wrong
// with it.
func TestWhateverIsEdited(t *testing.T) {
	for name, separator := range map[string]string{"process-compose.yaml": ":", "supervisord.conf": "="} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("WHO", "world")
			text, err := os.ReadFile(filepath.Join("testdata", name))
			require.NoError(t, err)
			original := strings.Split(string(text), "\n")
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, os.DirFS("testdata"))) // with the files that it includes
			path := filepath.Join(dir, name)
			converted := 0
			rapid.Check(t, func(t *rapid.T) {
				lines := append([]string(nil), original...)
				for range rapid.IntRange(1, 8).Draw(t, "edits") {
					at := rapid.IntRange(0, len(lines)-1)
					i, j := at.Draw(t, "line"), at.Draw(t, "other line")
					switch rapid.IntRange(0, 3).Draw(t, "edit") {
					case 0: // leave it out
						lines = append(lines[:i:i], lines[i+1:]...)
					case 1: // put another before it
						lines = append(lines[:i:i], append([]string{lines[j]}, lines[i:]...)...)
					case 2: // give it the value of another
						key, _, _ := strings.Cut(lines[i], separator)
						_, value, _ := strings.Cut(lines[j], separator)
						lines[i] = key + separator + value
					case 3: // give it a value that few expect
						key, _, _ := strings.Cut(lines[i], separator)
						lines[i] = key + separator + " " + rapid.SampledFrom([]string{"", "-1", "0", "99999999999", "[]", "{}", "''", "true", "a/b", "%(x)s", "${X}", "{{.X}}"}).Draw(t, "value")
					}
				}
				require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
				result, err := convert.File(path, "")
				if err != nil {
					require.ErrorAs(t, err, new(*convert.Error))
					return
				}
				converted++
				for _, note := range result.Notes {
					require.NotContains(t, note.Text, "nothing was made of it", note)
				}
				file, err := taskfile.Parse(filepath.Join(dir, "tasks.toml"), result.Text, taskfile.Options{})
				require.NoError(t, err, "%s", result.Text)
				if complete, err := file.Complete(); err == nil { // it may name a file that is not there
					_, err = assemble.New(complete, assemble.Standin)
					require.NoError(t, err, "%s", result.Text)
				}
			})
			require.Positive(t, converted)
		})
	}
}
