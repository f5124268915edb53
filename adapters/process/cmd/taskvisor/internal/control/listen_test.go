package control_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

func TestTheSocketLiesBesideTheFile(t *testing.T) {
	path := file(t)
	listener, err := control.Listen(control.Places(path)...)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(resolved(t, filepath.Dir(path)), ".taskvisor-tasks.toml.sock"), listener.Path())
	info, err := os.Lstat(listener.Path())
	require.NoError(t, err)
	require.Equal(t, os.ModeSocket|0o600, info.Mode())
	require.NoError(t, listener.Close())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Empty(t, entries, "nothing is left")
}

// However a file is named, its socket is the same.
func TestOneFileHasOneSocket(t *testing.T) {
	path := file(t)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(filepath.Dir(path), link))
	t.Chdir(filepath.Dir(path))
	require.Equal(t, control.Places(path), control.Places(filepath.Join(link, "tasks.toml")))
	require.Equal(t, control.Places(path), control.Places("tasks.toml"))
	require.NotEqual(t, control.Places(path), control.Places("Procfile"))
}

func TestALivingSupervisorIsNotReplaced(t *testing.T) {
	path := file(t)
	serve(t, control.NewHandler(control.Visor{Info: control.Info{PID: 4711}}), path)
	_, err := control.Listen(control.Places(path)...)
	var running *control.RunningError
	require.ErrorAs(t, err, &running)
	require.Equal(t, 4711, running.PID)
	require.Contains(t, err.Error(), "pid 4711")
}

// One that was stopped by Ctrl-Z takes no request, and lives.
func TestASilentSupervisorIsNotReplaced(t *testing.T) {
	path := file(t)
	silent, err := control.Listen(control.Places(path)...)
	require.NoError(t, err)
	defer func() { require.NoError(t, silent.Close()) }()
	_, err = control.Listen(control.Places(path)...)
	var running *control.RunningError
	require.ErrorAs(t, err, &running)
	_, err = control.Dial(t.Context(), control.Places(path)...)
	var mute *control.NotAnsweringError
	require.ErrorAs(t, err, &mute)
	if runtime.GOOS == "linux" {
		require.Equal(t, os.Getpid(), running.PID)
		require.Equal(t, os.Getpid(), mute.PID)
	}
}

func TestTheSocketOfADeadSupervisorIsReplaced(t *testing.T) {
	path := file(t)
	dead, err := net.Listen("unix", control.Places(path)[0])
	require.NoError(t, err)
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	require.NoError(t, dead.Close())

	_, err = control.Dial(t.Context(), control.Places(path)...)
	require.ErrorAs(t, err, new(*control.NotRunningError))
	serve(t, http.NotFoundHandler(), path)
	_, err = control.Dial(t.Context(), control.Places(path)...)
	var refusal *control.Error
	require.ErrorAs(t, err, &refusal, "something answers")
}

// A supervisor that is slow to end does not remove the socket of the next.
func TestTheSocketOfAnotherIsNotRemoved(t *testing.T) {
	path := file(t)
	first, err := control.Listen(control.Places(path)...)
	require.NoError(t, err)
	require.NoError(t, first.Listener.Close()) // it has died, and its socket is there
	second, err := control.Listen(control.Places(path)...)
	require.NoError(t, err)
	first.Remove()
	require.FileExists(t, second.Path())
	require.NoError(t, second.Close())
	require.NoFileExists(t, second.Path())
}

func TestAFileIsNotReplacedByASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "precious")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := control.Listen(path)
	require.ErrorAs(t, err, new(*control.NoPlaceError))
	require.ErrorContains(t, err, "not a socket")
	require.FileExists(t, path)
}

// Where there is no room beside the file, the socket is in a folder of the user's.
func TestThereAreOtherPlaces(t *testing.T) {
	private := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", private)
	deep := filepath.Join(t.TempDir(), strings.Repeat("d", 120))
	require.NoError(t, os.Mkdir(deep, 0o700))
	for name, path := range map[string]string{
		"too long":    filepath.Join(deep, "tasks.toml"),
		"not to open": filepath.Join(t.TempDir(), "missing", "tasks.toml"),
	} {
		listener, err := control.Listen(control.Places(path)...)
		require.NoError(t, err, name)
		require.Equal(t, filepath.Join(private, "taskvisor"), filepath.Dir(listener.Path()), name)
		info, err := os.Stat(filepath.Dir(listener.Path()))
		require.NoError(t, err)
		require.Equal(t, os.ModeDir|0o700, info.Mode(), name)
		require.NoError(t, listener.Close())
	}
}

// A folder that others can write to could have a socket of theirs in it.
func TestAFolderOfOthersIsNotTrusted(t *testing.T) {
	private := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", private)
	require.NoError(t, os.Mkdir(filepath.Join(private, "taskvisor"), 0o700))
	require.NoError(t, os.Chmod(filepath.Join(private, "taskvisor"), 0o777))
	_, err := control.Listen(control.Places(filepath.Join(t.TempDir(), "missing", "tasks.toml"))...)
	var none *control.NoPlaceError
	require.ErrorAs(t, err, &none)
	require.Len(t, none.Errs, 2)
	require.ErrorContains(t, err, "not this user's alone")
}

func TestNothingRuns(t *testing.T) {
	_, err := control.Dial(context.Background(), control.Places(file(t))...)
	var none *control.NotRunningError
	require.ErrorAs(t, err, &none)
	require.Contains(t, err.Error(), "no taskvisor runs here")
}

func resolved(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	require.NoError(t, err)
	return path
}
