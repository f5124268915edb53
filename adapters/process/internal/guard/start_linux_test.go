package guard

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// depth is how often the program of TestAChildHasOneGuard was executed so far.
const depth = "GUARD_TEST_DEPTH"

// again is that program.
func again(soFar string) {
	times, err := strconv.Atoi(soFar)
	if err != nil || times > 3 { // or there would be no end
		os.Exit(9)
	}
	_ = os.Setenv(depth, strconv.Itoa(times+1))
	link, err := Start(nil)
	fmt.Println(link != nil, err, os.Getenv(depth), os.Getenv(Variable))
	os.Exit(7)
}

// Whatever is in the variable, the program is executed once more, and what it starts does not take itself for its child.
func TestAChildHasOneGuard(t *testing.T) {
	for value, want := range map[string]string{
		"on":  "true <nil> 2 \n",
		"off": "false TASKSUPERVISOR_GUARD is off 1 off\n",
		"1":   "false the program is a test 1 1\n",
	} {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), depth+"=0", Variable+"="+value)
		out, err := cmd.Output()
		require.Error(t, err)
		require.Equal(t, 7, cmd.ProcessState.ExitCode(), value)
		require.Equal(t, want, string(out), value)
	}
}

// What the child has told is known to the guard at once: a signal that comes then is not a stranger's, and a kill leaves no control group.
func TestWhatIsToldHasArrived(t *testing.T) {
	for range 1000 {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		require.NoError(t, err)
		g := &guard{link: os.NewFile(uintptr(fds[0]), "guard")}
		over := make(chan struct{})
		go func() {
			defer close(over)
			g.read()
		}()
		socket := os.NewFile(uintptr(fds[1]), "child")
		link := connect(1, socket, nil)
		require.NoError(t, link.send(hello))
		require.True(t, g.reads.Load())
		require.NoError(t, link.Cgroup("/one"))
		require.NoError(t, link.Cgroup("/other"))
		require.Equal(t, []string{"/one", "/other"}, told(g))
		require.NoError(t, link.NoCgroup("/one"))
		require.Equal(t, []string{"/other"}, told(g))
		require.NoError(t, socket.Close())
		<-over
		require.NoError(t, g.link.Close())
		<-link.Lost
		require.Error(t, link.Cgroup("/else"))
	}
}

func told(g *guard) (dirs []string) {
	g.eachCgroup(func(dir string) { dirs = append(dirs, dir) })
	return dirs
}
