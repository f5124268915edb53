package convert

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// What foreman takes for a process. It ignores other lines.
var procfileLine = regexp.MustCompile(`^([A-Za-z0-9_-]+):\s*(.+)$`)

// The ports that foreman gives out: the first, and the step to the next process type.
const (
	firstPort = 5000
	portStep  = 100
)

// convertProcfile writes out what foreman does with a Procfile.
func convertProcfile(path string, text []byte) (*Result, error) {
	var b books
	var d document
	defaults := d.begin(path)
	b.files = []string{path}
	comment(&d.file.Comment, "As with foreman, the first process that ends ends all. Without the next line and restart, tasks are kept running.")
	d.file.AutoShutdown = "any"
	defaults.Restart, defaults.StopTimeout = "never", seconds(5)
	port := firstPort
	ports := []string{os.Getenv("PORT")}
	dotEnv := filepath.Join(filepath.Dir(path), ".env")
	env, err := taskfile.ReadEnvironment(dotEnv)
	switch {
	case err == nil:
		defaults.EnvFile = taskfile.Strings{".env"}
	case !errors.Is(err, fs.ErrNotExist):
		b.problem(Place{dotEnv, 1, 1}, "", "%s", err)
	}
	for _, v := range env {
		if v.Name == "PORT" {
			ports = []string{v.Value, os.Getenv("PORT")}
		}
	}
	for _, text := range ports {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			port = n
			break
		}
	}
	names := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSuffix(line, "\r")
		at := Place{path, i + 1, 1}
		found := procfileLine.FindStringSubmatch(line)
		if found != nil && strings.TrimSpace(found[2]) == "" {
			found = nil
		}
		switch {
		case found != nil && names[found[1]]:
			b.problem(at, found[1], "it is there twice")
		case found != nil:
			t := d.add(nil, found[1])
			t.Command = strings.TrimSpace(found[2])
			setEnv(t, "PORT", strconv.Itoa(port+len(names)*portStep))
			setEnv(t, "PS", found[1]+".1")
			names[found[1]] = true
			b.note(at, found[1], Carried, "command, and PORT and PS as foreman gives them out")
		case strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimSpace(line), "#"):
			b.note(at, strconv.Quote(strings.TrimSpace(line)), Refused, "it is not name: command, and foreman ignores it, too")
		}
	}
	if len(names) == 0 {
		b.problem(Place{path, 1, 1}, "", "the file has no processes")
	}
	notes, err := b.close()
	return &Result{Text: d.file.TOML(), Notes: notes}, err
}
