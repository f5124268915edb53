//go:build system

package acceptance_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a hundred tasks cost that run and say nothing: for ten seconds, neither the supervisor nor its guard is awake once.
func TestSystemIdle(t *testing.T) {
	t.Parallel()
	const tasks, quiet = 100, 10 * time.Second
	directory := t.TempDir()
	var file strings.Builder
	for i := range tasks {
		fmt.Fprintf(&file, "[tasks.sleeper-%d]\nexec = [\"sleep\", \"1000\"]\n", i)
	}
	write(t, directory, "tasks.toml", file.String())
	v := start(t, directory)
	await(t, "all are up", func() bool {
		all := v.tasks()
		for _, task := range all {
			if !task.up() {
				return false
			}
		}
		return len(all) == tasks
	})
	supervisor := v.supervisor()
	awake := func() [2]int { return [2]int{switches(t, supervisor), switches(t, v.pid)} }
	since, before := time.Now(), awake()
	await(t, "neither is awake for ten seconds", func() bool {
		if now := awake(); now != before {
			t.Logf("after %v: supervisor %d, guard %d", time.Since(since).Round(time.Millisecond), now[0]-before[0], now[1]-before[1])
			since, before = time.Now(), now
		}
		return time.Since(since) >= quiet
	})
	threads, memory := of(t, supervisor, "Threads"), of(t, v.pid, "RssAnon")
	t.Logf("the supervisor has %d threads and %d kB, its guard has %d kB of its own, and shares %d kB of the program with it",
		threads, of(t, supervisor, "VmRSS"), memory, of(t, v.pid, "RssFile"))
	require.Less(t, threads, 20, "threads of the supervisor do not grow with its tasks")
	require.Less(t, memory, 8<<10, "kB of the guard")
}

// switches returns how often the threads of a process have been given a processor and have given it back.
func switches(t *testing.T, pid int) (sum int) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	require.NoError(t, err)
	require.NotEmpty(t, threads)
	for _, thread := range threads {
		for _, count := range regexp.MustCompile(`voluntary_ctxt_switches:\s+(\d+)`).FindAllStringSubmatch(read(t, thread), -1) {
			n, err := strconv.Atoi(count[1])
			require.NoError(t, err)
			sum += n
		}
	}
	return sum
}

// of returns a number that /proc says of a process.
func of(t *testing.T, pid int, what string) int {
	t.Helper()
	found := regexp.MustCompile(what + `:\s+(\d+)`).FindStringSubmatch(read(t, fmt.Sprintf("/proc/%d/status", pid)))
	require.NotNil(t, found)
	n, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	return n
}
