package supervisor_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/tasksupervisor/tasksupervisor"

// A program that imports this package links the standard library and this module, and no mock clock or test library.
func TestLinksNothingForeign(t *testing.T) {
	var stderr bytes.Buffer
	list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
	list.Stderr = &stderr
	out, err := list.Output()
	require.NoError(t, err, stderr.String())
	packages := strings.Fields(string(out))
	require.Contains(t, packages, module+"/adapters/supervisor")
	for _, path := range packages {
		require.True(t, strings.HasPrefix(path, module+"/"), path)
		for _, forTests := range []string{"/clock/benclock", "/sim", "/proptest", "/fuzz"} {
			require.False(t, strings.HasPrefix(path, module+forTests), path)
		}
	}
}

// One import is enough: no example, demo or README needs package core.
func TestUsersDoNotImportCore(t *testing.T) {
	var files []string
	for _, pattern := range []string{"example_*test.go", "cmd/demo/*.go", "../../example_test.go"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		files = append(files, found...)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			require.NotEqual(t, module+"/core", path, file)
		}
	}
}

// Every constant of package core that users of this package can meet has an alias here. Events and refusals they do not
// meet: for those this package has calls and errors of its own.
func TestEveryWordHasAnAlias(t *testing.T) {
	aliases := constants(t, "words.go")
	maps.Copy(aliases, constants(t, "errors.go"))
	words := 0
	for name := range constants(t, "../../core/*.go") {
		notMet := slices.Contains([]string{"MaxTasks", "IdleDefinitions", "ActionReject", "ErrSnapshot"}, name) ||
			strings.HasPrefix(name, "Event") || strings.HasPrefix(name, "Refusal")
		require.NotEqual(t, notMet, aliases[name], "core.%s has an alias: %t", name, aliases[name])
		if !notMet {
			words++
		}
	}
	require.Len(t, aliases, words)
}

// constants returns the exported constants of some files.
func constants(t *testing.T, pattern string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	names := make(map[string]bool)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if name.IsExported() {
						names[name.Name] = true
					}
				}
			}
		}
	}
	return names
}
