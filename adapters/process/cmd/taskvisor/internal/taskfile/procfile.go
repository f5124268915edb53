package taskfile

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ProcfileOptions are what foreman and overmind are told on their command lines. The zero value is what they do without.
type ProcfileOptions struct {
	Formation   string   // how many of which: "web=2,worker=1", or "all=1"; as foreman: what is not named does not run
	Only        []string // these process types alone; none: all
	Port        int      // the first port; 0: PORT of the environment file, or of the environment, or 5000
	AutoRestart []string // process types that are restarted when they end; "all": all of them
	CanDie      []string // process types whose end does not end the others; "all": all of them
	EnvFiles    []string // instead of .env beside the file, which need not exist
}

// The steps of ports from one process type to the next.
const (
	firstPort = 5000
	portStep  = 100
)

// entryOf is what foreman takes for a process. It ignores other lines.
var entryOf = regexp.MustCompile(`^([A-Za-z0-9_-]+):\s*(.+)$`)

// readProcfile reads the file as foreman does: processes run in the folder of the file with the environment of .env, each with a
// PORT of its own, and when one ends, all are ended.
func (f *File) readProcfile(options ProcfileOptions, problems *problems) {
	f.AutoShutdown = "any"
	f.Defaults = &Task{Keys: Positions{}, EnvFile: options.EnvFiles}
	if len(options.EnvFiles) == 0 {
		if _, err := os.Stat(filepath.Join(f.Dir, ".env")); err == nil {
			f.Defaults.EnvFile = Strings{".env"}
		}
	}
	f.Defaults.Restart = "never"
	f.procfileTasks(problems)
	types := make([]string, len(f.Tasks))
	for i, t := range f.Tasks {
		types[i] = t.Name
	}
	counts := formation(options.Formation, types, problems)
	for _, named := range [][]string{options.Only, options.AutoRestart, options.CanDie} {
		for _, name := range named {
			if !slices.Contains(types, name) && name != "all" {
				problems.add(Position{}, "", "has no process type %q%s", name, DidYouMean(name, types))
			}
		}
	}
	port, last := f.port(options), 0
	for i, t := range f.Tasks {
		count := counts(t.Name)
		if len(options.Only) > 0 && !slices.Contains(options.Only, t.Name) {
			count = 0
		}
		first := port + i*portStep
		t.Instances, t.Port = &count, &first
		if count > 0 {
			last = max(last, first+count-1)
		}
		if lists(options.AutoRestart, t.Name) {
			t.Restart = "always"
		}
		if lists(options.CanDie, t.Name) {
			no := false
			t.Significant = &no
		}
	}
	if port < 1 || last > 65535 {
		problems.add(Position{}, "", "the first port is %d, and the last one would be %d: both must be from 1 to 65535", port, max(port, last))
		for _, t := range f.Tasks {
			t.Port = nil // it is said once, and not of each
		}
	}
}

func (f *File) procfileTasks(problems *problems) {
	lines := make(map[string]int)
	for i := range f.source.lines {
		number := i + 1
		line := f.source.line(number)
		found := entryOf.FindStringSubmatchIndex(line)
		trimmed := strings.TrimSpace(line)
		switch {
		case found != nil:
		case trimmed == "" || trimmed[0] == '#':
			continue
		default:
			at := Position{number, len(line) - len(strings.TrimLeft(line, " \t")) + 1}
			f.Ignored = append(f.Ignored, Problem{At: at, Text: `is not "name: command", and is ignored`})
			continue
		}
		name, command := line[found[2]:found[3]], strings.TrimRight(line[found[4]:found[5]], " \t")
		at := Position{number, 1}
		if first := lines[name]; first > 0 {
			problems.add(at, "", "the process type %q is given twice: first in line %d", name, first)
			continue
		}
		lines[name] = number
		if command == "" {
			problems.add(at, "tasks."+name, "has no command: write it behind the colon")
		}
		f.Tasks = append(f.Tasks, &Task{
			Name: name, Type: name, At: at, Command: command, Keys: Positions{"command": {number, found[4] + 1}},
		})
	}
	if len(f.Tasks) == 0 {
		problems.add(Position{}, "", `has no processes: write one a line, as "name: command"`)
	}
}

func lists(names []string, name string) bool {
	return slices.Contains(names, name) || slices.Contains(names, "all")
}

// port returns the first port to give out.
func (f *File) port(options ProcfileOptions) int {
	if options.Port != 0 {
		return options.Port
	}
	var variables []Variable
	for _, path := range f.Defaults.EnvFile {
		if read, err := ReadEnvironment(f.abs(path)); err == nil { // errors are reported when the file is completed
			variables = append(read, variables...) // the last file counts
		}
	}
	for _, text := range []string{lookup(variables, "PORT"), os.Getenv("PORT")} {
		if port, err := strconv.Atoi(text); err == nil && port > 0 {
			return port
		}
	}
	return firstPort
}

func (f *File) abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.Dir, path)
}

// formation returns how many instances of a process type there are. As for foreman, a formation that does not say "all" has none of
// those it does not name.
func formation(text string, types []string, problems *problems) (count func(name string) int) {
	others := 0
	counts := make(map[string]int)
	if strings.TrimSpace(text) == "" {
		others = 1
	}
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, amount, _ := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		n, err := strconv.Atoi(strings.TrimSpace(amount))
		switch {
		case err != nil || n < 0 || n > mostInstances:
			problems.add(Position{}, "", "formation: %q must be a name and a number from 0 to %d, such as web=2", pair, mostInstances)
		case name == "all":
			others = n
		case !slices.Contains(types, name):
			problems.add(Position{}, "", "formation: there is no process type %q%s", name, DidYouMean(name, types))
		default:
			counts[name] = n
		}
	}
	return func(name string) int {
		if n, ok := counts[name]; ok {
			return n
		}
		return others
	}
}

// Meant returns what a path stands for: itself, or all instances of a task, such as web.1 and web.2 for web. It is empty if there is
// neither among those that are known.
func Meant(path string, known []string) []string {
	if slices.Contains(known, path) {
		return []string{path}
	}
	return slices.DeleteFunc(slices.Clone(known), func(other string) bool {
		number, ok := strings.CutPrefix(other, path+".")
		n, err := strconv.Atoi(number)
		return !ok || err != nil || other != instanceName(path, n)
	})
}

// instanceName returns the name of the nth instance, from 1.
func instanceName(name string, n int) string { return fmt.Sprintf("%s.%d", name, n) }
