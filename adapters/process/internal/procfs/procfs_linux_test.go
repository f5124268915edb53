package procfs

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// A process without variables has none, which is known: it is not about to execute a program.
func TestVariableOfAnEmptyEnvironment(t *testing.T) {
	proc, err := Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = proc.Close() })
	for _, test := range []struct {
		env   []string
		value string
	}{{[]string{}, ""}, {[]string{"A=1", "AB=2"}, "1"}} {
		child := exec.Command("/bin/sleep", "600")
		child.Env = test.env
		require.NoError(t, child.Start())
		t.Cleanup(func() { _ = child.Wait() })
		t.Cleanup(func() { _ = child.Process.Kill() })
		value, known := proc.Variable(child.Process.Pid, "A")
		require.True(t, known)
		require.Equal(t, test.value, value)
	}
}
