package canaries_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

const modulePath = "github.com/tasksupervisor/tasksupervisor"

// checker type-checks a target with planted defects. What does not change is checked once.
type checker struct {
	source   *canaries.Source
	standard types.Importer
	set      *token.FileSet

	mu     sync.Mutex
	parsed map[string]*ast.File // by path, unchanged
	known  map[string]*types.Package
}

func newChecker(source *canaries.Source) *checker {
	set := token.NewFileSet()
	return &checker{
		source: source, standard: importer.ForCompiler(set, "source", nil), set: set,
		parsed: map[string]*ast.File{}, known: map[string]*types.Package{},
	}
}

// check type-checks all packages of the target with some of their files changed.
func (c *checker) check(changed map[string]string) error {
	done := map[string]*types.Package{}
	for _, folder := range c.source.Folders() {
		if _, err := c.load(folder, changed, done); err != nil {
			return err
		}
	}
	return nil
}

// load type-checks the package in a folder. done are those that were already, with these changes.
func (c *checker) load(folder string, changed map[string]string, done map[string]*types.Package) (*types.Package, error) {
	if pkg := done[folder]; pkg != nil {
		return pkg, nil
	}
	if pkg := c.unchanged(folder, changed); pkg != nil {
		return pkg, nil
	}
	names := c.source.Files(folder)
	files := make([]*ast.File, len(names))
	for i, name := range names {
		file, err := c.parse(name, changed)
		if err != nil {
			return nil, err
		}
		files[i] = file
	}
	config := types.Config{Importer: importerFunc(func(path string) (*types.Package, error) {
		if folder := strings.TrimPrefix(path, modulePath+"/"); slices.Contains(c.source.Folders(), folder) {
			return c.load(folder, changed, done)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.standard.Import(path)
	})}
	pkg, err := config.Check(modulePath+"/"+folder, c.set, files, nil)
	if err != nil {
		return nil, err
	}
	done[folder] = pkg
	if len(changed) == 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.known[folder] = pkg
	}
	return pkg, nil
}

// unchanged returns a package that was type-checked before, if neither it nor what it may import has changed.
func (c *checker) unchanged(folder string, changed map[string]string) *types.Package {
	c.mu.Lock()
	defer c.mu.Unlock()
	pkg := c.known[folder]
	if pkg == nil {
		return nil
	}
	for _, other := range c.reachable(folder) {
		for _, name := range c.source.Files(other) {
			if _, ok := changed[name]; ok {
				return nil
			}
		}
	}
	return pkg
}

// reachable returns the folders of the target's packages that a known one imports, itself and what those import included.
func (c *checker) reachable(folder string) []string {
	folders := []string{folder}
	for i := 0; i < len(folders); i++ {
		for _, pkg := range c.known[folders[i]].Imports() {
			other := strings.TrimPrefix(pkg.Path(), modulePath+"/")
			if c.known[other] != nil && !slices.Contains(folders, other) {
				folders = append(folders, other)
			}
		}
	}
	return folders
}

func (c *checker) parse(name string, changed map[string]string) (*ast.File, error) {
	if text, ok := changed[name]; ok {
		return parser.ParseFile(c.set, filepath.Base(name), text, parser.SkipObjectResolution)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if file := c.parsed[name]; file != nil {
		return file, nil
	}
	file, err := parser.ParseFile(c.set, name, c.source.Text(name), parser.SkipObjectResolution)
	c.parsed[name] = file
	return file, err
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
