package taskfile

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// kind is what a value of a TOML document is.
type kind uint8

const (
	kindTable  kind = iota // entries
	kindTables             // items: a list of tables, written [[so]]
	kindArray              // items
	kindString             // text
	kindInteger
	kindFloat
	kindBool
	kindDate
)

// String returns the kind with its article, as errors say it.
func (k kind) String() string {
	return [...]string{"a table", "a list of tables", "a list", "a string", "a whole number", "a number", "true or false", "a date"}[k]
}

// node is a value of a TOML document, with its place.
type node struct {
	kind    kind
	at      Position
	text    string // of a string its content, of the other simple values how they are written
	items   []*node
	entries []entry // in the order of the file

	headed bool // a table with a header of its own
	sealed bool // a table that is written in one place: nothing can be added to it
}

// entry is a key of a table and its value.
type entry struct {
	name  string
	at    Position // of the key
	value *node
}

func (n *node) get(name string) *entry {
	for i := range n.entries {
		if n.entries[i].name == name {
			return &n.entries[i]
		}
	}
	return nil
}

// nul reports the texts with a character that ends a text where a program is given it.
func (n *node) nul(problems *problems, where string) {
	if n.kind == kindString && strings.Contains(n.text, "\x00") {
		problems.add(n.at, where, "has a NUL character, which no program can be given")
	}
	for _, item := range n.items {
		item.nul(problems, where)
	}
	for _, e := range n.entries {
		e.value.nul(problems, below(where, e.name))
	}
}

// document reads TOML. What is wrong with it is added to the problems; the node holds what could be read. If it is not whole, it is
// what stands before something that is no TOML.
//
// go-toml reads into Go values without places, so its parser is used directly here. The rules that concern a document as a whole,
// such as what may be said twice, are checked here first, so that all breaches are reported and not only one. What is left is
// found by [unread] in the end.
func document(source *source, problems *problems) (root *node, whole bool) {
	d := documentReader{source: source, problems: problems, root: &node{kind: kindTable, at: Position{1, 1}}}
	d.current = d.root
	d.parser.Reset(source.text)
	for d.parser.NextExpression() {
		d.expression(d.parser.Expression())
	}
	if err := d.parser.Error(); err != nil {
		d.broken(err)
		return d.root, false
	}
	return d.root, true
}

// unread reports what go-toml cannot read of a document in which nothing else is wrong.
func unread(source *source, problems *problems) {
	var all map[string]any
	err := toml.Unmarshal(source.text, &all)
	at, text := Position{1, 1}, ""
	var decoding *toml.DecodeError
	switch {
	case err == nil:
		return
	case errors.As(err, &decoding):
		at, text = source.positionAt(decoding.Position()), decoding.Error()
	default:
		text = err.Error()
	}
	problems.add(at, "", "%s", strings.TrimPrefix(text, "toml: "))
}

type documentReader struct {
	source   *source
	problems *problems
	parser   unstable.Parser
	root     *node
	current  *node // the table that keys belong to
}

// broken reports where the parser of go-toml ended, and why.
func (d *documentReader) broken(err error) {
	at, text := Position{1, 1}, err.Error()
	var syntax *unstable.ParserError
	if errors.As(err, &syntax) {
		at, text = d.source.position(int(d.parser.Range(syntax.Highlight).Offset)), syntax.Message
	}
	d.problems.add(at, "", "%s", strings.TrimPrefix(text, "toml: "))
}

func (d *documentReader) expression(e *unstable.Node) {
	switch e.Kind {
	case unstable.Table, unstable.ArrayTable:
		d.current = d.header(d.keys(e.Key()), e.Kind == unstable.ArrayTable)
	case unstable.KeyValue:
		d.keyValue(d.current, e)
	default: // the parser yields no other
	}
}

// keyPart is one name of a key such as tasks.redis.
type keyPart struct {
	name string
	at   Position
}

func (d *documentReader) keys(iterator unstable.Iterator) (parts []keyPart) {
	for iterator.Next() {
		n := iterator.Node()
		parts = append(parts, keyPart{string(n.Data), d.at(n)})
	}
	return parts
}

