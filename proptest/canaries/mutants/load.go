package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// listed is a package that is mutated, as `go list` describes it, with its syntax and types.
type listed struct {
	Dir        string
	ImportPath string
	Export     string
	GoFiles    []string
	DepOnly    bool

	module string // the folder in which everything runs
	folder string // relative to it, with slashes
	set    *token.FileSet
	files  []*file
	pkg    *types.Package
	info   *types.Info
}

type file struct {
	name   string // relative to the module's folder, with slashes
	path   string
	text   []byte
	syntax *ast.File
}

// tables are files of the core that decide nothing.
var tables = []string{"help.go", "names.go"}

// load reads the package in a folder and those below it. The folder is relative to the module's, which is the working
// folder, or absolute; then the module is the one that it is in.
func load(ctx context.Context, core string) ([]*listed, error) {
	module := "."
	if filepath.IsAbs(core) {
		module, core = filepath.Split(core)
	}
	module, err := filepath.Abs(module)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,DepOnly", "./"+filepath.ToSlash(core)+"/...")
	command.Dir, command.Stderr = module, os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	var packages []*listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := &listed{module: module}
		if err := decoder.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && path.Base(p.ImportPath) != "scenario" {
			packages = append(packages, p)
		}
	}
	for _, p := range packages {
		if err := p.parse(exports); err != nil {
			return nil, err
		}
	}
	return packages, nil
}

func (p *listed) parse(exports map[string]string) error {
	folder, err := filepath.Rel(p.module, p.Dir)
	if err != nil {
		return err
	}
	p.folder = filepath.ToSlash(folder)
	p.set = token.NewFileSet()
	var syntax []*ast.File
	for _, name := range p.GoFiles {
		f := &file{name: path.Join(p.folder, name), path: filepath.Join(p.Dir, name)}
		if f.text, err = os.ReadFile(f.path); err != nil {
			return err
		}
		if f.syntax, err = parser.ParseFile(p.set, f.path, f.text, parser.SkipObjectResolution|parser.ParseComments); err != nil {
			return err
		}
		syntax = append(syntax, f.syntax)
		if !slices.Contains(tables, name) {
			p.files = append(p.files, f)
		}
	}
	config := types.Config{Importer: importer.ForCompiler(p.set, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	p.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	p.pkg, err = config.Check(p.ImportPath, p.set, syntax, p.info)
	return err
}
