package canaries_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

const corePath = "github.com/tasksupervisor/tasksupervisor/core"

// checker type-checks cores with planted defects. What does not change is checked once.
type checker struct {
	core     *canaries.Source
	standard types.Importer
	set      *token.FileSet

	mu     sync.Mutex
	parsed map[string]*ast.File // by path, unchanged
	rooms  map[string]*types.Package
}

func newChecker(core *canaries.Source) *checker {
	set := token.NewFileSet()
	return &checker{
		core: core, standard: importer.ForCompiler(set, "source", nil), set: set,
		parsed: map[string]*ast.File{}, rooms: map[string]*types.Package{},
	}
}

// check type-checks the core with some of its files changed.
func (c *checker) check(changed map[string]string) error {
	_, err := c.load(corePath, changed)
	return err
}

func (c *checker) load(path string, changed map[string]string) (*types.Package, error) {
	folder := "."
	if path != corePath {
		folder = strings.TrimPrefix(path, corePath+"/")
	}
	names := c.core.Files(folder)
	intact := true
	for _, name := range names {
		_, ok := changed[name]
		intact = intact && !ok
	}
	if intact && folder != "." {
		c.mu.Lock()
		known := c.rooms[path]
		c.mu.Unlock()
		if known != nil {
			return known, nil
		}
	}
	files := make([]*ast.File, len(names))
	for i, name := range names {
		file, err := c.parse(name, changed)
		if err != nil {
			return nil, err
		}
		files[i] = file
	}
	config := types.Config{Importer: importerFunc(func(path string) (*types.Package, error) {
		if strings.HasPrefix(path, corePath+"/") {
			return c.load(path, changed)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.standard.Import(path)
	})}
	pkg, err := config.Check(path, c.set, files, nil)
	if err == nil && intact {
		c.mu.Lock()
		c.rooms[path] = pkg
		c.mu.Unlock()
	}
	return pkg, err
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
	file, err := parser.ParseFile(c.set, name, c.core.Text(name), parser.SkipObjectResolution)
	c.parsed[name] = file
	return file, err
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
