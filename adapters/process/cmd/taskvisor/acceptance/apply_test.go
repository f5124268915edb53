//go:build system

package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of fifty tasks, the new file has one with another command, one new, one fewer, and one with another policy. One is restarted, one
// started, one stopped; all others are the same processes as before, also the one with the other policy.
func TestSystemApply(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	file := func(numbers []int, changed ...string) string {
		var b strings.Builder
		for _, n := range numbers {
			fmt.Fprintf(&b, "[tasks.t%d]\nexec = [\"sleep\", \"%d\"]\nmax_delay = \"1m\"\n", n, 1000+n)
		}
		return strings.NewReplacer(changed...).Replace(b.String())
	}
	numbers := make([]int, 50)
	for i := range numbers {
		numbers[i] = i
	}
	write(t, directory, "tasks.toml", file(numbers))
	v := start(t, directory)
	allUp := func() bool {
		all := v.tasks()
		for _, task := range all {
			if !task.up() {
				return false
			}
		}
		return len(all) == len(numbers)
	}
	await(t, "all are up", allUp)
	before := v.tasks()

	other := append([]int{50}, numbers[1:]...) // t0 is removed, t50 is new
	write(t, directory, "tasks.toml", file(other, `"1007"`, `"2007"`, "[tasks.t9]\n", "[tasks.t9]\nbase_delay = \"3s\"\n"))
	told := v.do("apply")
	t.Log(told)
	await(t, "all are up", allUp)
	after := v.tasks()
	require.Len(t, after, len(numbers))
	require.NotContains(t, after, "t0")
	require.Contains(t, after, "t50")
	for path, task := range after {
		switch path {
		case "t50":
			require.EqualValues(t, 1, task.Run)
		case "t7":
			require.NotEqual(t, before[path].PID, task.PID)
			require.Equal(t, before[path].Run+1, task.Run)
		default:
			require.Equal(t, before[path], task, "it is as it was")
		}
	}
	t.Log(v.do("apply"))
	require.Equal(t, after, v.tasks(), "the same file again changes nothing")
}

// A file with a mistake changes nothing, and the mistake is named with line and column.
func TestSystemApplyOfAWrongFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	write(t, directory, "tasks.toml", "[tasks.a]\nexec = [\"sleep\", \"1000\"]\n")
	v := start(t, directory)
	v.awaitUp("a")
	before := v.tasks()
	write(t, directory, "tasks.toml", "[tasks.a]\nexec = [\"sleep\", \"2000\"]\n  stop_timeuot = \"1s\"\n")
	told, err := v.try("apply")
	require.Error(t, err)
	require.Contains(t, told, "tasks.toml:3:3")
	require.Contains(t, told, "stop_timeout")
	require.Equal(t, before, v.tasks())
}
