package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// FormatError says where a file is not a recording.
type FormatError struct {
	File    string
	Field   string // such as "scenario.tasks[1].script[0].outcome"; empty for the file as a whole
	Problem string
}

func (e *FormatError) Error() string {
	if e.Field == "" {
		return e.File + ": " + e.Problem
	}
	return e.File + ": " + e.Field + ": " + e.Problem
}

// document is a JSON file that is being read. Reading goes on after a mistake, with zero values; the first mistake is
// kept.
type document struct {
	file    string
	mistake *FormatError
}

// node is one value of a document and the path to it.
type node struct {
	*document
	path  string
	value any
}

func parse(file string, data []byte) node {
	root := node{document: &document{file: file}}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&root.value); err != nil {
		root.mistaken("is not JSON: " + err.Error())
	} else if _, err := decoder.Token(); err != io.EOF {
		root.mistaken("has data after its JSON")
	}
	return root
}

func (n node) mistaken(problem string) {
	if n.mistake == nil {
		n.mistake = &FormatError{File: n.file, Field: n.path, Problem: problem}
	}
}

// has reports whether an object has a field that is not null.
func (n node) has(name string) bool {
	object, _ := n.value.(map[string]any)
	return object[name] != nil
}

func (n node) field(name string) node {
	found := node{document: n.document, path: name}
	if n.path != "" {
		found.path = n.path + "." + name
	}
	object, ok := n.value.(map[string]any)
	if !ok {
		n.mistaken("is not an object")
		return found
	}
	if found.value, ok = object[name]; !ok {
		found.mistaken("is missing")
	}
	return found
}

func (n node) list() []node {
	values, ok := n.value.([]any)
	if !ok {
		n.mistaken("is not a list")
		return nil
	}
	nodes := make([]node, len(values))
	for i, value := range values {
		nodes[i] = node{document: n.document, path: fmt.Sprintf("%s[%d]", n.path, i), value: value}
	}
	return nodes
}

func (n node) text() string {
	text, ok := n.value.(string)
	if !ok {
		n.mistaken("is not a string")
	}
	return text
}

func (n node) oneOf(words ...string) string {
	text := n.text()
	for _, word := range words {
		if text == word {
			return text
		}
	}
	n.mistaken(fmt.Sprintf("is %q, which is none of %q", text, words))
	return text
}

func (n node) boolean() bool {
	value, ok := n.value.(bool)
	if !ok {
		n.mistaken("is not true or false")
	}
	return value
}

func (n node) whole(bits int) uint64 {
	number, ok := n.value.(json.Number)
	whole, err := strconv.ParseUint(number.String(), 10, bits)
	if !ok || err != nil {
		n.mistaken(fmt.Sprintf("is not a whole number of %d bits", bits))
		return 0
	}
	return whole
}

func (n node) decimal() float64 {
	number, ok := n.value.(json.Number)
	decimal, err := number.Float64()
	if !ok || err != nil {
		n.mistaken("is not a number")
		return 0
	}
	return decimal
}

// entries returns the fields of an object whose names are data.
func (n node) entries() map[string]node {
	object, ok := n.value.(map[string]any)
	if !ok {
		n.mistaken("is not an object")
	}
	entries := make(map[string]node, len(object))
	for name, value := range object {
		entries[name] = node{document: n.document, path: n.path + "." + name, value: value}
	}
	return entries
}
