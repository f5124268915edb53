package taskfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

func TestSchemaIsCurrent(t *testing.T) {
	golden.Compare(t, "../../tasks.schema.json", string(Schema()))
}

// requireSchema requires that the schema says of a text whether it is valid.
func requireSchema(t *testing.T, text string, valid bool) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("tasks.schema.json", document))
	schema, err := compiler.Compile("tasks.schema.json")
	require.NoError(t, err)
	var value map[string]any
	require.NoError(t, toml.Unmarshal([]byte(text), &value), "%s", text)
	if err := schema.Validate(value); valid {
		require.NoError(t, err, "%s", text)
	} else {
		require.Error(t, err, "%s", text)
	}
}

// The schema and the parser agree, but for what only the file as a whole shows.
func TestSchemaAgreesWithTheParser(t *testing.T) {
	const task = "[tasks.x]\ncommand = \"x\"\n"
	for _, text := range []string{
		task, "[tasks.x]\nexec = [\"a\", \"b\"]\n", "strategy = \"rest-for-one\"\ndead_threshold = 0.5\n" + task,
		"intensity = { count = 3, within = \"1m\" }\n" + task, "[defaults]\nstop_timeout = \"forever\"\njitter = 1\n" + task,
		task + "attempts = \"unlimited\"\nbase_delay = \"0s\"\nenv = { A = 1, B = true, C = \"x\" }\nenv_file = []\n",
		task + "attempts = 3\nstop_signal = \"sigint\"\nreload_signal = \"USR1\"\nmax_delay = \"1h30m\"\n",
		task + "output = { buffer = \"2 MiB\", when_full = \"block\", log = \"x\", max_size = \"10mb\" }\n",
		task + "ready = { end = true }\n", task + "health = { http = \"http://localhost/\", status = [200] }\n",
		"[groups.g]\nneeds = []\nstart_timeout = \"1.5s\"\n[groups.g.groups.h.tasks.x]\ncommand = \"x\"\n",
		task + "listen = \":80\"\n", task + "listen = [\":80\"]\nport = 80\ninstances = 0\n",
	} {
		_, err := Parse("tasks.toml", []byte(text), Options{})
		require.NoError(t, err, "%s", text)
		requireSchema(t, text, true)
	}
	for _, text := range []string{
		"comand = 1\n" + task, "[tasks.x]\n", task + "exec = [\"x\"]\n", task + "attempts = -1\n", task + "attempts = \"many\"\n", task + "stop_timeout = 10\n",
		task + "stop_timeout = \"10 seconds\"\n", task + "jitter = 2\n", task + "restart = \"yes\"\n", task + "ready = {}\n",
		task + "ready = { port = \"a:1\", line = \"x\" }\n", task + "health = { line = \"x\" }\n", task + "tty = \"yes\"\n",
		task + "stop_signal = \"TREM\"\n", task + "output = { max_size = \"10 m\" }\n", task + "env = { A = [] }\n", task + "env = []\n",
		"[defaults]\ncommand = \"x\"\n" + task, "restart = \"always\"\n" + task, "needs = []\nintensity = { count = 3 }\n" + task,
		"[groups.g]\ntty = true\n", "strategy = \"all\"\n" + task, task + "success = \"1\"\n", "tasks = 3\n",
	} {
		_, err := Parse("tasks.toml", []byte(text), Options{})
		require.Error(t, err, "%s", text)
		requireSchema(t, text, false)
	}
}

// What is converted from other formats, and the example to begin with, is valid by the schema.
func TestSchemaTakesWhatOthersWrite(t *testing.T) {
	files, err := filepath.Glob("../convert/testdata/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range append(files, "../../example.toml") {
		t.Run(fmt.Sprint(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			requireSchema(t, string(text), true)
		})
	}
}
