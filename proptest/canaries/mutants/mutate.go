package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one small change of the source.
type mutant struct {
	ID     int // counts from 1; the environment variable says it
	File   string
	Line   int
	Column int
	Kind   string
	Before string // the line
	After  string

	folder string // the package's
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d:%d %s", m.File, m.Line, m.Column, m.Kind) }

// opposites say what each kind makes of an operator.
var (
	negations  = map[token.Token]token.Token{token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ, token.LEQ: token.GTR}
	boundaries = map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}
	logic      = map[token.Token]token.Token{token.LAND: token.LOR, token.LOR: token.LAND}
	arithmetic = map[token.Token]token.Token{
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
		token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND, token.AND_NOT: token.AND, token.SHL: token.SHR, token.SHR: token.SHL,
	}
	assignments = map[token.Token]token.Token{
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN,
		token.QUO_ASSIGN: token.MUL_ASSIGN, token.REM_ASSIGN: token.MUL_ASSIGN, token.AND_ASSIGN: token.OR_ASSIGN,
		token.OR_ASSIGN: token.AND_ASSIGN, token.XOR_ASSIGN: token.AND_ASSIGN, token.AND_NOT_ASSIGN: token.AND_ASSIGN,
		token.SHL_ASSIGN: token.SHR_ASSIGN, token.SHR_ASSIGN: token.SHL_ASSIGN,
	}
	steps = map[token.Token]token.Token{token.INC: token.DEC, token.DEC: token.INC}
	loops = map[token.Token]token.Token{token.BREAK: token.CONTINUE, token.CONTINUE: token.BREAK}
)

// instrument returns the mutants of the packages, and the text of every file that is changed or added so that the
// packages have them all, by path.
func instrument(packages []*listed) ([]mutant, map[string]string) {
	var mutants []mutant
	texts := map[string]string{}
	for _, p := range packages {
		before := len(mutants)
		for _, f := range p.files {
			i := &instrumenter{listed: p, file: f, mutants: mutants, listedStatements: map[ast.Node]bool{}, swappable: map[ast.Node]bool{}}
			i.survey()
			texts[f.path] = i.render(f.syntax)
			mutants = i.mutants
		}
		if len(mutants) > before {
			texts[filepath.Join(p.Dir, "zz_mutants.go")] = "package " + p.pkg.Name() + "\n" + helpers
		}
	}
	return mutants, texts
}

// instrumenter writes a file anew, with its mutants.
type instrumenter struct {
	*listed
	file             *file
	mutants          []mutant
	listedStatements map[ast.Node]bool // those that stand in a list, where another statement can stand for them
	swappable        map[ast.Node]bool // breaks and continues
}

// survey finds out where statements stand.
func (i *instrumenter) survey() {
	var enclosing []ast.Node
	ast.Inspect(i.file.syntax, func(node ast.Node) bool {
		if node == nil {
			enclosing = enclosing[:len(enclosing)-1]
			return true
		}
		var list []ast.Stmt
		switch node := node.(type) {
		case *ast.BlockStmt:
			list = node.List
		case *ast.CaseClause:
			list = node.Body
		case *ast.BranchStmt:
			i.swappable[node] = node.Label == nil && loops[node.Tok] != 0 && leavesBoundedLoop(enclosing)
		}
		for _, statement := range list {
			i.listedStatements[statement] = true
		}
		enclosing = append(enclosing, node)
		return true
	})
}

// leavesBoundedLoop reports whether break and continue have the same target here, and that is no loop for ever, which the
// compiler would miss.
func leavesBoundedLoop(enclosing []ast.Node) bool {
	for _, node := range slices.Backward(enclosing) {
		switch node := node.(type) {
		case *ast.ForStmt:
			return node.Cond != nil
		case *ast.RangeStmt:
			return true
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.FuncLit:
			return false
		}
	}
	return false
}

// render returns the text of a node with its mutants.
func (i *instrumenter) render(node ast.Node) string {
	if text, ok := i.mutate(node); ok {
		return text
	}
	start, end := node.Pos(), node.End()
	if node == i.file.syntax {
		start, end = i.file.syntax.FileStart, i.file.syntax.FileEnd
	}
	var text strings.Builder
	ast.Inspect(node, func(child ast.Node) bool {
		switch {
		case child == nil || child == node:
			return true
		case i.immaterial(child):
			return false
		}
		mutated, ok := i.mutate(child)
		if !ok {
			return true
		}
		text.Write(i.source(start, child.Pos()))
		text.WriteString(mutated)
		start = child.End()
		return false
	})
	text.Write(i.source(start, end))
	return text.String()
}