// header returns the table that a header begins.
func (d *documentReader) header(parts []keyPart, list bool) *node {
	last := parts[len(parts)-1]
	table := d.descend(d.root, parts[:len(parts)-1], false)
	known := table.get(last.name)
	switch {
	case known == nil && list:
		item := &node{kind: kindTable, at: last.at, headed: true}
		table.entries = append(table.entries, entry{last.name, last.at, &node{kind: kindTables, at: last.at, items: []*node{item}}})
		return item
	case known == nil:
		begun := &node{kind: kindTable, at: last.at, headed: true}
		table.entries = append(table.entries, entry{last.name, last.at, begun})
		return begun
	case known.value.kind == kindTables && list:
		item := &node{kind: kindTable, at: last.at, headed: true}
		known.value.items = append(known.value.items, item)
		return item
	case known.value.kind == kindTable && !known.value.headed && !known.value.sealed && !list:
		known.value.headed, known.value.at, known.at = true, last.at, last.at
		return known.value
	}
	d.twice(parts, known.at)
	return &node{kind: kindTable, at: last.at}
}

// keyValue adds a key and its value to a table.
func (d *documentReader) keyValue(table *node, e *unstable.Node) {
	parts := d.keys(e.Key())
	last := parts[len(parts)-1]
	table = d.descend(table, parts[:len(parts)-1], true)
	value := d.value(e.Value(), d.valueAt(e))
	if known := table.get(last.name); known != nil {
		d.twice(parts, known.at)
		return
	}
	table.entries = append(table.entries, entry{last.name, last.at, value})
}

// descend returns the table that keys lead to, and makes those that do not exist. Dotted keys make tables that no header
// continues.
func (d *documentReader) descend(table *node, parts []keyPart, dotted bool) *node {
	for i, part := range parts {
		known := table.get(part.name)
		switch {
		case known == nil:
			next := &node{kind: kindTable, at: part.at, headed: dotted}
			table.entries = append(table.entries, entry{part.name, part.at, next})
			table = next
		case known.value.kind == kindTables:
			table = known.value.items[len(known.value.items)-1]
		case known.value.kind == kindTable && !known.value.sealed:
			table = known.value
		default:
			d.twice(parts[:i+1], known.at)
			return &node{kind: kindTable, at: part.at}
		}
	}
	return table
}

func (d *documentReader) twice(parts []keyPart, first Position) {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = part.name
	}
	d.problems.add(parts[len(parts)-1].at, "", "%s is given twice: first in line %d", strings.Join(names, "."), first.Line)
}

// valueAt returns where the value of a key begins. The parser does not keep that of a list.
func (d *documentReader) valueAt(e *unstable.Node) Position {
	var last *unstable.Node
	for keys := e.Key(); keys.Next(); {
		last = keys.Node()
	}
	offset := int(last.Raw.Offset + last.Raw.Length)
	for offset < len(d.source.text) && strings.IndexByte(" \t=", d.source.text[offset]) >= 0 {
		offset++
	}
	return d.source.position(offset)
}

// value returns the node of a value. Lists in lists are where the outer list is.
func (d *documentReader) value(v *unstable.Node, at Position) *node {
	if v.Raw.Length > 0 {
		at = d.at(v)
	}
	n := &node{at: at, text: string(v.Data)}
	switch v.Kind {
	case unstable.Array:
		n.kind = kindArray
		for children := v.Children(); children.Next(); {
			n.items = append(n.items, d.value(children.Node(), at))
		}
	case unstable.InlineTable:
		n.kind = kindTable
		for children := v.Children(); children.Next(); {
			d.keyValue(n, children.Node())
		}
		n.sealed = true
	case unstable.String:
		n.kind = kindString
	case unstable.Integer:
		n.kind = kindInteger
	case unstable.Float:
		n.kind = kindFloat
	case unstable.Bool:
		n.kind = kindBool
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		n.kind = kindDate
	default: // the parser yields no other
	}
	return n
}

func (d *documentReader) at(n *unstable.Node) Position { return d.source.position(int(n.Raw.Offset)) }
