//go:build system

package acceptance_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is one that /proc shows.
type process struct {
	pid, parent int
	state       byte
	command     string
	marks       []string // what it shows of itself: arguments, environment, directory, open files
}

func (p process) String() string { return fmt.Sprintf("%d %c %s", p.pid, p.state, p.command) }

// survey returns all processes of the machine.
func survey() (all []process) {
	directories, _ := filepath.Glob("/proc/[0-9]*")
	for _, directory := range directories {
		if p, err := look(directory); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// look reads what there is to know of a process, unless it has ended.
func look(directory string) (p process, err error) {
	stat, err := os.ReadFile(directory + "/stat")
	if err != nil {
		return p, err
	}
	name := bytes.LastIndexByte(stat, ')') // a name may hold anything
	fields := strings.Fields(string(stat[name+1:]))
	p.pid, _ = strconv.Atoi(filepath.Base(directory))
	p.state = fields[0][0]
	p.parent, _ = strconv.Atoi(fields[1])
	arguments, _ := os.ReadFile(directory + "/cmdline")
	environment, _ := os.ReadFile(directory + "/environ")
	p.command = strings.TrimSpace(strings.ReplaceAll(string(arguments), "\x00", " "))
	p.marks = append(p.marks, string(arguments), string(environment))
	files, _ := filepath.Glob(directory + "/fd/*")
	for _, link := range append(files, directory+"/cwd") {
		if target, err := os.Readlink(link); err == nil {
			p.marks = append(p.marks, target)
		}
	}
	return p, nil
}

// shows reports whether a process has a text in its arguments or environment, or among its open files.
func (p process) shows(text string) bool {
	return slices.ContainsFunc(p.marks, func(mark string) bool { return strings.Contains(mark, text) })
}

// lives returns, of each life of a leaker below a directory, the processes that are alive: they have its file among their
// arguments, in their environment, or open.
func lives(all []process, directory string) map[string][]process {
	file := regexp.MustCompile(regexp.QuoteMeta(directory) + `/(\w+/run-\d+)`)
	found := map[string][]process{}
	for _, p := range all {
		if p.state == 'Z' || p.pid == os.Getpid() {
			continue
		}
		var of []string
		for _, mark := range p.marks {
			for _, life := range file.FindAllStringSubmatch(mark, -1) {
				of = append(of, life[1])
			}
		}
		slices.Sort(of)
		for _, life := range slices.Compact(of) {
			found[life] = append(found[life], p)
		}
	}
	return found
}

// children returns the processes that a process has, and of them the zombies.
func children(all []process, parent int) (alive, zombies []process) {
	for _, p := range all {
		switch {
		case p.parent != parent:
		case p.state == 'Z':
			zombies = append(zombies, p)
		default:
			alive = append(alive, p)
		}
	}
	return alive, zombies
}

// held reports whether a process holds the lock of a life: what /proc says is not all there is to go by.
func held(t *testing.T, life string) bool {
	t.Helper()
	file, err := os.Open(life)
	if err != nil {
		t.Fatal(err)
	}
	locked := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
	_ = file.Close()
	return locked
}

// exterminate kills all that shows a text, until there is nothing left of it.
func exterminate(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; {
		left := 0
		for _, p := range survey() {
			if p.state != 'Z' && p.pid != os.Getpid() && p.shows(text) {
				left++
				_ = syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%d processes of %s cannot be killed", left, text)
			return
		}
	}
}

// limit is how long a test waits for what has to come. It decides nothing: a test that waits so long has failed.
const limit = 30 * time.Second

// await looks until something is the case.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}
