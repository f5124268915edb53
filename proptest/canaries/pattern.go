package canaries

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"reflect"
	"slices"
	"strings"
)

// pattern is a piece of Go to look for: an expression, statements in a row, or the head of a compound statement.
type pattern struct {
	expr  ast.Expr
	stmts []ast.Stmt
	head  bool // stmts is one compound statement or case, whose body does not matter
}

// match is a place where a pattern occurs: one node, or statements in a row.
type match struct{ first, last ast.Node }

func parsePattern(text string) (pattern, error) {
	text = strings.TrimSpace(text)
	word, _, _ := strings.Cut(text, " ")
	switch {
	case word == "case" || text == "default:":
		stmts, err := parseStatements("switch {\n" + text + "\n}")
		if err != nil {
			return pattern{}, fmt.Errorf("%q: %w", text, err)
		}
		return pattern{stmts: stmts[0].(*ast.SwitchStmt).Body.List, head: true}, nil
	case (word == "if" || word == "for" || word == "switch") && !strings.HasSuffix(text, "}"):
		stmts, err := parseStatements(text + " {\n}")
		if err != nil {
			return pattern{}, fmt.Errorf("%q: %w", text, err)
		}
		return pattern{stmts: stmts, head: true}, nil
	}
	if expr, err := parser.ParseExpr(text); err == nil {
		return pattern{expr: expr}, nil
	}
	stmts, err := parseStatements(text)
	if err != nil || len(stmts) == 0 {
		return pattern{}, fmt.Errorf("%q is neither an expression nor statements: %w", text, err)
	}
	return pattern{stmts: stmts}, nil
}

func parseStatements(text string) ([]ast.Stmt, error) {
	expr, err := parser.ParseExpr("func() {\n" + text + "\n}")
	if err != nil {
		return nil, err
	}
	return expr.(*ast.FuncLit).Body.List, nil
}

// asStatement returns the pattern of an expression that stands as a statement, such as a call.
func (p pattern) asStatement() pattern {
	return pattern{stmts: []ast.Stmt{&ast.ExprStmt{X: p.expr}}}
}

// findOnce returns the only place in the function where the pattern occurs. The error says what else there is.
func (p pattern) findOnce(fn *function, text string) (match, error) {
	found := p.find(fn.decl.Body)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return match{}, fmt.Errorf("%s has no %s `%s`; it has:\n\t%s",
			fn.name, p.kind(), text, strings.Join(p.alternatives(fn, text), "\n\t"))
	}
	return match{}, fmt.Errorf("%s has `%s` %d times, not once", fn.name, text, len(found))
}

func (p pattern) find(body *ast.BlockStmt) []match {
	var found []match
	ast.Inspect(body, func(n ast.Node) bool {
		if expr, ok := n.(ast.Expr); ok && p.expr != nil {
			if _, parenthesized := n.(*ast.ParenExpr); !parenthesized && same(p.expr, expr) {
				found = append(found, match{expr, expr})
			}
			return true
		}
		list := statementsOf(n)
		for i := 0; len(p.stmts) > 0 && i+len(p.stmts) <= len(list); i++ {
			if p.matches(list[i : i+len(p.stmts)]) {
				found = append(found, match{list[i], list[i+len(p.stmts)-1]})
			}
		}
		return true
	})
	return found
}

func (p pattern) matches(list []ast.Stmt) bool {
	if p.head {
		return same(headOf(p.stmts[0]), headOf(list[0]))
	}
	for i := range list {
		if !same(p.stmts[i], list[i]) {
			return false
		}
	}
	return true
}

func (p pattern) kind() string {
	if p.expr != nil {
		return "expression"
	}
	if p.head {
		return kindOf(p.stmts[0])
	}
	return "statement"
}

// alternatives lists what of the pattern's kind the function has, what is most like the text first.
func (p pattern) alternatives(fn *function, text string) []string {
	var texts []string
	ast.Inspect(fn.decl.Body, func(n ast.Node) bool {
		if p.expr != nil {
			if reflect.TypeOf(n) == reflect.TypeOf(p.expr) {
				texts = append(texts, oneLine(n))
			}
			return true
		}
		for _, stmt := range statementsOf(n) {
			if !p.head {
				texts = append(texts, oneLine(stmt))
			} else if reflect.TypeOf(stmt) == reflect.TypeOf(p.stmts[0]) {
				texts = append(texts, oneLine(headOf(stmt)))
			}
		}
		return true
	})
	slices.SortStableFunc(texts, func(a, b string) int { return cmp.Compare(likeness(b, text), likeness(a, text)) })
	texts = slices.Compact(texts)
	const most = 8
	if len(texts) > most {
		texts = append(texts[:most], "…")
	}
	if len(texts) == 0 {
		return []string{"nothing of the kind"}
	}
	return texts
}

