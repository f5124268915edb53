package tasksupervisor_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/tasksupervisor/tasksupervisor"

// layer says what the packages in one folder may import besides the standard library.
type layer struct {
	folder string   // with all folders below it that have no layer of their own
	below  []string // folders of this repository, with all that is below them
	others []string // foreign modules
	tests  []string // folders that its tests may import as well
}

// layers returns the layers, from the bottom up. Imports run downhill only.
func layers() []layer {
	return []layer{
		{folder: ".", tests: []string{"core", "clock", "adapters", "sim", "proptest"}},
		{folder: "core", below: []string{"core/internal", "core/timers"}, tests: []string{"core/scenario"}},
		{folder: "core/timers", tests: []string{"core"}},
		{folder: "core/scenario", below: []string{"core"}},
		{folder: "clock", below: []string{"core", "clock/internal"}, tests: []string{"clock/benclock"}},
		{
			folder: "clock/benclock", below: []string{"core", "clock", "clock/internal"},
			others: []string{"github.com/benbjohnson/clock"},
		},
		{folder: "adapters", below: []string{"core", "clock", "adapters", "internal/look"}, tests: []string{"sim", "proptest"}},
		{folder: "adapters/internal"},
		{ // for tests of runtimes
			folder: "adapters/internal/adapted", below: []string{"core", "clock", "adapters/supervisor", "proptest"},
		},
		{ // for tests of programs
			folder: "adapters/supervisor/supervisortest", below: []string{"core", "clock", "adapters/supervisor", "sim", "internal/bubble"},
		},
		{folder: "adapters/supervisor/cmd", below: []string{"core", "clock", "adapters"}, tests: []string{"sim"}},
		{folder: "adapters/process/cmd", below: []string{"core", "clock", "adapters"}, tests: []string{"sim"}},
		{folder: "sim", below: []string{"core", "sim", "internal/look"}},
		{
			folder: "proptest", below: []string{"core", "clock", "sim", "proptest", "internal/bubble"},
			others: []string{"github.com/benbjohnson/clock", "pgregory.net/rapid"},
		},
		{folder: "fuzz", below: []string{"core", "sim", "proptest"}},
		{folder: "internal"}, // for tests, and for packages made for tests
		{folder: "internal/look", below: []string{"core"}},
		{folder: "docs/examples", below: []string{"core", "clock", "adapters"}},
		{folder: "internal/bench", below: []string{"core", "clock", "adapters/supervisor", "sim"}},
	}
}

// forTests returns the foreign modules that the tests of a layer may import.
func forTests(folder string) []string {
	modules := []string{"github.com/stretchr/testify", "go.uber.org/goleak"}
	switch folder {
	case "core", "core/scenario", "core/timers":
		return modules
	case "sim": // its benchmarks compare with other virtual clocks
		return append(modules, "github.com/benbjohnson/clock")
	default:
		return append(modules, "github.com/benbjohnson/clock", "pgregory.net/rapid")
	}
}

// source is what the check needs to know of a Go file.
type source struct {
	path    string // from the root of the repository, with slashes
	imports []string
	nested  bool // it belongs to a module of its own, which may require what it likes
}

func TestImportsRunDownhill(t *testing.T) {
	sources := goFiles(t)
	require.Empty(t, uphill(sources))
	folders := map[string]bool{}
	for _, file := range sources {
		folders[folderOf(file.path).folder] = true
	}
	for _, layer := range layers() {
		require.True(t, folders[layer.folder], "no file is in layer %s", layer.folder)
	}
}

// The root holds no code, only the documentation of the whole.
func TestRootHasNoCode(t *testing.T) {
	for _, file := range goFiles(t) {
		if !strings.Contains(file.path, "/") && !isTest(file.path) {
			require.Equal(t, "doc.go", file.path)
			require.Empty(t, file.imports)
		}
	}
}

