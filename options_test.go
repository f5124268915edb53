package tasksupervisor_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/require"
)

// An option that is nil, because a condition left it so, must not be called: it changes nothing, or is refused.
func TestNilOptionsAreNotCalled(t *testing.T) {
	called, looked := 0, 0
	for _, source := range goFiles(t) {
		if isTest(source.path) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source.path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			loop, ok := node.(*ast.RangeStmt)
			if !ok || !isIdent(loop.Value, "option") {
				return true
			}
			calls, compares := false, false
			ast.Inspect(loop.Body, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.CallExpr:
					calls = calls || isIdent(node.Fun, "option")
				case *ast.BinaryExpr:
					compares = compares || isIdent(node.X, "option") && isIdent(node.Y, "nil")
				}
				return true
			})
			looked++
			if calls {
				called++
				require.True(t, compares, "%s calls options that may be nil", source.path)
			}
			return true
		})
	}
	require.GreaterOrEqual(t, called, 4)
	require.GreaterOrEqual(t, looked, 8)
}

func isIdent(x ast.Expr, name string) bool {
	ident, ok := x.(*ast.Ident)
	return ok && ident.Name == name
}