func (i *instrumenter) source(start, end token.Pos) []byte {
	return i.file.text[i.set.Position(start).Offset:i.set.Position(end).Offset]
}

// immaterial reports whether nothing within the node can matter.
func (i *instrumenter) immaterial(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.FuncDecl:
		return node.Recv != nil && (node.Name.Name == "String" || node.Name.Name == "Error")
	case *ast.GenDecl:
		return node.Tok != token.VAR
	case *ast.CallExpr:
		return calls(node, "panic") || calls(node, "errors.New") || calls(node, "fmt.Errorf")
	case *ast.CompositeLit:
		return isError(i.info.TypeOf(node))
	case ast.Expr:
		value := i.info.Types[node]
		return value.Value != nil || value.IsType()
	}
	return false
}

func calls(call *ast.CallExpr, name string) bool { return types.ExprString(call.Fun) == name }

func isError(typ types.Type) bool {
	wanted := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	return types.Implements(typ, wanted) || types.Implements(types.NewPointer(typ), wanted)
}

// mutate returns the text of a node that has mutants of its own. The text does what the node does, unless one of these
// is active.
func (i *instrumenter) mutate(node ast.Node) (text string, ok bool) {
	if i.immaterial(node) {
		return "", false
	}
	switch node := node.(type) {
	case *ast.BinaryExpr:
		return i.binary(node)
	case *ast.UnaryExpr:
		return i.unary(node)
	case *ast.IncDecStmt:
		return i.step(node)
	case *ast.AssignStmt:
		return i.assign(node)
	case *ast.ExprStmt:
		return i.call(node)
	case *ast.BranchStmt:
		if !i.swappable[node] {
			return "", false
		}
		id := i.add("loop", node.Pos(), node.End(), loops[node.Tok].String())
		return fmt.Sprintf("if mutantOn(%d) { %s } else { %s }", id, loops[node.Tok], node.Tok), true
	}
	return "", false
}

func (i *instrumenter) binary(node *ast.BinaryExpr) (text string, ok bool) {
	end := node.OpPos + token.Pos(len(node.Op.String()))
	replace := func(kind string, by token.Token) int { return i.add(kind, node.OpPos, end, by.String()) }
	switch {
	case logic[node.Op] != 0:
		id := replace("logic", logic[node.Op])
		// By De Morgan, a || b is !(!a && !b), and the other way round.
		return fmt.Sprintf("(mutantOn(%[1]d) != ((mutantOn(%[1]d) != (%[2]s)) %[3]s (mutantOn(%[1]d) != (%[4]s))))",
			id, i.render(node.X), node.Op, i.render(node.Y)), true
	case boundaries[node.Op] != 0:
		negation, boundary := replace("negation", negations[node.Op]), replace("boundary", boundaries[node.Op])
		return fmt.Sprintf("(mutantOn(%d) != mutant%s(%d, %s, %s))",
			negation, helperNames[node.Op], boundary, i.render(node.X), i.render(node.Y)), true
	case negations[node.Op] != 0:
		id := replace("negation", negations[node.Op])
		return fmt.Sprintf("(mutantOn(%d) != (%s %s %s))", id, i.render(node.X), node.Op, i.render(node.Y)), true
	case arithmetic[node.Op] != 0 && isInteger(i.info.TypeOf(node)):
		id := replace("arithmetic", arithmetic[node.Op])
		x := i.render(node.X)
		if i.info.Types[node.X].Value != nil {
			x = types.TypeString(i.info.TypeOf(node), i.qualify) + "(" + x + ")"
		}
		return fmt.Sprintf("mutant%s(%d, %s, %s)", helperNames[node.Op], id, x, i.render(node.Y)), true
	}
	return "", false
}

func (i *instrumenter) qualify(p *types.Package) string {
	if p == i.pkg {
		return ""
	}
	return p.Name()
}