// The check is checked: each of these imports is uphill, or foreign where it should not be.
func TestUphillImportsAreFound(t *testing.T) {
	for _, bad := range []struct{ path, imported string }{
		{"doc.go", "core"},
		{"core/machine.go", "clock"},
		{"core/machine.go", "core/scenario"},
		{"core/machine.go", "sim"},
		{"core/machine_test.go", "sim"},
		{"core/machine.go", "github.com/stretchr/testify/require"},
		{"core/machine_test.go", "pgregory.net/rapid"},
		{"core/timers/timers.go", "core"},
		{"core/timers/timers_test.go", "pgregory.net/rapid"},
		{"core/scenario/play.go", "clock"},
		{"core/scenario/play.go", "gopkg.in/yaml.v3"},
		{"core/new/new.go", "core/scenario"},
		{"clock/system.go", "sim"},
		{"clock/system.go", "github.com/benbjohnson/clock"},
		{"clock/system.go", "clock/benclock"},
		{"clock/system.go", "adapters/supervisor"},
		{"clock/system.go", "pgregory.net/rapid"},
		{"clock/system_test.go", "sim"},
		{"adapters/supervisor/loop.go", "sim"},
		{"adapters/supervisor/loop.go", "sim/checkers"},
		{"adapters/supervisor/loop.go", "adapters/supervisor/supervisortest"},
		{"adapters/web/page.go", "adapters/supervisor/supervisortest"},
		{"adapters/process/run.go", "adapters/internal/adapted"},
		{"adapters/internal/adapted/adapted.go", "adapters/web"},
		{"adapters/supervisor/supervisortest/start.go", "proptest"},
		{"adapters/supervisor/supervisortest/start.go", "adapters/web"},
		{"adapters/supervisor/supervisortest/start.go", "github.com/stretchr/testify/require"},
		{"adapters/supervisor/loop.go", "proptest"},
		{"adapters/supervisor/loop.go", "github.com/benbjohnson/clock"},
		{"adapters/supervisor/loop.go", "adapters/process"},
		{"adapters/process/run.go", "adapters/web"},
		{"adapters/web/page.go", "adapters/supervisor/cmd/demo"},
		{"adapters/process/task.go", "adapters/process/cmd/taskvisor/internal/taskfile"},
		{"adapters/process/cmd/taskvisor/internal/plan/plan.go", "sim"},
		{"adapters/internal/kept/kept.go", "adapters/supervisor"},
		{"adapters/httptask/server.go", "adapters/tasks"},
		{"adapters/supervisor/loop_test.go", "fuzz"},
		{"adapters/supervisor/loop.go", ""},
		{"sim/engine.go", "clock"},
		{"sim/engine.go", "pgregory.net/rapid"},
		{"sim/engine_test.go", "pgregory.net/rapid"},
		{"sim/engine.go", "proptest"},
		{"sim/engine_test.go", "proptest/oracle"},
		{"sim/cmd/tasksim/main.go", "adapters/supervisor"},
		{"proptest/world.go", "adapters/supervisor"},
		{"proptest/world_test.go", "fuzz"},
		{"proptest/world.go", "github.com/stretchr/testify/require"},
		{"fuzz/decode.go", "pgregory.net/rapid"},
		{"fuzz/decode.go", "clock"},
		{"core/machine.go", "internal/golden"},
		{"internal/golden/golden.go", "core"},
		{"internal/look/look.go", "adapters/supervisor"},
		{"sim/report/html.go", "internal/bubble"},
		{"internal/bench/ours.go", "proptest"},
		{"internal/bench/suture.go", "github.com/thejerf/suture/v4"}, // but for its being a module of its own
		{"docs/examples/cron.go", "sim"},
		{"unheard/of.go", "core"},
	} {
		require.Len(t, uphill([]source{importing(bad.path, bad.imported)}), 1, "%s imports %s", bad.path, bad.imported)
	}
	for _, good := range []struct{ path, imported string }{
		{"example_test.go", "adapters/supervisor"},
		{"core/machine.go", "core/timers"},
		{"core/timers/example_test.go", "core"},
		{"core/machine_test.go", "core/scenario"},
		{"core/machine_test.go", "github.com/stretchr/testify/require"},
		{"core/scenario/play.go", "core"},
		{"clock/system.go", "core"},
		{"clock/benclock/benclock.go", "github.com/benbjohnson/clock"},
		{"clock/benclock/benclock.go", "clock"},
		{"adapters/supervisor/loop.go", "clock"},
		{"adapters/supervisor/loop.go", "core/scenario"},
		{"adapters/supervisor/cmd/demo/main.go", "adapters/supervisor"},
		{"adapters/supervisor/cmd/demo/main.go", "adapters/web"},
		{"adapters/process/cmd/taskvisor/run.go", "adapters/process"},
		{"adapters/process/cmd/taskvisor/run.go", "adapters/web"},
		{"adapters/process/cmd/taskvisor/internal/plan/plan_test.go", "sim"},
		{"adapters/web/page.go", "adapters/supervisor"},
		{"adapters/web/page_test.go", "adapters/supervisor/supervisortest"},
		{"adapters/process/conformance_test.go", "adapters/internal/adapted"},
		{"adapters/internal/adapted/adapted.go", "proptest/conformance"},
		{"adapters/supervisor/supervisortest/checked.go", "sim/checkers"},
		{"adapters/supervisor/supervisortest/bubble.go", "internal/bubble"},
		{"adapters/web/page.go", "internal/look"},
		{"sim/report/html.go", "internal/look"},
		{"internal/look/look.go", "core"},
		{"adapters/httptask/server.go", "adapters/internal/kept"},
		{"adapters/supervisor/loop_test.go", "sim"},
		{"sim/cmd/tasksim/main.go", "sim/checkers"},
		{"proptest/world.go", "pgregory.net/rapid"},
		{"proptest/world.go", "sim/checkers"},
		{"fuzz/decode.go", "proptest/oracle"},
		{"core/machine_test.go", "internal/golden"},
		{"internal/bench/ours.go", "adapters/supervisor"},
		{"docs/examples/fromsuture/after/main.go", "adapters/suturetask"},
	} {
		require.Empty(t, uphill([]source{importing(good.path, good.imported)}), "%s imports %s", good.path, good.imported)
	}
	nested := importing("adapters/metrics/export.go", "github.com/prometheus/client_golang/prometheus")
	require.Len(t, uphill([]source{nested}), 1)
	nested.nested = true
	require.Empty(t, uphill([]source{nested}))
}

