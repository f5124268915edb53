package convert

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// load reads a file and those that it extends, and returns them as one.
func (c *compose) load(path string, text []byte) (*node, error) {
	if slices.Contains(c.files, path) {
		return nil, &Error{[]Problem{{Place{path, 1, 1}, "extends", "the file extends itself"}}}
	}
	c.files = append(c.files, path)
	if err := readable(path, text); err != nil {
		return nil, err
	}
	root, err := parseYAML(path, text)
	if err != nil {
		return nil, err
	}
	extends := root.get("extends")
	if extends == nil || extends.value.kind != scalar {
		return root, nil
	}
	base := expand(extends.value.text, c.variable).text
	if !filepath.IsAbs(base) {
		base = filepath.Join(filepath.Dir(path), base)
	}
	baseText, err := os.ReadFile(base)
	if err != nil {
		return nil, &Error{[]Problem{{extends.at, "extends", err.Error()}}}
	}
	below, err := c.load(base, baseText)
	if err != nil {
		return nil, err
	}
	c.note(extends.at, "extends", Changed, "what %s says is in the new file, too", base)
	extends.noted = true
	if processes := below.get("processes"); processes != nil {
		for _, e := range processes.value.entries {
			inFolder(e.value, c.relative(filepath.Dir(base)), e.at)
		}
	}
	c.overlay(below, root, nil)
	return below, nil
}

// relative returns a folder as the new file names it, which stands beside the file that is converted.
func (c *compose) relative(folder string) string {
	if rel, err := filepath.Rel(filepath.Dir(c.path), folder); err == nil {
		return rel
	}
	return folder
}

// inFolder has the process of an extended file run in the folder of that file.
func inFolder(process *node, folder string, at Place) {
	dir := process.get("working_dir")
	switch {
	case dir == nil && process.kind == mapping:
		process.set(&entry{at: at, key: "working_dir", value: &node{at: at, kind: scalar, text: folder}, inherited: true})
	case dir != nil && dir.value.kind == scalar && !filepath.IsAbs(dir.value.text):
		dir.value.text = filepath.Join(folder, dir.value.text)
	}
}

// overlay puts the entries of one mapping over those of another, as process-compose merges: mappings key by key, environments
// variable by variable, some lists by appending, and everything else by replacing it. Without a reason to tell, what is replaced is
// accounted for elsewhere.
func (c *compose) overlay(below, above *node, path []string) {
	for _, e := range above.entries {
		old := below.get(e.key)
		at := append(slices.Clone(path), e.key)
		switch {
		case old == nil:
			below.entries = append(below.entries, e)
		case old.value.kind == mapping && e.value.kind == mapping:
			c.overlay(old.value, e.value, at)
			if !e.inherited {
				old.inherited = false
			}
		case old.value.kind == sequence && e.value.kind == sequence && e.key == "environment":
			old.value.items = overlayEnvironment(old.value.items, e.value.items)
			old.at, old.inherited = e.at, e.inherited
		case old.value.kind == sequence && e.value.kind == sequence && (e.key == "entrypoint" || e.key == "args"):
			old.value.items = append(old.value.items, e.value.items...)
			old.at, old.inherited = e.at, e.inherited
		default:
			if !old.inherited {
				c.note(old.at, strings.Join(at, "."), Changed, "%s says it anew", e.at)
			}
			below.set(e)
		}
	}
}

func overlayEnvironment(below, above []*node) []*node {
	names := map[string]bool{}
	for _, item := range above {
		name, _, _ := strings.Cut(item.text, "=")
		names[name] = true
	}
	var merged []*node
	for _, item := range below {
		if name, _, _ := strings.Cut(item.text, "="); !names[name] {
			merged = append(merged, item)
		}
	}
	return append(merged, above...)
}
