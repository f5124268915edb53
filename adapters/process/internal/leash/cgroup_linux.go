package leash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// cgroups is a control group of version 2 that has one for each run in it.
type cgroups struct {
	dir  string
	proc procfs.FS
}

// prefix is what the names of our control groups begin with; the life follows.
const prefix = "tasksupervisor."

// newCgroups makes a control group below that of this process, if it may.
func newCgroups(own life, proc procfs.FS) (*cgroups, error) {
	parent, err := ownCgroup(proc)
	if err != nil {
		return nil, err
	}
	c := &cgroups{dir: filepath.Join(parent, prefix+own.String()), proc: proc}
	if err := os.Mkdir(c.dir, 0o755); err != nil {
		return nil, err
	}
	if err := c.try(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// ownCgroup returns the directory of this process's control group of version 2, also where most controllers are those of version 1.
func ownCgroup(proc procfs.FS) (string, error) {
	path := proc.Cgroup(os.Getpid())
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	root, at, found := mountOf(string(mounts), "cgroup2")
	if path == "" || !found {
		return "", errors.New("no control groups of version 2 are mounted")
	}
	below, err := filepath.Rel(root, path)
	if err != nil || strings.HasPrefix(below, "..") {
		return "", fmt.Errorf("the control group %s of this process is outside those that are mounted at %s", path, at)
	}
	return filepath.Join(at, below), nil
}

// mountOf returns which directory of a file system is mounted, and where: see proc_pid_mountinfo(5).
func mountOf(mounts, kind string) (root, at string, found bool) {
	for line := range strings.SplitSeq(mounts, "\n") {
		mount, source, _ := strings.Cut(line, " - ")
		if fields := strings.Fields(mount); len(fields) > 4 && strings.HasPrefix(source, kind+" ") {
			return unescape(fields[3]), unescape(fields[4]), true
		}
	}
	return "", "", false
}

// unescape replaces what stands for spaces and the like.
func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}

// try tries all that a run needs. The kernel starts a process in the control group only to find that there is no program.
func (c *cgroups) try() error {
	g, err := c.make("try")
	if err != nil {
		return err
	}
	defer g.free()
	if _, err := os.Stat(filepath.Join(g.dir, "cgroup.kill")); err != nil {
		return fmt.Errorf("the kernel cannot kill a control group, as Linux can since 5.14: %w", err)
	}
	dir, err := g.open()
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	_, _, err = syscall.StartProcess("", []string{""}, &syscall.ProcAttr{
		Sys: &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd())},
	})
	if !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("no process can be started in a control group: %w", err)
	}
	return nil
}

// make makes a control group for a run.
func (c *cgroups) make(name string) (*cgroup, error) {
	g := &cgroup{dir: filepath.Join(c.dir, name), proc: c.proc, path: "/" + filepath.Base(c.dir) + "/" + name}
	return g, os.Mkdir(g.dir, 0o755)
}

func (c *cgroups) close() { RemoveCgroup(c.dir) }

// former returns the directories of lives that are over and had the same name.
func (c *cgroups) former(own life) []string {
	return slices.DeleteFunc(c.over(own), func(dir string) bool { return !own.isNamedAs(dir) })
}

// over returns the directories of lives that are over, whatever their name.
func (c *cgroups) over(own life) []string {
	siblings, err := filepath.Glob(filepath.Join(filepath.Dir(c.dir), prefix+"*"))
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(siblings, func(dir string) bool {
		of, ok := lifeOfCgroup(filepath.Base(dir))
		return !ok || !own.over(of, c.proc)
	})
}

// isNamedAs reports whether the life that a control group is of has the same name.
func (l life) isNamedAs(dir string) bool {
	of, ok := lifeOfCgroup(filepath.Base(dir))
	return ok && of.name == l.name
}

// removeFormer kills what is left in the control groups of such lives, and removes them. Those of programs with other names it removes
// if they are empty: a program that was killed, and is never run again, would leave them for ever.
func (c *cgroups) removeFormer(own life) {
	for _, dir := range c.over(own) {
		if own.isNamedAs(dir) {
			_ = KillCgroup(dir)
		}
		RemoveCgroup(dir)
	}
}