// Whoever imports this module gets no other in its graph than these. What needs more is a module of its own, beside the
// root's: it takes the root as it is here, and is built and tested with it.
func TestModules(t *testing.T) {
	root := goMod(t, ".")
	require.Equal(t, []string{
		"github.com/benbjohnson/clock", "github.com/stretchr/testify", "go.uber.org/goleak", "go.yaml.in/yaml/v3", "pgregory.net/rapid",
	}, root.requires)
	makefile, err := os.ReadFile("Makefile")
	require.NoError(t, err)
	var nested []string
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (entry.Name() == "testdata" || entry.Name()[0] == '.' || entry.Name() == "bin"):
			return filepath.SkipDir
		case entry.Name() == "go.mod" && path != "go.mod":
			nested = append(nested, parent(filepath.ToSlash(path)))
		}
		return nil
	}))
	require.Contains(t, nested, "internal/bench")
	require.Contains(t, string(makefile), "find . -mindepth 2 -name go.mod", "the Makefile builds and tests all of them")
	for _, folder := range nested {
		module := goMod(t, folder)
		require.Equal(t, modulePath+"/"+folder, module.path)
		require.GreaterOrEqual(t, module.version, root.version, "the oldest Go of %s", folder)
		require.Contains(t, module.text, modulePath+" => "+strings.Repeat("../", strings.Count(folder, "/"))+"..\n")
	}
}

// module is what a go.mod says.
type module struct {
	text, path, version string
	requires            []string
}

