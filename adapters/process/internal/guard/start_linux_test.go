package guard

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
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
