// Package graph draws the tasks and groups of a file, and which of them need which: as a tree for a terminal, for Graphviz, or for
// Mermaid.
package graph

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// Formats are the names of the formats.
func Formats() []string { return []string{"tree", "dot", "mermaid"} }

// Write draws a complete file in a format.
func Write(out io.Writer, file *taskfile.File, format string) error {
	var text strings.Builder
	switch format {
	case "tree":
		tree(&text, file)
	case "dot":
		dot(&text, file)
	case "mermaid":
		mermaid(&text, file)
	default:
		return fmt.Errorf("there is no format %q: it must be one of %s", format, strings.Join(Formats(), ", "))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// tree draws a line for each task and group.
func tree(text *strings.Builder, file *taskfile.File) {
	type line struct{ name, about string }
	var lines []line
	var visit func(g *taskfile.Group, indent string)
	visit = func(g *taskfile.Group, indent string) {
		members := g.Members()
		for i, m := range members {
			branch, below := "├─ ", "│  "
			if i == len(members)-1 {
				branch, below = "└─ ", "   "
			}
			name := m.Name()
			if m.Group != nil {
				name += "/"
			}
			lines = append(lines, line{indent + branch + name, about(m)})
			if m.Group != nil {
				visit(m.Group, indent+below)
			}
		}
	}
	root := line{file.Path, aboutGroup(&file.Group)}
	visit(&file.Group, "")
	width := len([]rune(root.name))
	for _, l := range lines {
		width = max(width, len([]rune(l.name)))
	}
	for _, l := range append([]line{root}, lines...) {
		padded := l.name + strings.Repeat(" ", width-len([]rune(l.name))+2) + l.about
		text.WriteString(strings.TrimRight(padded, " ") + "\n")
	}
}

// about says what a task or group is bound to and needs, and how a group is run.
func about(m taskfile.Member) string {
	var parts []string
	if m.Group != nil {
		if own := aboutGroup(m.Group); own != "" {
			parts = append(parts, own)
		}
	}
	p := m.Policy()
	if len(p.BoundTo) > 0 {
		parts = append(parts, "bound to "+strings.Join(p.BoundTo, ", "))
	}
	if needs := onlyNeeded(p); len(needs) > 0 {
		parts = append(parts, "needs "+strings.Join(needs, ", "))
	}
	if p.Suspended != nil && *p.Suspended {
		parts = append(parts, "suspended")
	}
	return strings.Join(parts, "; ")
}

// onlyNeeded returns what a task needs and is not bound to.
func onlyNeeded(p *taskfile.Policy) []string {
	return slices.DeleteFunc(slices.Clone(p.Needs), func(name string) bool { return slices.Contains(p.BoundTo, name) })
}

func aboutGroup(g *taskfile.Group) string {
	if g.Strategy == "one-for-one" {
		return ""
	}
	return string(g.Strategy)
}

// dot draws for Graphviz. An arrow leads from what needs to what is needed; a thick one says that it is bound to it.
func dot(text *strings.Builder, file *taskfile.File) {
	text.WriteString("digraph tasks {\n  rankdir=LR;\n  compound=true;\n  node [shape=box, fontname=\"sans-serif\"];\n")
	var edges []string
	var visit func(g *taskfile.Group, path, indent string)
	visit = func(g *taskfile.Group, path, indent string) {
		ends := ends(g, path)
		for _, m := range g.Members() {
			at := join(path, m.Name())
			if m.Group == nil {
				fmt.Fprintf(text, "%s%s [label=%s];\n", indent, quoted(at), label(m.Name()))
			} else {
				fmt.Fprintf(text, "%ssubgraph %s {\n%s  label=%s;\n", indent, quoted("cluster_"+at), indent, label(titled(m)))
				visit(m.Group, at, indent+"  ")
				fmt.Fprintf(text, "%s}\n", indent)
			}
			for _, need := range needs(m) {
				from, to := ends[m.Name()], ends[need.name]
				if from == "" || to == "" {
					continue // a group without tasks has no place to draw an arrow to
				}
				var how []string
				if need.bound {
					how = append(how, "style=bold")
				}
				if m.Group != nil {
					how = append(how, "ltail="+quoted("cluster_"+at))
				}
				if from := member(g, need.name); from.Group != nil {
					how = append(how, "lhead="+quoted("cluster_"+join(path, need.name)))
				}
				edge := fmt.Sprintf("  %s -> %s", quoted(from), quoted(to))
				if len(how) > 0 {
					edge += " [" + strings.Join(how, ", ") + "]"
				}
				edges = append(edges, edge+";\n")
			}
		}
	}
	visit(&file.Group, "", "  ")
	text.WriteString(strings.Join(edges, "") + "}\n")
}

// ends returns for each member the task that arrows begin and end at: itself, or the first task of a group; "" if it has none.
func ends(g *taskfile.Group, path string) map[string]string {
	of := make(map[string]string)
	for _, m := range g.Members() {
		of[m.Name()] = join(path, m.Name())
		if m.Group != nil {
			paths, _ := m.Group.All()
			if len(paths) == 0 {
				of[m.Name()] = ""
				continue
			}
			of[m.Name()] = join(join(path, m.Name()), paths[0])
		}
	}
	return of
}

// mermaid draws for Mermaid.
func mermaid(text *strings.Builder, file *taskfile.File) {
	text.WriteString("flowchart LR\n")
	ids := make(map[string]string) // by path: Mermaid's own are plain words
	var edges []string
	var visit func(g *taskfile.Group, path, indent string)
	visit = func(g *taskfile.Group, path, indent string) {
		for _, m := range g.Members() {
			at := join(path, m.Name())
			ids[at] = fmt.Sprintf("n%d", len(ids)+1)
			if m.Group == nil {
				fmt.Fprintf(text, "%s%s[%s]\n", indent, ids[at], escaped(m.Name()))
				continue
			}
			fmt.Fprintf(text, "%ssubgraph %s[%s]\n", indent, ids[at], escaped(titled(m)))
			visit(m.Group, at, indent+"  ")
			fmt.Fprintf(text, "%send\n", indent)
		}
		for _, m := range g.Members() {
			for _, need := range needs(m) {
				arrow := "-->"
				if need.bound {
					arrow = "==>"
				}
				edges = append(edges, fmt.Sprintf("  %s %s %s\n", ids[join(path, m.Name())], arrow, ids[join(path, need.name)]))
			}
		}
	}
	visit(&file.Group, "", "  ")
	text.WriteString(strings.Join(edges, ""))
}

type need struct {
	name  string
	bound bool
}

func needs(m taskfile.Member) (all []need) {
	p := m.Policy()
	for _, name := range p.BoundTo {
		all = append(all, need{name, true})
	}
	for _, name := range onlyNeeded(p) {
		all = append(all, need{name, false})
	}
	return all
}

func member(g *taskfile.Group, name string) taskfile.Member {
	for _, m := range g.Members() {
		if m.Name() == name {
			return m
		}
	}
	return taskfile.Member{}
}

// titled returns the name of a group, with its strategy if that is not the usual one.
func titled(m taskfile.Member) string {
	if own := aboutGroup(m.Group); own != "" {
		return m.Name() + " (" + own + ")"
	}
	return m.Name()
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// quoted returns a text as Graphviz quotes it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// label returns a text as Graphviz quotes one that it shows: there it reads the entities of HTML.
func label(text string) string { return quoted(strings.ReplaceAll(text, "&", "&amp;")) }

// escaped returns a text as Mermaid quotes it. It reads Markdown, HTML and entities in a text: what could be any of these is written
// as the number of its character.
func escaped(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_./()", r) {
			escaped.WriteRune(r)
		} else {
			fmt.Fprintf(&escaped, "#%d;", r)
		}
	}
	return `"` + escaped.String() + `"`
}