func goMod(t *testing.T, folder string) module {
	t.Helper()
	text, err := os.ReadFile(folder + "/go.mod")
	require.NoError(t, err)
	m := module{text: string(text)}
	for line := range strings.SplitSeq(m.text, "\n") {
		switch fields := strings.Fields(strings.TrimPrefix(line, "require ")); {
		case len(fields) < 2 || fields[0] == "replace":
		case fields[0] == "module":
			m.path = fields[1]
		case fields[0] == "go":
			m.version = fields[1]
		case fields[1][0] == 'v':
			m.requires = append(m.requires, fields[0])
		}
	}
	slices.Sort(m.requires)
	return m
}

// importing returns a file with one import, of this repository or of a foreign module.
func importing(path, imported string) source {
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		imported = strings.TrimSuffix(modulePath+"/"+imported, "/")
	}
	return source{path: path, imports: []string{"fmt", "go/ast", imported}}
}

// uphill returns the imports that are not allowed.
func uphill(sources []source) []string {
	var bad []string
	for _, file := range sources {
		for _, imported := range file.imports {
			if !allowed(file, imported) {
				bad = append(bad, file.path+" imports "+imported)
			}
		}
	}
	return bad
}

func allowed(file source, imported string) bool {
	layer := folderOf(file.path)
	if folder, own := ownFolder(imported); own {
		if isTest(file.path) && (folder == parent(file.path) || within(folder, []string{"internal"}) || within(folder, layer.tests)) {
			return true
		}
		if folder == "adapters/supervisor/supervisortest" || folder == "adapters/internal/adapted" {
			return isTest(file.path) && strings.HasPrefix(file.path, "adapters/")
		}
		// Adapters stand side by side, on the supervisor, and share what is internal to them.
		if strings.HasPrefix(folder, "adapters/") && layer.folder == "adapters" {
			own := adapter(folder) == adapter(file.path) && folderOf(folder+"/").folder == layer.folder // but for its commands
			return own || folder == "adapters/supervisor" || within(folder, []string{"adapters/internal"})
		}
		return folder != "." && within(folder, layer.below)
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") || file.nested {
		return true // the standard library, or a module's own affair
	}
	return within(imported, layer.others) || isTest(file.path) && within(imported, forTests(layer.folder))
}

// folderOf returns the layer a file is in: that of the longest folder that holds it.
func folderOf(path string) layer {
	var found layer
	for _, layer := range layers() {
		inside := strings.HasPrefix(path, layer.folder+"/") || layer.folder == "." && !strings.Contains(path, "/")
		if inside && len(layer.folder) > len(found.folder) {
			found = layer
		}
	}
	return found
}

// ownFolder returns the folder of an import of this repository.
func ownFolder(imported string) (folder string, own bool) {
	if imported == modulePath {
		return ".", true
	}
	return strings.CutPrefix(imported, modulePath+"/")
}

// within reports whether a path is one of the others or below one.
func within(path string, others []string) bool {
	return slices.ContainsFunc(others, func(other string) bool {
		return path == other || strings.HasPrefix(path, other+"/")
	})
}

// adapter returns the first two elements of a path.
func adapter(path string) string {
	elements := strings.SplitN(path, "/", 3)
	return elements[0] + "/" + elements[1]
}

func parent(path string) string {
	if slash := strings.LastIndexByte(path, '/'); slash >= 0 {
		return path[:slash]
	}
	return "."
}

func isTest(path string) bool { return strings.HasSuffix(path, "_test.go") }

// goFiles returns every Go file of the repository, whatever its build constraints.
func goFiles(t *testing.T) []source {
	t.Helper()
	var sources []source
	nested := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		if entry.IsDir() {
			if name := entry.Name(); path != "." && (name == "testdata" || name[0] == '.' || name[0] == '_') {
				return filepath.SkipDir
			}
			_, err := os.Stat(path + "/go.mod")
			nested[path] = path != "." && (err == nil || nested[parent(path)])
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		source := source{path: path, nested: nested[parent(path)]}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			source.imports = append(source.imports, imported)
		}
		sources = append(sources, source)
		return nil
	}))
	return sources
}