// likeness counts the words that two texts share.
func likeness(a, b string) int {
	words := func(text string) []string {
		return strings.FieldsFunc(text, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
		})
	}
	n := 0
	for _, word := range words(a) {
		if slices.Contains(words(b), word) {
			n++
		}
	}
	return n
}

// oneLine prints a node as gofmt does, and cuts it after its first line.
func oneLine(n ast.Node) string {
	var text bytes.Buffer
	if err := printer.Fprint(&text, token.NewFileSet(), n); err != nil {
		return err.Error()
	}
	line, _, _ := strings.Cut(text.String(), "\n")
	return line
}

// statementsOf returns the statements of a block or a case, and the cases of a switch.
func statementsOf(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	}
	return nil
}

// headOf returns a compound statement or a case without its body.
func headOf(stmt ast.Stmt) ast.Stmt {
	switch stmt := stmt.(type) {
	case *ast.CaseClause:
		return &ast.CaseClause{List: stmt.List}
	case *ast.IfStmt:
		return &ast.IfStmt{Init: stmt.Init, Cond: stmt.Cond, Body: &ast.BlockStmt{}}
	case *ast.ForStmt:
		return &ast.ForStmt{Init: stmt.Init, Cond: stmt.Cond, Post: stmt.Post, Body: &ast.BlockStmt{}}
	case *ast.RangeStmt:
		return &ast.RangeStmt{Key: stmt.Key, Value: stmt.Value, Tok: stmt.Tok, X: stmt.X, Body: &ast.BlockStmt{}}
	case *ast.SwitchStmt:
		return &ast.SwitchStmt{Init: stmt.Init, Tag: stmt.Tag, Body: &ast.BlockStmt{}}
	}
	return stmt
}

func kindOf(n ast.Node) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast.")
	switch name {
	case "CaseClause":
		return "case"
	case "RangeStmt":
		return "for"
	}
	return strings.ToLower(strings.TrimSuffix(name, "Stmt"))
}

var (
	posType    = reflect.TypeFor[token.Pos]()
	objectType = objectField().Type
)

// objectField is where an identifier points to what it stands for, which is no part of the syntax.
func objectField() reflect.StructField {
	field, _ := reflect.TypeFor[ast.Ident]().FieldByName("Obj")
	return field
}

// same reports whether a node is as the pattern says, whatever its place and layout.
func same(pattern, node any) bool {
	return sameValue(reflect.ValueOf(pattern), reflect.ValueOf(node))
}

func sameValue(p, n reflect.Value) bool {
	p, n = unwrap(p), unwrap(n)
	if !p.IsValid() || !n.IsValid() {
		return p.IsValid() == n.IsValid()
	}
	if ident, ok := p.Interface().(*ast.Ident); ok && ident != nil && ident.Name == "_" {
		_, isExpr := n.Interface().(ast.Expr)
		return isExpr
	}
	if p.Type() != n.Type() {
		return false
	}
	switch p.Kind() {
	case reflect.Pointer:
		if p.IsNil() || n.IsNil() {
			return p.IsNil() == n.IsNil()
		}
		return sameValue(p.Elem(), n.Elem())
	case reflect.Struct:
		for i := range p.NumField() {
			if t := p.Field(i).Type(); t != posType && t != objectType && !sameValue(p.Field(i), n.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if p.Len() != n.Len() {
			return false
		}
		for i := range p.Len() {
			if !sameValue(p.Index(i), n.Index(i)) {
				return false
			}
		}
		return true
	default:
		return p.Interface() == n.Interface()
	}
}

// unwrap takes a value out of its interface, and an expression out of its parentheses.
func unwrap(v reflect.Value) reflect.Value {
	for v.IsValid() {
		if v.Kind() == reflect.Interface {
			v = v.Elem()
			continue
		}
		paren, ok := v.Interface().(*ast.ParenExpr)
		if !ok || paren == nil {
			return v
		}
		v = reflect.ValueOf(paren.X)
	}
	return v
}
