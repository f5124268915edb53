package core_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The core is pure: nothing in it, its timers and internal packages included, can depend on anything but its inputs. What could is
// not in the language it is written in, which this test defines.
func TestCoreIsPure(t *testing.T) {
	found, files := impurities(t, ".")
	require.Empty(t, found)
	require.Greater(t, files, 10)
	rooms, err := filepath.Glob(internal + "/*")
	require.NoError(t, err)
	require.NotEmpty(t, rooms)
	for _, room := range append(rooms, timers) {
		found, files := impurities(t, room)
		require.Empty(t, found, room)
		require.Positive(t, files, room)
	}
}

// The check is checked: each file of the fixture breaks one rule, which its first line names, and no other.
func TestPurityCheckFindsEachViolation(t *testing.T) {
	const dir = "testdata/impure"
	found, files := impurities(t, dir)
	var expected []string
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(text), "\n")
		rule, ok := strings.CutPrefix(first, "// Breaks: ")
		require.True(t, ok, path)
		expected = append(expected, filepath.Base(path)+": "+rule)
	}
	require.Equal(t, expected, found)
	require.Greater(t, files, 20)
}

// The folders of the core's own packages.
const (
	internal = "internal"
	timers   = "timers"
)

// importable reports whether the core may import a package: its own, or one of a few of the standard library.
func importable(path string) bool {
	if own, ok := strings.CutPrefix(path, "github.com/tasksupervisor/tasksupervisor/core/"); ok {
		return own == timers || strings.HasPrefix(own, internal+"/")
	}
	return slices.Contains([]string{"errors", "iter", "math", "math/bits", "strconv", "time"}, path)
}

// timely lists what the core may use of package time: a type and constants, no clock.
func timely() []string {
	return []string{"Duration", "Hour", "Microsecond", "Millisecond", "Minute", "Nanosecond", "Second"}
}

// impurities returns what is impure in the package of a folder, as "file: rule", in the order of the files, and how
// many files there are.
func impurities(t *testing.T, dir string) (found []string, files int) {
	t.Helper()
	fset := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	var parsed []*ast.File
	for _, path := range paths {
		switch {
		case strings.HasSuffix(path, "_test.go"):
		case strings.HasSuffix(path, ".go"):
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			require.NoError(t, err)
			if slices.Contains(directives(file), smallLeaves) && onlyConstants(file) {
				continue // they take the place of others
			}
			parsed = append(parsed, file)
		case slices.Contains([]string{".s", ".c", ".h", ".syso"}, filepath.Ext(path)):
			found = append(found, filepath.Base(path)+": not Go")
		}
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	checker := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	_, err = checker.Check(dir, fset, parsed, info)
	require.NoError(t, err)

	for _, file := range parsed {
		name := filepath.Base(fset.Position(file.Package).Filename)
		var rules []string
		report := func(rule string) {
			if !slices.Contains(rules, rule) {
				rules = append(rules, rule)
				found = append(found, name+": "+rule)
			}
		}
		inspectImports(file, report)
		inspectDeclarations(file, report)
		inspectDirectives(file, report)
		ast.Inspect(file, func(node ast.Node) bool {
			inspectNode(node, info, report)
			return true
		})
	}
	slices.SortStableFunc(found, func(a, b string) int {
		fileA, _, _ := strings.Cut(a, ":")
		fileB, _, _ := strings.Cut(b, ":")
		return cmp.Compare(fileA, fileB)
	})
	return found, len(parsed)
}

func inspectImports(file *ast.File, report func(string)) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !importable(path) {
			report("import of " + path)
		}
		if spec.Name != nil {
			report("renamed import")
		}
	}
}

func inspectDeclarations(file *ast.File, report func(string)) {
	for _, declaration := range file.Decls {
		switch declaration := declaration.(type) {
		case *ast.FuncDecl:
			if declaration.Recv == nil && declaration.Name.Name == "init" {
				report("init")
			}
			if declaration.Body == nil {
				report("function without a body")
			}
		case *ast.GenDecl:
			if declaration.Tok == token.VAR {
				report("package variable")
			}
		}
	}
}

func inspectDirectives(file *ast.File, report func(string)) {
	for _, directive := range directives(file) {
		if directive != largeLeaves || !onlyConstants(file) {
			report("compiler directive")
		}
	}
}

// What the timer queue is tested with may differ from what it is used with, in a few constants.
const (
	smallLeaves = "//go:build smallleaves"
	largeLeaves = "//go:build !smallleaves"
)

func directives(file *ast.File) (found []string) {
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if strings.HasPrefix(comment.Text, "//go:") {
				found = append(found, comment.Text)
			}
		}
	}
	return found
}

func onlyConstants(file *ast.File) bool {
	for _, declaration := range file.Decls {
		if general, ok := declaration.(*ast.GenDecl); !ok || general.Tok != token.CONST {
			return false
		}
	}
	return true
}

func inspectNode(node ast.Node, info *types.Info, report func(string)) {
	switch node := node.(type) {
	case *ast.GoStmt:
		report("goroutine")
	case *ast.SelectStmt:
		report("select")
	case *ast.SelectorExpr:
		if object := info.Uses[node.Sel]; object != nil && object.Pkg() != nil && object.Pkg().Path() == "time" {
			if base, ok := node.X.(*ast.Ident); ok && base.Name == "time" && !slices.Contains(timely(), node.Sel.Name) {
				report("time." + node.Sel.Name)
			}
		}
	}
	if expression, ok := node.(ast.Expr); ok {
		if value, ok := info.Types[expression]; ok {
			inspectType(value.Type, report)
		}
	}
}

func inspectType(typ types.Type, report func(string)) {
	switch typ := typ.Underlying().(type) {
	case *types.Map:
		report("map")
	case *types.Chan:
		report("channel")
	case *types.Basic:
		switch {
		case typ.Info()&(types.IsFloat|types.IsComplex) != 0:
			report("floating point")
		case typ.Kind() == types.Uintptr, typ.Kind() == types.UnsafePointer:
			report(fmt.Sprint(typ))
		}
	}
}
