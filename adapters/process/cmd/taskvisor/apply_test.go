//go:build unix

package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

// table is a task of a file.
type table struct{ name, command, more string }

func (t table) String() string {
	return fmt.Sprintf("[tasks.%s]\ncommand = %q\n%s\n", t.name, t.command, t.more)
}

func tables(all []table) string {
	var text strings.Builder
	for _, t := range all {
		text.WriteString(t.String())
	}
	return text.String()
}

// Of fifty tasks one gets another command, one another policy, one is new and one was removed: exactly these are touched.
func TestApplyTouchesOnlyWhatChanged(t *testing.T) {
	var before []table
	for i := range 50 {
		before = append(before, table{fmt.Sprintf("t%02d", i), "echo up; exec sleep 1000", ""})
	}
	r := startUnguarded(t, inFolder(t, "tasks.toml", tables(before)))
	r.until("answers on")
	for i := range 50 {
		r.until(fmt.Sprintf(`^t%02d +\| up$`, i))
	}
	old := r.status()
	require.Len(t, old, 50)

	after := append(before[:20:20], before[21:]...)
	after[10] = table{"t10", "echo up again; exec sleep 1000", ""}
	after[29] = table{"t30", "echo up; exec sleep 1000", `max_delay = "30s"`}
	after = append(after, table{"new", "echo up; exec sleep 1000", ""})
	writeFile(t, r.file, tables(after))

	const would = "remove   t20\nrestart  t10: command\nadjust   t30: max_delay\nadd      new\n4 changes, 47 tasks as before"
	out, errs, code := command("apply", "--dry-run", "-f", r.file)
	require.Zero(t, code, errs)
	require.Equal(t, would+" (nothing was done)\n", out)
	require.Equal(t, pidsOf(old), pidsOf(r.status()), "nothing was done")

	out, errs, code = command("apply", "-f", r.file)
	require.Zero(t, code, errs)
	require.Equal(t, would+"\n", out)
	r.until(`^t10 +\| up again$`)
	r.until(`^new +\| up$`)

	now := r.status()
	requireDead(t, []int{old["t20"].PID, old["t10"].PID})
	require.Len(t, now, 50)
	require.NotContains(t, now, "t20")
	require.EqualValues(t, 2, now["t10"].Totals.Starts, "one restart")
	require.EqualValues(t, 1, now["new"].Totals.Starts, "one start")
	untouched := pidsOf(now)
	for path, pid := range pidsOf(old) {
		if path != "t10" && path != "t20" {
			require.Equal(t, pid, untouched[path], path)
			require.EqualValues(t, 1, now[path].Totals.Starts, path)
		}
	}
	require.InDelta(t, 30, r.policy("t30")["max_delay_seconds"], 0)
	require.InDelta(t, 60, r.policy("t31")["max_delay_seconds"], 0)

	out, _, code = command("apply", "-f", r.file)
	require.Zero(t, code)
	require.Equal(t, "0 changes, 50 tasks as before\n", out)
}

func TestAWrongFileChangesNothing(t *testing.T) {
	r := startUnguarded(t, inFolder(t, "tasks.toml", taskTable("web", "waits", "")))
	r.until("waits is up")
	old := r.status()
	writeFile(t, r.file, taskTable("web", "waits", "max_dealy = \"3s\"")+taskTable("new", "waits", ""))
	for _, arguments := range [][]string{{"apply"}, {"apply", "--dry-run"}} {
		_, errs, code := command(append(arguments, "-f", r.file)...)
		require.Equal(t, 2, code)
		require.Contains(t, errs, "the file is wrong, and nothing has changed")
		require.Contains(t, errs, `tasks.toml:4:1: tasks.web: unknown key "max_dealy"; did you mean "max_delay"?`)
	}
	r.signal(syscall.SIGHUP)
	r.until(`the file is not applied, and nothing has changed:`)
	r.until(`\* tasks\.toml:4:1: tasks\.web: unknown key "max_dealy"; did you mean "max_delay"\?$`)
	require.Equal(t, pidsOf(old), pidsOf(r.status()))
}

func TestSIGHUPAppliesTheFile(t *testing.T) {
	r := startUnguarded(t, inFolder(t, "tasks.toml", taskTable("web", "waits", "")))
	r.until("waits is up")
	writeFile(t, r.file, taskTable("web", "waits", "")+taskTable("new", "waits", ""))
	r.signal(syscall.SIGHUP)
	r.until("SIGHUP: reading tasks.toml again")
	r.until("applied: add +new")
	r.until(`new +\| waits is up`)
}

// policy returns how a task is supervised.
func (r *running) policy(path string) (policy map[string]any) {
	r.t.Helper()
	client, err := control.Dial(r.t.Context(), control.Places(r.file)...)
	require.NoError(r.t, err)
	defer client.Close()
	var task struct{ Policy map[string]any }
	require.NoError(r.t, client.Call(r.t.Context(), http.MethodGet, "task.json?path="+path, nil, &task))
	return task.Policy
}

func pidsOf(tasks map[string]control.Task) map[string]int {
	pids := make(map[string]int)
	for path, task := range tasks {
		pids[path] = task.PID
	}
	return pids
}

// What is only looked at opens no log file, and has no lines: also a task that would be replaced writes where it did.
func TestADryRunOpensNothing(t *testing.T) {
	r := startUnguarded(t, inFolder(t, "tasks.toml", taskTable("web", "echoes", "stdin = true")))
	r.until("echoes is up")
	folder := filepath.Dir(r.file)
	logged := func(name string) string {
		return fmt.Sprintf("output = { log = %q, hidden = true }", filepath.Join(folder, name))
	}
	writeFile(t, r.file, taskTable("web", "echoes", "stdin = true\nready = { file = \"x\" }\n"+logged("web.log"))+taskTable("new", "waits", logged("new.log")))
	out, errs, code := command("apply", "--dry-run", "-f", r.file)
	require.Zero(t, code, errs)
	require.Regexp(t, `(?s)replace +web.*add +new.*nothing was done`, out)
	require.NoFileExists(t, filepath.Join(folder, "web.log"))
	require.NoFileExists(t, filepath.Join(folder, "new.log"))
	_, errs, code = command("logs", "new", "-f", r.file)
	require.NotZero(t, code)
	require.Contains(t, errs, `no task "new"`)
}
