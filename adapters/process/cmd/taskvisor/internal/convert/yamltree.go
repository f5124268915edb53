package convert

import (
	"errors"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is a value of a YAML file.
type node struct {
	at      Place
	kind    kind
	text    string   // of a scalar
	entries []*entry // of a mapping
	items   []*node  // of a sequence
}

type kind uint8

const (
	null kind = iota
	scalar
	mapping
	sequence
)

// entry is a key of a mapping and its value.
type entry struct {
	at        Place
	key       string
	path      []string // of all keys from the root, this one included; "[]" stands for the items of a sequence
	value     *node
	noted     bool // it is accounted for
	inherited bool // it is a copy: the original is accounted for
}

// name returns the path as it is told.
func (e *entry) name() string { return strings.ReplaceAll(strings.Join(e.path, "."), ".[]", "[]") }

// get returns the entry of a key, or nil.
func (n *node) get(key string) *entry {
	if n == nil {
		return nil
	}
	for _, e := range n.entries {
		if e.key == key {
			return e
		}
	}
	return nil
}

// set replaces the entry of the same key, or adds the entry.
func (n *node) set(e *entry) {
	for i := range n.entries {
		if n.entries[i].key == e.key {
			n.entries[i] = e
			return
		}
	}
	n.entries = append(n.entries, e)
}

// walk calls a function for each entry below a node, from the outside in.
func (n *node) walk(call func(*entry)) {
	if n == nil {
		return
	}
	for _, e := range n.entries {
		call(e)
		e.value.walk(call)
	}
	for _, item := range n.items {
		item.walk(call)
	}
}

// copied returns a copy whose entries are inherited.
func (n *node) copied() *node {
	if n == nil {
		return nil
	}
	c := *n
	c.entries, c.items = make([]*entry, len(n.entries)), make([]*node, len(n.items))
	for i, e := range n.entries {
		copied := *e
		copied.value, copied.inherited, copied.noted = e.value.copied(), true, false
		c.entries[i] = &copied
	}
	for i, item := range n.items {
		c.items[i] = item.copied()
	}
	return &c
}

// setPaths gives all entries below a node their paths.
func (n *node) setPaths(path []string) {
	path = path[:len(path):len(path)]
	for _, e := range n.entries {
		e.path = append(path, e.key)
		e.value.setPaths(e.path)
	}
	for _, item := range n.items {
		item.setPaths(append(path, "[]"))
	}
}

// maxNodes is how large a file may become by its aliases.
const maxNodes = 100_000

var errTooLarge = errors.New("the file has more values than a file for people has: are its aliases meant?")

// parseYAML reads a file of one document, whose root is a mapping. Aliases and merge keys are replaced by what they stand for.
func parseYAML(file string, text []byte) (*node, error) {
	at := func(line, column int) Place { return Place{file, line, column} }
	parsed, err := parser.ParseBytes(text, 0)
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax):
		place := at(1, 1)
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			place = at(t.Position.Line, t.Position.Column)
		}
		return nil, &Error{[]Problem{{place, "", syntax.GetMessage()}}}
	case err != nil:
		return nil, &Error{[]Problem{{at(1, 1), "", err.Error()}}}
	}
	t := &yamlTree{file: file, anchors: map[string]*node{}}
	root := &node{at: at(1, 1)}
	for _, document := range parsed.Docs {
		if document.Body == nil || document.Body.Type() == ast.CommentType {
			continue
		}
		if root.kind != null {
			return nil, &Error{[]Problem{{t.place(document.Body), "", "a second document: one file is one project"}}}
		}
		root = t.node(document.Body)
	}
	if t.err == nil && root.kind != mapping {
		t.fail(root.at, "the file is not a mapping of keys to values")
	}
	if t.err != nil {
		return nil, t.err
	}
	return root, nil
}

// yamlTree makes nodes of what the parser returns.
type yamlTree struct {
	file    string
	anchors map[string]*node
	nodes   int
	err     *Error // the first
}

