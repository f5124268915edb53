package convert_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/convert"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

var update = flag.Bool("update", false, "write the converted files and the notes anew")

// converted converts a file of that name and text, beside others, and returns the result and the tree that is made of it.
func converted(t *testing.T, name, text string, others ...string) (*convert.Result, *assemble.Tree) {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i+1 < len(others); i += 2 {
		path := filepath.Join(dir, others[i])
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(others[i+1]), 0o644))
	}
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	result, err := convert.File(path, "")
	require.NoError(t, err)
	return result, treeOf(t, filepath.Join(dir, "tasks.toml"), result.Text)
}

// treeOf reads a converted file as taskvisor does.
func treeOf(t *testing.T, path string, text []byte) *assemble.Tree {
	t.Helper()
	file, err := taskfile.Parse(path, text, taskfile.Options{})
	require.NoError(t, err, "%s", text)
	file, err = file.Complete()
	require.NoError(t, err, "%s", text)
	tree, err := assemble.New(file, assemble.Standin)
	require.NoError(t, err, "%s", text)
	return tree
}

// task returns a task of a tree.
func task(t *testing.T, tree *assemble.Tree, path string) *taskfile.Task {
	t.Helper()
	paths, tasks := tree.File().All()
	for i := range paths {
		if paths[i] == path {
			return tasks[i]
		}
	}
	t.Fatalf("there is no task %s, only %s", path, strings.Join(paths, ", "))
	return nil
}

// verdict returns what was said of a key.
func verdict(t *testing.T, result *convert.Result, key string) (convert.Verdict, string) {
	t.Helper()
	for _, note := range result.Notes {
		if note.Key == key {
			return note.Verdict, note.Text
		}
	}
	t.Fatalf("nothing is said of %s", key)
	return 0, ""
}

// fails converts a file that cannot be, and returns what is wrong with it.
func fails(t *testing.T, name, text string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	_, err := convert.File(name, "")
	require.Error(t, err)
	return err.Error()
}

// golden compares a text with that of a file.
func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// keysOf reads a list of keys.
func keysOf(t *testing.T, path string) (keys []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			keys = append(keys, line)
		}
	}
	return keys
}

// accountsForEveryKey converts a file that has every key of a list, and compares it and its notes with what they were.
func accountsForEveryKey(t *testing.T, name, list string) *convert.Result {
	t.Helper()
	t.Chdir("testdata")
	t.Setenv("WHO", "world")
	result, err := convert.File(name, "")
	require.NoError(t, err)
	treeOf(t, "tasks.toml", result.Text)

	var notes strings.Builder
	for _, note := range result.Notes {
		require.NotEqual(t, convert.Unknown, note.Verdict, note)
		require.NotEmpty(t, note.Text, note)
		require.NotContains(t, note.Text, "nothing was made of it", note)
		notes.WriteString(note.String() + "\n")
	}
	keys := keysOf(t, list)
	require.Greater(t, len(keys), 70)
	for _, key := range keys {
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(key), `\*`, `[^.\]]+`) + "$")
		require.True(t, containsFunc(result.Notes, func(n convert.Note) bool { return pattern.MatchString(n.Key) }), "nothing is said of %s", key)
	}
	here, err := os.Getwd()
	require.NoError(t, err)
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	golden(t, stem+".toml", strings.ReplaceAll(string(result.Text), here, "/here"))
	golden(t, stem+".notes", notes.String())
	return result
}

func containsFunc(notes []convert.Note, match func(convert.Note) bool) bool {
	for _, note := range notes {
		if match(note) {
			return true
		}
	}
	return false
}

func TestEveryKeyOfProcessComposeIsAccountedFor(t *testing.T) {
	result := accountsForEveryKey(t, "process-compose.yaml", "process-compose.keys")

	// Every value of the file is accounted for, at its key or at one that it is in. The file is read by another way here.
	noted := map[string]bool{}
	for _, note := range result.Notes {
		noted[note.Key] = true
	}
	text, err := os.ReadFile("process-compose.yaml")
	require.NoError(t, err)
	var root any
	require.NoError(t, yaml.Unmarshal(text, &root))
	values := 0
	var look func(value any, path string, told bool)
	look = func(value any, path string, told bool) {
		told = told || noted[path]
		switch value := value.(type) {
		case map[string]any:
			for key, below := range value {
				look(below, strings.TrimPrefix(path+"."+key, "."), told)
			}
			if len(value) > 0 {
				return
			}
		case []any:
			for _, item := range value {
				if below, ok := item.(map[string]any); ok {
					look(below, path+"[]", told)
				}
			}
		}
		values++
		require.True(t, told, "nothing is said of %s", path)
	}
	look(root, "", false)
	require.Greater(t, values, 150)
}

