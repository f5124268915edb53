package supervisor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every error is declared in errors.go and listed in the package documentation.
func TestErrorsAreInOneFileAndListed(t *testing.T) {
	documentation, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	found := 0
	for path, file := range parsed(t) {
		for _, declaration := range file.Decls {
			for _, name := range declared(declaration) {
				if strings.HasPrefix(name, "Err") || strings.HasSuffix(name, "Error") && name != "ExitError" {
					require.Equal(t, "errors.go", path, name)
					require.Regexp(t, `\b`+name+`\b`, string(documentation))
					found++
				}
			}
		}
	}
	require.Greater(t, found, 35)
}

// Errors are printed by errorText, which survives what users write: only errors that are certainly this package's own print
// themselves.
func TestForeignErrorsArePrintedWithCare(t *testing.T) {
	calls := 0
	for path, file := range parsed(t) {
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || len(call.Args) > 0 {
				return true
			}
			if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Error" {
				of := types.ExprString(method.X)
				own := of == "e.Options[i]" || of == "e.Tasks[i]"
				require.True(t, own || path == "foreign.go", "%s: %s.Error()", path, of)
				calls++
			}
			return true
		})
	}
	require.GreaterOrEqual(t, calls, 4)
}

// The documentation of an alias does not show the fields of the struct it stands for, so the comment names them.
func TestAliasesNameTheirFields(t *testing.T) {
	structs := map[string]reflect.Type{
		"Policy": reflect.TypeFor[Policy](), "Probe": reflect.TypeFor[Probe](), "Limits": reflect.TypeFor[Limits](),
		"Rate": reflect.TypeFor[Rate](), "Fraction": reflect.TypeFor[Fraction](), "Counts": reflect.TypeFor[Counts](),
	}
	comments := map[string]string{}
	for _, declaration := range parsed(t)["words.go"].Decls {
		for _, name := range declared(declaration) {
			comments[name] = declaration.(*ast.GenDecl).Doc.Text()
		}
	}
	for name, of := range structs {
		require.NotEmpty(t, comments[name], name)
		for _, field := range reflect.VisibleFields(of) {
			require.Regexp(t, `\b`+regexp.QuoteMeta(field.Name)+`\b`, comments[name], name)
		}
	}
}

// parsed returns the files of the package, tests aside.
func parsed(t *testing.T) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files := map[string]*ast.File{}
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			require.NoError(t, err)
			files[path] = file
		}
	}
	return files
}

// declared returns the types, variables and constants of a declaration.
func declared(declaration ast.Decl) (names []string) {
	group, ok := declaration.(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, spec := range group.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			names = append(names, spec.Name.Name)
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}
