package tasksupervisor_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every exported type has an example whose output is checked, in the packages that users import.
func TestEveryTypeHasAnExample(t *testing.T) {
	for dir, least := range map[string]int{"core": 20, "core/scenario": 5, "clock": 4, "adapters/supervisor": 30, "adapters/tasks": 3, "adapters/httptask": 1} {
		shown, types := map[string]bool{}, 0
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		var sources []*ast.File
		for _, path := range paths {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			require.NoError(t, err)
			if !strings.HasSuffix(path, "_test.go") {
				sources = append(sources, file)
				continue
			}
			for _, example := range doc.Examples(file) {
				name, _, _ := strings.Cut(example.Name, "_")
				shown[name] = shown[name] || example.Output != ""
			}
		}
		for _, file := range sources {
			for name := range typesOf(file) {
				require.True(t, shown[name], "%s: %s has no example", dir, name)
				types++
			}
		}
		require.GreaterOrEqual(t, types, least, dir)
	}
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
