package convert

import (
	"strings"
)

// section is a section of a file as Python's ConfigParser reads it.
type section struct {
	at      Place
	name    string
	options []*option
}

// option is a key of a section and its value.
type option struct {
	at      Place
	section string
	key     string // in small letters
	value   string
	noted   bool
}

func (o *option) name() string { return "[" + o.section + "] " + o.key }

// ini is a file, or several that are read as one.
type ini struct {
	sections []*section
}

func (f *ini) section(name string) *section {
	for _, s := range f.sections {
		if s.name == name {
			return s
		}
	}
	return nil
}

// get returns the option of a key, or nil.
func (s *section) get(key string) *option {
	if s == nil {
		return nil
	}
	for _, o := range s.options {
		if o.key == key {
			return o
		}
	}
	return nil
}

// read adds what a file says. A section that is there already goes on, and an option that is there already gets the new value.
func (f *ini) read(file, text string, books *books) {
	var in *section
	var last *option
	indent := 0 // of the line of the last option
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		content := withoutComment(line)
		trimmed := strings.TrimSpace(content)
		column := len(line) - len(strings.TrimLeft(line, " \t")) + 1
		at := Place{file, i + 1, column}
		switch {
		case trimmed == "":
			if strings.TrimSpace(line) == "" && last != nil {
				last.value += "\n" // an empty line in a value; it is trimmed where it ends one
			}
		case column-1 > indent && last != nil:
			last.value += "\n" + trimmed
		case strings.HasPrefix(trimmed, "[") && strings.Contains(trimmed, "]"):
			name := trimmed[1:strings.LastIndex(trimmed, "]")]
			if in = f.section(name); in == nil {
				in = &section{at: at, name: name}
				f.sections = append(f.sections, in)
			}
			last, indent = nil, column-1
		case in == nil:
			books.problem(at, "", "%q is before the first [section]", trimmed)
		default:
			cut := strings.IndexAny(trimmed, "=:")
			if cut <= 0 {
				books.problem(at, "", "%q is not key=value", trimmed)
				continue
			}
			key, value := strings.ToLower(strings.TrimSpace(trimmed[:cut])), strings.TrimSpace(trimmed[cut+1:])
			o := &option{at: at, section: in.name, key: key, value: value}
			if before := in.get(key); before != nil {
				books.note(before.at, before.name(), Changed, "%s says it anew", at)
				*before = *o
				o = before
			} else {
				in.options = append(in.options, o)
			}
			last, indent = o, column-1
		}
	}
	for _, s := range f.sections {
		for _, o := range s.options {
			o.value = strings.TrimRight(o.value, "\n")
		}
	}
}

// withoutComment returns a line up to a # or ; that begins it or follows a space.
func withoutComment(line string) string {
	for i, r := range line {
		if (r == '#' || r == ';') && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}