func (i *instrumenter) unary(node *ast.UnaryExpr) (text string, ok bool) {
	name := map[token.Token]string{token.SUB: "Negate", token.XOR: "Complement"}[node.Op]
	if node.Op != token.NOT && name == "" {
		return "", false
	}
	id, x := i.add("unary", node.OpPos, node.OpPos+1, ""), i.render(node.X)
	if node.Op == token.NOT {
		return fmt.Sprintf("(mutantOn(%d) != !(%s))", id, x), true
	}
	return fmt.Sprintf("mutant%s(%d, %s)", name, id, x), true
}

func (i *instrumenter) step(node *ast.IncDecStmt) (text string, ok bool) {
	id := i.add("step", node.TokPos, node.End(), steps[node.Tok].String())
	x := i.render(node.X)
	if !i.listedStatements[node] { // in the head of a loop
		return fmt.Sprintf("mutant%s(%d, &%s)", map[token.Token]string{token.INC: "Inc", token.DEC: "Dec"}[node.Tok], id, x), true
	}
	return i.drop(node, fmt.Sprintf("if mutantOn(%d) { %s%s } else { %[2]s%[4]s }", id, x, steps[node.Tok], node.Tok)), true
}

func (i *instrumenter) assign(node *ast.AssignStmt) (text string, ok bool) {
	if !i.listedStatements[node] || node.Tok == token.DEFINE || isBlank(node.Lhs) {
		return "", false
	}
	render := func(side []ast.Expr) string {
		texts := make([]string, len(side))
		for n, expr := range side {
			texts[n] = i.render(expr)
		}
		return strings.Join(texts, ", ")
	}
	opposite := assignments[node.Tok]
	if opposite == 0 || !isInteger(i.info.TypeOf(node.Lhs[0])) {
		return i.drop(node, fmt.Sprintf("{ %s %s %s }", render(node.Lhs), node.Tok, render(node.Rhs))), true
	}
	id := i.add("assignment", node.TokPos, node.TokPos+token.Pos(len(node.Tok.String())), opposite.String())
	left, right := render(node.Lhs), render(node.Rhs)
	return i.drop(node, fmt.Sprintf("if mutantOn(%d) { %s %s %s } else { %[2]s %[5]s %[4]s }", id, left, opposite, right, node.Tok)), true
}

func isBlank(left []ast.Expr) bool {
	return !slices.ContainsFunc(left, func(expr ast.Expr) bool {
		name, ok := expr.(*ast.Ident)
		return !ok || name.Name != "_"
	})
}

func (i *instrumenter) call(node *ast.ExprStmt) (text string, ok bool) {
	call, isCall := node.X.(*ast.CallExpr)
	if !isCall || !i.listedStatements[node] || calls(call, "panic") {
		return "", false
	}
	return i.drop(node, "{ "+i.render(call)+" }"), true
}

// drop adds the mutant that does not carry out a statement, whose text is a block or an if with one.
func (i *instrumenter) drop(node ast.Node, text string) string {
	return fmt.Sprintf("if mutantOn(%d) {} else %s", i.add("drop", node.Pos(), node.End(), ""), text)
}

// add adds the mutant that has another text from one place to another, and returns its number.
func (i *instrumenter) add(kind string, start, end token.Pos, text string) int {
	from, to := i.set.Position(start), i.set.Position(end)
	line := strings.LastIndexByte(string(i.file.text[:from.Offset]), '\n') + 1
	rest, _, _ := strings.Cut(string(i.file.text[to.Offset:]), "\n")
	i.mutants = append(i.mutants, mutant{
		ID: len(i.mutants) + 1, File: i.file.name, Line: from.Line, Column: from.Column, Kind: kind, folder: i.folder,
		Before: strings.TrimSpace(string(i.file.text[line:to.Offset]) + rest),
		After:  strings.TrimSpace(string(i.file.text[line:from.Offset]) + text + rest),
	})
	return len(i.mutants)
}

// isInteger reports whether all values of the type are integers.
func isInteger(typ types.Type) bool {
	switch typ := typ.(type) {
	case *types.TypeParam:
		return isInteger(typ.Constraint())
	case *types.Named:
		return isInteger(typ.Underlying())
	case *types.Alias:
		return isInteger(types.Unalias(typ))
	case *types.Basic:
		return typ.Info()&types.IsInteger != 0
	case *types.Interface:
		for n := range typ.NumEmbeddeds() {
			if isInteger(typ.EmbeddedType(n)) {
				return true
			}
		}
	case *types.Union:
		for n := range typ.Len() {
			if !isInteger(typ.Term(n).Type()) {
				return false
			}
		}
		return true
	}
	return false
}
