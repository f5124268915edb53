package leash

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// A process that is about to execute a program has no environment, and so no token. It gets the signal all the same, however old it is.
func TestSignalReachesWhatIsAboutToExecute(t *testing.T) {
	child := exec.Command("/bin/sleep", "600")
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill() })
	pid := child.Process.Pid
	proc := newFakeProc(t, pid)
	proc.write("environ", "")
	looks := 0
	k := &pack{
		census: &census{proc: proc.FS},
		marked: func(_ int, tokens string) bool {
			if looks++; looks == 3 {
				proc.write("environ", Variable+"=mine\x00")
			}
			return tokens == "mine"
		},
		foreign: func(*procfs.Process) bool { return false },
	}
	require.NoError(t, k.signal(spareNone, syscall.SIGTERM))
	require.Contains(t, k.held, pid)
	k.free()
	var ended *exec.ExitError
	require.ErrorAs(t, child.Wait(), &ended)
	require.Equal(t, syscall.SIGTERM, ended.Sys().(syscall.WaitStatus).Signal())
}

// What a supervisor among the members has started is spared while it is about to execute a program, too.
func TestWhatIsAboutToExecuteIsSpared(t *testing.T) {
	system, err := procfs.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = system.Close() })
	own, err := newLife("outer", system)
	require.NoError(t, err)
	t.Cleanup(own.end)
	inner, err := newLife("inner", system)
	require.NoError(t, err)
	t.Cleanup(inner.end)
	l := &Leash{life: own, census: &census{}}
	mine := token(own.String(), "task", 1)

	const pid = 4711
	proc := newFakeProc(t, pid)
	l.census.proc = proc.FS
	proc.write("later", Variable+"="+mine+between+token(inner.String(), "task", 1)+"\x00")
	environ := filepath.Join(proc.folder, "environ")
	require.NoError(t, syscall.Mkfifo(environ, 0o600))
	replaced := make(chan struct{})
	go func() {
		defer close(replaced)
		first, err := os.OpenFile(environ, os.O_WRONLY, 0) // when it is read
		if err == nil {
			_ = os.Rename(filepath.Join(proc.folder, "later"), environ)
			_ = first.Close()
		}
	}()
	require.True(t, l.underAnother(pid, mine))
	<-replaced
}

// fakeProc is a folder like /proc, with one process that was started long ago, and is about to execute a program.
type fakeProc struct {
	procfs.FS
	t      *testing.T
	folder string // of the process
}

func newFakeProc(t *testing.T, pid int) *fakeProc {
	t.Helper()
	proc := t.TempDir()
	f := &fakeProc{t: t, folder: filepath.Join(proc, strconv.Itoa(pid))}
	require.NoError(t, os.Mkdir(f.folder, 0o755))
	const number, start, last = 1, 22, 52 // as proc_pid_stat(5) counts
	fields := strings.Fields(strings.Repeat("0 ", last))
	for i, text := range map[int]string{number: strconv.Itoa(pid), 2: "(sh)", 3: "R", 4: "1", 5: strconv.Itoa(pid), 6: strconv.Itoa(pid), start: "1"} {
		fields[i-1] = text
	}
	f.write("stat", strings.Join(fields, " "))
	var err error
	f.FS, err = procfs.OpenAt(proc)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.FS.Close() })
	return f
}

func (f *fakeProc) write(name, text string) {
	f.t.Helper()
	require.NoError(f.t, os.WriteFile(filepath.Join(f.folder, name), []byte(text), 0o644))
}
