package tasksupervisor_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every exported type has an example whose output is checked, in all packages that users import, those of nested modules included.
func TestEveryTypeHasAnExample(t *testing.T) {
	least := map[string]int{
		"core": 20, "core/scenario": 5, "clock": 4, "adapters/supervisor": 30, "adapters/supervisor/supervisortest": 1,
		"adapters/tasks": 3, "adapters/httptask": 1, "adapters/web": 3, "adapters/prometheus": 2, "adapters/otel": 4,
	}
	for dir, p := range importable(t) {
		shown, types := map[string]bool{}, 0
		for _, example := range doc.Examples(p.tests...) {
			name, _, _ := strings.Cut(example.Name, "_")
			shown[name] = shown[name] || example.Output != ""
		}
		for _, file := range p.sources {
			for name := range typesOf(file) {
				require.True(t, shown[name], "%s: %s has no example", dir, name)
				types++
			}
		}
		require.GreaterOrEqual(t, types, least[dir], dir)
		delete(least, dir)
	}
	require.Empty(t, least, "these are not there")
}

// parsed is a package.
type parsed struct{ sources, tests []*ast.File }

// importable returns the packages that users import, by folder.
func importable(t *testing.T) map[string]*parsed {
	t.Helper()
	packages := map[string]*parsed{}
	visit := func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "internal" || entry.Name() == "testdata" || entry.Name() == "timers"): // which is for core
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil || strings.TrimSuffix(file.Name.Name, "_test") == "main" {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if packages[dir] == nil {
			packages[dir] = new(parsed)
		}
		if p := packages[dir]; isTest(path) {
			p.tests = append(p.tests, file)
		} else {
			p.sources = append(p.sources, file)
		}
		return nil
	}
	for _, root := range []string{"core", "clock", "adapters"} {
		require.NoError(t, filepath.WalkDir(root, visit))
	}
	return packages
}

// typesOf returns the exported types that a file declares, aliases aside.
func typesOf(file *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, declaration := range file.Decls {
		if group, ok := declaration.(*ast.GenDecl); ok && group.Tok == token.TYPE {
			for _, spec := range group.Specs {
				if spec := spec.(*ast.TypeSpec); spec.Name.IsExported() && !spec.Assign.IsValid() {
					names[spec.Name.Name] = true
				}
			}
		}
	}
	return names
}
