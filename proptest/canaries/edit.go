package canaries

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// Edit changes the body of one function.
//
// The function is named as in Go's documentation: "saturate", "Machine.failed". One of a package below the target's first
// has the package's folder in front: "timers.Queue.Arm"; so has one of another package: "clock.Virtual.Advance".
//
// The place is a piece of Go that occurs once in the body: an expression, one statement or several in a row, or the head
// of a compound statement without its body ("if x > 0", "for _, t := range tasks", "case StatusDead:"), which stands for
// the whole statement. Layout, comments and parentheses do not matter, and the identifier _ stands for any expression.
type Edit struct {
	function string
	verb     string
	place    string // "" is the whole body
	text     string
}

// replace puts text where the place was. Of a case it replaces the head alone.
func replace(function, place, text string) Edit { return Edit{function, "replace", place, text} }

// drop removes statements, or a case with its body.
func drop(function, place string) Edit { return Edit{function, "drop", place, ""} }

// before inserts statements in front of a statement, or a case in front of a case.
func before(function, place, text string) Edit { return Edit{function, "before", place, text} }

// after inserts statements behind a statement, or a case behind a case.
func after(function, place, text string) Edit { return Edit{function, "after", place, text} }

// into inserts statements at the beginning of a case's body, or of a compound statement's.
func into(function, place, text string) Edit { return Edit{function, "into", place, text} }

// without removes an operand of && or ||.
func without(function, place string) Edit { return Edit{function, "without", place, ""} }

// negate turns a condition into its opposite.
func negate(function, place string) Edit { return Edit{function, "negate", place, ""} }

// body replaces the whole body.
func body(function, text string) Edit { return Edit{function, "replace", "", text} }

// splice is a change of a file's text.
type splice struct {
	from, to token.Pos
	text     string
}

// apply makes the edit in the texts changed, which holds what earlier edits made of the target's files.
func (e Edit) apply(source *Source, changed map[string]string) error {
	fn, err := source.find(e.function, changed)
	if err != nil {
		return err
	}
	s, err := e.splice(fn)
	if err != nil {
		return err
	}
	at := func(pos token.Pos) int { return fn.tokens.Offset(pos) }
	changed[fn.path] = fn.text[:at(s.from)] + s.text + fn.text[at(s.to):]
	return nil
}

func (e Edit) splice(fn *function) (splice, error) {
	if e.place == "" {
		return splice{fn.decl.Body.Lbrace + 1, fn.decl.Body.Rbrace, "\n" + e.text + "\n"}, nil
	}
	p, err := parsePattern(e.place)
	if err != nil {
		return splice{}, err
	}
	if p.expr == nil && (e.verb == "without" || e.verb == "negate") {
		return splice{}, fmt.Errorf("%q is not an expression: it cannot be changed by %s", e.place, e.verb)
	}
	if p.expr != nil && (e.verb == "drop" || e.verb == "before" || e.verb == "after") {
		p = p.asStatement()
	}
	m, err := p.findOnce(fn, e.place)
	if err != nil {
		return splice{}, err
	}
	switch e.verb {
	case "replace":
		if clause, ok := m.first.(*ast.CaseClause); ok {
			return splice{clause.Case, clause.Colon + 1, e.text}, nil
		}
		return splice{m.first.Pos(), m.last.End(), e.text}, nil
	case "drop":
		return splice{m.first.Pos(), m.last.End(), ""}, nil
	case "before":
		return splice{m.first.Pos(), m.first.Pos(), e.text + "\n"}, nil
	case "after":
		return splice{m.last.End(), m.last.End(), "\n" + e.text}, nil
	case "into":
		at, err := inside(m.first)
		return splice{at, at, "\n" + e.text + "\n"}, err
	case "negate":
		return splice{m.first.Pos(), m.last.End(), "!(" + fn.source(m.first) + ")"}, nil
	case "without":
		return withoutOperand(fn, m.first, e.place)
	}
	return splice{}, fmt.Errorf("unknown edit %q", e.verb)
}

// inside returns where the body of a compound statement begins.
func inside(n ast.Node) (token.Pos, error) {
	switch n := n.(type) {
	case *ast.CaseClause:
		return n.Colon + 1, nil
	case *ast.IfStmt:
		return n.Body.Lbrace + 1, nil
	case *ast.ForStmt:
		return n.Body.Lbrace + 1, nil
	case *ast.RangeStmt:
		return n.Body.Lbrace + 1, nil
	}
	return token.NoPos, fmt.Errorf("nothing can be inserted into a %s", kindOf(n))
}

// withoutOperand replaces the && or || around an operand by its other operand.
func withoutOperand(fn *function, operand ast.Node, place string) (splice, error) {
	var s splice
	ast.Inspect(fn.decl.Body, func(n ast.Node) bool {
		binary, ok := n.(*ast.BinaryExpr)
		if !ok || binary.Op != token.LAND && binary.Op != token.LOR {
			return true
		}
		switch operand {
		case ast.Unparen(binary.X), binary.X:
			s = splice{binary.Pos(), binary.End(), fn.source(binary.Y)}
		case ast.Unparen(binary.Y), binary.Y:
			s = splice{binary.Pos(), binary.End(), fn.source(binary.X)}
		}
		return true
	})
	if s.from == token.NoPos {
		return s, fmt.Errorf("%s: %q is not an operand of && or ||", fn.name, strings.TrimSpace(place))
	}
	return s, nil
}
