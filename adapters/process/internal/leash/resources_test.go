//go:build linux

package leash

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A process that runs costs no thread: its end is waited for in the poller. 64 of them would cost as many.
func TestRunningProcessesCostNoThread(t *testing.T) {
	for _, cgroup := range []bool{false, true} {
		l := leashOf(t, Config{Name: "test", Cgroup: cgroup})
		before := threads(t)
		var groups []*started
		for range 64 {
			g := start(t, l, "wait")
			g.expect(t, "up")
			groups = append(groups, g)
		}
		require.Less(t, threads(t)-before, 16)
		for _, g := range groups {
			require.NoError(t, g.Kill())
			g.reap(t)
		}
	}
}

func threads(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/task")
	require.NoError(t, err)
	return len(entries)
}

// A process inherits what it was given, and nothing else of this one.
func TestFilesOfAChild(t *testing.T) {
	want := slices.DeleteFunc(inheritable(), func(fd int) bool { return fd < 3 }) // what this process was started with
	want = append([]int{0, 1, 2}, want...)
	for _, cgroup := range []bool{false, true} {
		l := leashOf(t, Config{Name: "test", Cgroup: cgroup})
		other := start(t, l, "wait") // whose pidfd is open
		other.expect(t, "up")
		g := start(t, l, "files")
		g.expect(t, fmt.Sprint(want))
		require.Zero(t, g.reap(t).Code)
	}
}

// inheritable returns the descriptors that whatever is executed has, too.
func inheritable() []int {
	entries, err := os.ReadDir("/proc/self/fd")
	must(err)
	var inherited []int
	for _, entry := range entries {
		fd := atoi(entry.Name())
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			inherited = append(inherited, fd)
		}
	}
	slices.Sort(inherited)
	return inherited
}

// Nothing is left of a run in this process, and no control group.
func TestRunsLeaveNothingOpen(t *testing.T) {
	for _, cgroup := range []bool{false, true} {
		l := leashOf(t, Config{Name: "test", Cgroup: cgroup})
		cycle := func() {
			g, err := l.Start(Spec{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 3"}})
			require.NoError(t, err)
			require.NoError(t, g.Signal(syscall.SIGTERM))
			require.NoError(t, g.Empty(t.Context()))
			_, err = g.Reap()
			require.NoError(t, err)
			_, err = l.Start(Spec{Path: "/does/not/exist"})
			require.Error(t, err)
		}
		cycle() // opens what stays open
		before := open(t)
		for range 50 {
			cycle()
		}
		require.Equal(t, before, open(t))
		require.Empty(t, l.groups)
		if dir, _ := l.Cgroup(); dir != "" {
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.False(t, slices.ContainsFunc(entries, os.DirEntry.IsDir))
		}
	}
}

// open returns the descriptors that are open.
func open(t *testing.T) []string {
	t.Helper()
	dir, err := os.Open("/proc/self/fd")
	require.NoError(t, err)
	names, err := dir.Readdirnames(-1)
	require.NoError(t, err)
	own := strconv.Itoa(int(dir.Fd()))
	require.NoError(t, dir.Close())
	names = slices.DeleteFunc(names, func(name string) bool { return name == own })
	slices.Sort(names)
	return names
}

// Where no descriptor is left, a start fails and says why, and what runs can be killed. Whether it is empty cannot be said before there is
// one again.
func TestNoDescriptorLeft(t *testing.T) {
	for _, cgroup := range []string{"false", "true"} {
		g := start(t, newLeash(t), "exhausted "+cgroup)
		g.expect(t, "up")
		line, err := g.output.ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, "too many open files")
		g.expect(t, "killed")
		line, err = g.output.ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, "too many open files")
		g.expect(t, "empty")
		require.Zero(t, g.reap(t).Code)
	}
}

// exhausted is a supervisor that has no descriptor left.
func exhausted(args []string) {
	l, err := New(Config{Name: "test", Cgroup: args[0] == "true"})
	must(err)
	spec := Spec{Path: "/proc/self/exe", Args: []string{"wait"}, Env: append(os.Environ(), as+"=wait"), Files: []*os.File{nil, os.Stdout, os.Stderr}}
	read, write, err := os.Pipe()
	must(err)
	spec.Files[1] = write
	g, err := l.Start(spec)
	must(err)
	_, err = read.Read(make([]byte, 3))
	must(err)
	say("up")
	var open []int
	for {
		fd, err := unix.Dup(0)
		if err != nil {
			break
		}
		open = append(open, fd)
	}
	_, err = l.Start(spec)
	say(err)
	_ = g.Kill() // which cannot look for what has left the process group
	<-g.Ended()
	say("killed")
	_, err = g.Alive()
	say(err)
	for _, fd := range open {
		must(unix.Close(fd))
	}
	must(g.Empty(context.Background()))
	say("empty")
	_, err = g.Reap()
	must(err)
}

func TestStartErrorsSayWhatIsMissing(t *testing.T) {
	for err, op := range map[syscall.Errno]string{
		syscall.EAGAIN: "fork for", syscall.ENOMEM: "fork for", syscall.EMFILE: "fork for", syscall.ENFILE: "fork for", syscall.ENOEXEC: "exec",
	} {
		problem := startError(&Spec{Path: "/bin/x"}, err)
		require.ErrorIs(t, problem, err)
		require.True(t, strings.HasPrefix(problem.Error(), op+" /bin/x: "), problem)
	}
}
