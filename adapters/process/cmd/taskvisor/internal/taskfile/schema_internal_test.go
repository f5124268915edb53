package taskfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

func TestSchemaIsCurrent(t *testing.T) {
	golden.Compare(t, "../../tasks.schema.json", string(Schema()))
}

// compiled is the schema as a validator has it.
var compiled = sync.OnceValue(func() *jsonschema.Schema {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("tasks.schema.json", document); err != nil {
		panic(err)
	}
	return compiler.MustCompile("tasks.schema.json")
})

// requireSchema requires that the schema says of a text whether it is valid.
func requireSchema(t require.TestingT, text string, valid bool) {
	var value map[string]any
	require.NoError(t, toml.Unmarshal([]byte(text), &value), "%s", text)
	if err := compiled().Validate(value); valid {
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

// Whatever is written for a key, by someone who knows the format or does not: what the parser takes, the schema takes.
func TestSchemaTakesWhatTheParserTakes(t *testing.T) {
	literals := []string{
		`""`, `" "`, `"x"`, `"5s"`, `"+5s"`, `"-5s"`, `"-0s"`, `"0"`, `"-0"`, `"1.5h"`, `" 5s"`, `"5s "`, `"forever"`, `"64KiB"`, `"10 mb"`, `"10MB "`,
		`"+10MB"`, `"-0B"`, `"0B"`, `"TERM"`, `"sigkill"`, `"unlimited"`, `":80"`, `"http://localhost/"`, `"never"`, `"all"`, `"block"`, `"escalate"`,
		`"one-for-all"`, `"reverse"`, `"report"`, `"dead"`, "0", "-0", "1", "-1", "0x10", "1_0", "70000", "99999999999", "0.5", "1.0", "-0.5", "nan", "inf", "true", "false", "2020-01-01",
		"[]", "[0]", "[1, 300]", `["x"]`, `["x", ""]`, "[[]]", "{}", `{ A = "x", B = 1, C = 0.5, D = true }`,
		`{ port = ":1" }`, `{ within = "1m" }`, `{ count = 3, within = "1m" }`, `{ count = 70000, within = "1m" }`,
	}
	const task = "[tasks.x]\ncommand = \"x\"\n"
	places := map[reflect.Type][]string{ // %s is a key with a value
		reflect.TypeFor[Group]():  {"%s\n" + task, "[groups.g]\n%s\n" + task},
		reflect.TypeFor[Task]():   {"[tasks.x]\n%s\n", task + "%s\n", "[defaults]\n%s\n" + task},
		reflect.TypeFor[Policy](): {task + "%s\n", "[defaults]\n%s\n" + task, "[groups.g]\n%s\n" + task},
		reflect.TypeFor[Ready]():  {task + "ready = { %s }\n", task + "ready = { port = \":1\", %s }\n"},
		reflect.TypeFor[Health](): {task + "health = { %s }\n", task + "health = { http = \"http://localhost/\", %s }\n"},
		reflect.TypeFor[Output](): {task + "output = { %s }\n"},
		reflect.TypeFor[Rate]():   {"intensity = { %s }\n" + task, "restart_rate = { count = 1, %s }\n" + task, "intensity = { within = \"1m\", %s }\n" + task},
	}
	for _, table := range tables {
		for _, field := range ownKeys(table.of) {
			accepted := 0
			for _, literal := range literals {
				for _, place := range places[table.of] {
					text := fmt.Sprintf(place, field.Tag.Get("toml")+" = "+literal)
					if _, err := Parse("tasks.toml", []byte(text), Options{}); err == nil {
						accepted++
						requireSchema(t, text, true)
					}
				}
			}
			switch key := field.Tag.Get("toml"); key {
			case "needs", "bound_to", "defaults", "tasks", "groups": // an empty one at most
			default:
				require.Greater(t, accepted, 0, key)
			}
		}
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
