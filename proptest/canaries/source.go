package canaries

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Source is the source of a target: its files, tests and commands aside.
type Source struct {
	root    string              // of the module, absolute
	first   string              // the target's first package
	texts   map[string]string   // by path
	folders map[string][]string // the paths of a package's files, by its folder below root
	places  map[string][]string // the paths of the files that declare a function, by its name
}

// function is a declaration in the text of a file.
type function struct {
	name   string
	path   string
	text   string
	tokens *token.File
	decl   *ast.FuncDecl
}

func (f *function) source(n ast.Node) string {
	return f.text[f.tokens.Offset(n.Pos()):f.tokens.Offset(n.End())]
}

// Read reads the source of a target of the module whose root folder is given.
func (t Target) Read(root string) (*Source, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	s := &Source{root: root, first: t.Folders[0], texts: map[string]string{}, folders: map[string][]string{}, places: map[string][]string{}}
	for _, folder := range t.Folders {
		if err := filepath.WalkDir(filepath.Join(root, folder), s.walk); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// notPlanted are the folders in which nothing is planted.
var notPlanted = []string{"testdata", "scenario", "cmd", "supervisortest"}

func (s *Source) walk(name string, entry os.DirEntry, err error) error {
	switch {
	case err != nil:
		return err
	case entry.IsDir() && slices.Contains(notPlanted, entry.Name()):
		return filepath.SkipDir
	case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
		return nil
	}
	return s.read(name)
}

func (s *Source) read(name string) error {
	if built, err := build.Default.MatchFile(filepath.Dir(name), filepath.Base(name)); err != nil || !built {
		return err // a file that a build tag leaves out is in no hunted binary
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder, err := filepath.Rel(s.root, filepath.Dir(name))
	if err != nil {
		return err
	}
	folder = filepath.ToSlash(folder)
	s.texts[name] = string(text)
	s.folders[folder] = append(s.folders[folder], name)
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			full := s.functionName(folder, fn)
			s.places[full] = append(s.places[full], name)
		}
	}
	return nil
}

// Folders returns the folders of the packages, from the module's root folder.
func (s *Source) Folders() []string { return slices.Sorted(maps.Keys(s.folders)) }

// Files returns the paths of the files of the package in a folder.
func (s *Source) Files(folder string) []string { return s.folders[folder] }

// Text returns the text of a file.
func (s *Source) Text(path string) string { return s.texts[path] }

// find returns the function of that name, as it stands in the changed texts.
func (s *Source) find(name string, changed map[string]string) (*function, error) {
	files := s.places[name]
	if len(files) != 1 {
		return nil, fmt.Errorf("there is %s function %q; there is %s", map[bool]string{true: "no", false: "more than one"}[len(files) == 0], name, strings.Join(s.likeFunctions(name), ", "))
	}
	text, ok := changed[files[0]]
	if !ok {
		text = s.texts[files[0]]
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, files[0], text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Rel(s.root, filepath.Dir(files[0]))
	if err != nil {
		return nil, err
	}
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && s.functionName(filepath.ToSlash(folder), fn) == name {
			return &function{name, files[0], text, set.File(file.FileStart), fn}, nil
		}
	}
	return nil, fmt.Errorf("%s is no longer there", name)
}

// likeFunctions lists the functions of the same name, or of the same type.
func (s *Source) likeFunctions(name string) []string {
	var like []string
	for known := range s.places {
		if path.Ext(known) == path.Ext(name) || likeness(known, name) > 0 {
			like = append(like, known)
		}
	}
	slices.SortFunc(like, func(a, b string) int {
		return cmp.Or(cmp.Compare(likeness(b, name), likeness(a, name)), strings.Compare(a, b))
	})
	const most = 60
	return like[:min(most, len(like))]
}

// functionName returns the name by which an [Edit] knows a function: with its receiver's type, and with the folder of
// its package if that is not the target's first.
func (s *Source) functionName(folder string, fn *ast.FuncDecl) string {
	name := fn.Name.Name
	if fn.Recv != nil {
		name = typeName(fn.Recv.List[0].Type) + "." + name
	}
	if folder == s.first {
		return name
	}
	return strings.TrimPrefix(folder, s.first+"/") + "." + name
}

func typeName(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return typeName(expr.X)
	case *ast.IndexExpr:
		return typeName(expr.X)
	case *ast.IndexListExpr:
		return typeName(expr.X)
	case *ast.Ident:
		return expr.Name
	}
	return "?"
}

// Overlay writes changed files to the folder dir, and returns the path of the file there that `go build -overlay` wants.
func Overlay(changed map[string]string, dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for original, text := range changed {
		edited := filepath.Join(dir, fmt.Sprintf("%d-%s", len(overlay.Replace), filepath.Base(original)))
		if err := os.WriteFile(edited, []byte(text), 0o666); err != nil {
			return "", err
		}
		overlay.Replace[original] = edited
	}
	data, err := json.MarshalIndent(overlay, "", "\t")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, data, 0o666)
}
