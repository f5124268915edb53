package proptest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The path that a failed property prints is that of a file that exists when it is read: whole, and not another test's.
func TestTheScenarioOfAFailureIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet", "there")
	t.Setenv(FailuresVariable, dir)
	one, err := keep("TestA/case", []byte("one"))
	require.NoError(t, err)
	other, err := keep("TestB/case", []byte("other"))
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(one))
	text, err := os.ReadFile(one)
	require.NoError(t, err)
	require.Equal(t, "one", string(text))
	require.NotEqual(t, one, other)

	t.Setenv(FailuresVariable, "")
	t.Setenv("TMPDIR", t.TempDir())
	kept, err := keep("TestA", []byte("kept"))
	require.NoError(t, err)
	require.FileExists(t, kept)
	t.Setenv("TMPDIR", filepath.Join(dir, "none"))
	_, err = keep("TestA", nil)
	require.Error(t, err, "no path is printed then")
}