func (t *yamlTree) fail(at Place, text string) *node {
	if t.err == nil {
		t.err = &Error{[]Problem{{at, "", text}}}
	}
	return &node{at: at}
}

func (t *yamlTree) place(n ast.Node) Place {
	return t.placeOf(n.GetToken())
}

func (t *yamlTree) placeOf(tk *token.Token) Place {
	if tk == nil || tk.Position == nil {
		return Place{t.file, 1, 1}
	}
	return Place{t.file, tk.Position.Line, tk.Position.Column}
}

func (t *yamlTree) node(from ast.Node) *node {
	if t.nodes++; t.nodes > maxNodes {
		return t.fail(t.place(from), errTooLarge.Error())
	}
	n := &node{at: t.place(from)}
	switch from := from.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		n.kind = mapping
		if len(from.Values) > 0 {
			n.at = t.place(from.Values[0].Key)
		}
		t.fill(n, from.Values)
	case *ast.MappingValueNode:
		n.kind = mapping
		t.fill(n, []*ast.MappingValueNode{from})
	case *ast.SequenceNode:
		n.kind = sequence
		for _, value := range from.Values {
			n.items = append(n.items, t.node(value))
		}
	case *ast.AnchorNode:
		n = t.node(from.Value)
		t.anchors[from.Name.GetToken().Value] = n
	case *ast.AliasNode:
		name := from.Value.GetToken().Value
		original := t.anchors[name]
		if original == nil {
			return t.fail(n.at, "no anchor &"+name+" before it")
		}
		return t.again(original)
	case *ast.TagNode:
		return t.node(from.Value)
	case *ast.LiteralNode:
		n.kind, n.text = scalar, from.Value.Value
	case *ast.StringNode:
		n.kind, n.text = scalar, from.Value
	default: // numbers, and words that YAML reads as something else than text
		n.kind, n.text = scalar, from.GetToken().Value
	}
	return n
}

// again returns a copy of a node for an alias. What it says is accounted for where the anchor is, too, but it may mean
// something else here.
func (t *yamlTree) again(n *node) *node {
	if t.nodes++; t.nodes > maxNodes {
		return t.fail(n.at, errTooLarge.Error())
	}
	c := *n
	c.entries, c.items = nil, nil
	for _, e := range n.entries {
		copied := *e
		copied.value = t.again(e.value)
		c.entries = append(c.entries, &copied)
	}
	for _, item := range n.items {
		c.items = append(c.items, t.again(item))
	}
	return &c
}

func (t *yamlTree) fill(n *node, values []*ast.MappingValueNode) {
	var merged []*entry
	for _, value := range values {
		if value.Key.Type() == ast.MergeKeyType {
			merged = append(merged, t.merge(t.node(value.Value))...)
			continue
		}
		e := &entry{at: t.place(value.Key), value: t.node(value.Value)}
		switch key := value.Key.(type) {
		case *ast.StringNode:
			e.key = key.Value
		default:
			e.key = value.Key.GetToken().Value
		}
		n.set(e)
	}
	for _, e := range merged { // what the mapping says itself counts, then what is merged first
		if n.get(e.key) == nil {
			n.entries = append(n.entries, e)
		}
	}
}

func (t *yamlTree) merge(from *node) []*entry {
	switch from.kind {
	case mapping:
		return from.entries
	case sequence:
		var entries []*entry
		for _, item := range from.items {
			if item.kind != mapping {
				t.fail(item.at, "<< takes mappings")
			}
			entries = append(entries, item.entries...)
		}
		return entries
	case null, scalar:
	}
	t.fail(from.at, "<< takes a mapping")
	return nil
}

// The scalars of YAML, as process-compose reads them.

// yes reads a truth value.
func yes(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "y":
		return true, true
	case "false", "no", "off", "n":
		return false, true
	}
	return false, false
}

// whole reads a whole number that is not out of all proportion.
func whole(text string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n <= largest
}

// largest is for numbers of seconds and the like.
const largest = 1_000_000_000