func TestEveryKeyOfSupervisordIsAccountedFor(t *testing.T) {
	result := accountsForEveryKey(t, "supervisord.conf", "supervisord.keys")

	// Every line of the file that sets something has a note.
	lines := map[int]bool{}
	for _, note := range result.Notes {
		if note.At.File == "supervisord.conf" {
			lines[note.At.Line] = true
		}
	}
	text, err := os.ReadFile("supervisord.conf")
	require.NoError(t, err)
	set := 0
	for i, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, "=") {
			set++
			require.True(t, lines[i+1], "nothing is said of line %d: %s", i+1, line)
		}
	}
	require.Greater(t, set, 80)
}

func TestProcfile(t *testing.T) {
	t.Setenv("PORT", "")
	result, tree := converted(t, "Procfile", "# the shop\nweb: ./web -p $PORT\n\nnot a process\nworker:   ./worker \"a b\"  \n", ".env", "LANG=C\n")
	require.Equal(t, "./web -p $PORT", task(t, tree, "web").Command)
	require.Equal(t, `./worker "a b"`, task(t, tree, "worker").Command)
	require.Equal(t, []taskfile.Variable{{Name: "LANG", Value: "C"}, {Name: "PORT", Value: "5100"}, {Name: "PS", Value: "worker.1"}}, task(t, tree, "worker").Env)
	require.Equal(t, taskfile.Shutdown("any"), tree.File().AutoShutdown)
	require.Equal(t, taskfile.Restart("never"), task(t, tree, "web").Policy.Restart)
	require.Equal(t, 2, result.Count(convert.Carried))
	is, why := verdict(t, result, `"not a process"`)
	require.Equal(t, convert.Refused, is)
	require.Contains(t, why, "foreman ignores it")
	require.Equal(t, "Procfile:2:1: web: it is there twice", fails(t, "Procfile", "web: a\nweb: b\n"))
	require.Contains(t, fails(t, "Procfile", "# nothing\n"), "no processes")
}

// A Procfile, and what it is converted to, run the same.
func TestProcfileRunsTheSame(t *testing.T) {
	t.Setenv("PORT", "7000")
	const text = "web: ./web\nworker: ./worker\nclock: ./clock\n"
	dir := t.TempDir()
	path := filepath.Join(dir, "Procfile")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	asItIs, err := taskfile.Load(path, taskfile.Options{})
	require.NoError(t, err)
	_, tree := converted(t, "Procfile", text)
	require.Equal(t, asItIs.AutoShutdown, tree.File().AutoShutdown)
	require.Len(t, tree.File().Tasks, 3)
	for i, is := range tree.File().Tasks {
		was := asItIs.Tasks[i]
		require.Equal(t, was.Type, is.Name)
		require.Equal(t, was.Command, is.Command)
		require.Equal(t, was.Policy.Restart, is.Policy.Restart)
		require.ElementsMatch(t, was.Env, is.Env)
	}
}

// A .env that cannot be read is not lost without a word.
func TestEnvironmentThatCannotBeRead(t *testing.T) {
	result, _ := converted(t, "process-compose.yaml", "processes:\n  a: {command: x}\n", ".env", "A='open\n")
	is, why := verdict(t, result, ".env")
	require.Equal(t, convert.Refused, is)
	require.Contains(t, why, "unterminated quoted value")

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".env"), []byte("A='open\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Procfile"), []byte("web: a\n"), 0o600))
	_, err := convert.File(filepath.Join(dir, "Procfile"), "")
	require.ErrorContains(t, err, "unterminated quoted value")
}

func TestFormats(t *testing.T) {
	for name, want := range map[string]convert.Format{
		"process-compose.yaml": convert.ProcessCompose, "compose.yml": convert.ProcessCompose, "x.json": convert.ProcessCompose,
		"supervisord.conf": convert.Supervisord, "s.ini": convert.Supervisord,
		"Procfile": convert.Procfile, "Procfile.dev": convert.Procfile, "dev.procfile": convert.Procfile,
		"x": "",
	} {
		require.Equal(t, want, convert.Detect("some/"+name, nil), name)
	}
	require.Equal(t, convert.Supervisord, convert.Detect("x", []byte("[program:a]\n")))
	require.Equal(t, convert.ProcessCompose, convert.Detect("x", []byte("version: 1\nprocesses:\n")))
	require.Contains(t, fails(t, "x", "?"), "it must be one of [process-compose supervisord procfile]")
	_, err := convert.File(filepath.Join(t.TempDir(), "x.yaml"), "")
	require.ErrorIs(t, err, os.ErrNotExist)
}