// lifeOfCgroup returns whose control group it is.
func lifeOfCgroup(name string) (life, bool) {
	text, ours := strings.CutPrefix(name, prefix)
	of, ok := parseLife(text)
	return of, ours && ok
}

// cgroup is the control group of a run. It is a [holder].
type cgroup struct {
	dir    string
	path   string // the end of it, which the path of a process in it ends with
	proc   procfs.FS
	leader int
}

// open opens the directory, for the kernel to start a process in.
func (g *cgroup) open() (*os.File, error) { return os.Open(g.dir) }

// remaining is for [holder]. Those that a supervisor among them has started count as one.
func (g *cgroup) remaining() (int, func(context.Context) error, error) {
	events, err := os.ReadFile(filepath.Join(g.dir, "cgroup.events"))
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV): // something has removed it, which it can only if it is empty
		return 0, nil, nil
	case err != nil || !populated(events):
		return 0, nil, err
	}
	list, err := g.list()
	return max(1, len(list)), g.await, err
}

// await waits until the control group is empty. The kernel says so to who polls.
func (g *cgroup) await(ctx context.Context) error {
	fd, err := unix.Open(filepath.Join(g.dir, "cgroup.events"), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return sleep(ctx, lookAgain)
	}
	file := os.NewFile(uintptr(fd), "cgroup.events")
	defer func() { _ = file.Close() }()
	return awaitFile(ctx, file, func(fd int) bool {
		var buffer [256]byte
		n, err := unix.Pread(fd, buffer[:], 0)
		return err != nil || !populated(buffer[:n])
	})
}

func populated(events []byte) bool { return bytes.Contains(events, []byte("populated 1")) }

// signal sends signals to the leader's process group, and to each process in the control group that is not in that. What a
// supervisor among them has started is in control groups below.
func (g *cgroup) signal(spared func(pid int) bool, signals ...syscall.Signal) error {
	outside, err := g.hold()
	defer func() {
		for _, file := range outside {
			_ = file.Close()
		}
	}()
	for _, signal := range signals {
		err = errors.Join(err, signalGroup(g.leader, signal))
		for pid, file := range outside {
			if !spared(pid) {
				err = errors.Join(err, signalBy(file, signal))
			}
		}
	}
	return err
}

// hold holds the processes in the control group that are outside the leader's process group.
func (g *cgroup) hold() (map[int]*os.File, error) {
	list, err := g.list()
	outside := map[int]*os.File{}
	for _, pid := range list {
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			continue
		}
		file := pollable(fd)
		// What is read is of the process that is held, unless that has ended.
		p, err := g.proc.Stat(pid)
		if err != nil || p.Group == g.leader || !strings.HasSuffix(g.proc.Cgroup(pid), g.path) || ended(fd) {
			_ = file.Close()
			continue
		}
		outside[pid] = file
	}
	return outside, err
}

// list returns the numbers of the processes in the control group itself, zombies aside.
func (g *cgroup) list() ([]int, error) {
	text, err := os.ReadFile(filepath.Join(g.dir, "cgroup.procs"))
	var pids []int
	for word := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 { // 0 is one of a namespace that we do not see
			pids = append(pids, pid)
		}
	}
	return pids, err
}

// kill is for [holder]. If no descriptor is left to kill all with, most have the leader's process group.
func (g *cgroup) kill() error {
	if err := KillCgroup(g.dir); err != nil {
		return errors.Join(err, signalGroup(g.leader, syscall.SIGKILL))
	}
	return nil
}

func (g *cgroup) free() { RemoveCgroup(g.dir) }

// KillCgroup kills all that is in a control group and below it, also what is being started.
func KillCgroup(dir string) error {
	return os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
}

// RemoveCgroup removes a control group, with those below it that a supervisor in it may have left. It stays if something is alive in it.
func RemoveCgroup(dir string) {
	if err := unix.Rmdir(dir); err == nil {
		return
	}
	var dirs []string
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	for _, dir := range slices.Backward(dirs) {
		_ = unix.Rmdir(dir)
	}
}
