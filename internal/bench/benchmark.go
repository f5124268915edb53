package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// benchmark is a Go benchmark of the root module, or of this one.
type benchmark struct {
	folder  string // of its package, from the root
	name    string // with the names of its parts, between slashes
	figures []figure
	once    bool // run it a single time; else for 200 ms
}

// figure says which of the figures that a benchmark prints is which metric.
type figure struct {
	printed   string // its unit
	metric    string
	unit      unit
	times     float64 // what turns it into that unit; 0: 1
	perSecond bool    // it says how many there are in a second; the metric is how long one takes
}

func (f figure) of(printed float64) metric {
	switch {
	case f.perSecond:
		printed = float64(time.Second) / printed
	case f.times != 0:
		printed *= f.times
	}
	return metric{f.metric, f.unit, printed}
}

// testBinaries compiles packages' tests, each once.
type testBinaries struct {
	directory string // where they are put
	paths     map[string]string
}

func (b *testBinaries) of(folder string) (string, error) {
	if path := b.paths[folder]; path != "" {
		return path, nil
	}
	path, err := filepath.Abs(filepath.Join(b.directory, strings.ReplaceAll(folder, "/", "-")+".test"))
	if err != nil {
		return "", err
	}
	root, err := output(exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tasksupervisor/tasksupervisor"))
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "test", "-c", "-o", path)
	cmd.Dir = filepath.Join(strings.TrimSpace(string(root)), folder)
	if _, err := output(cmd); err != nil {
		return "", err
	}
	b.paths[folder] = path
	return path, nil
}

// run runs a benchmark in a process of its own.
func (b *benchmark) run(binaries *testBinaries, at scale) ([]metric, error) {
	path, err := binaries.of(b.folder)
	if err != nil {
		return nil, err
	}
	long := "200ms"
	if b.once || at != 1 {
		long = "1x"
	}
	text, err := output(exec.Command(path, "-test.run", "^$", "-test.bench", b.pattern(), "-test.benchtime", long, "-test.benchmem"))
	if err != nil {
		return nil, err
	}
	return b.parse(string(text))
}

// pattern matches this benchmark alone.
func (b *benchmark) pattern() string {
	parts := strings.Split("Benchmark"+b.name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

func (b *benchmark) parse(text string) ([]metric, error) {
	var metrics []metric
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark"+b.name) {
			continue
		}
		for _, f := range b.figures {
			for i := 3; i < len(fields); i += 2 {
				if fields[i] != f.printed {
					continue
				}
				value, err := strconv.ParseFloat(fields[i-1], 64)
				if err != nil {
					return nil, err
				}
				metrics = append(metrics, f.of(value))
			}
		}
	}
	if len(metrics) != len(b.figures) {
		return nil, fmt.Errorf("benchmark %s did not print what is wanted of it:\n%s", b.name, text)
	}
	return metrics, nil
}
