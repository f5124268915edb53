package leash

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// underAnother reports whether a member of a run was started by a supervisor that the run has in it, and that is alive: it has a
// token of that after the run's.
func (l *Leash) underAnother(pid int, token string) bool {
	has, last := hasToken(l.tokensOf(pid), token)
	if !has || last == token {
		return false
	}
	other, ok := parseLife(last)
	return ok && !l.life.over(other, l.census.proc)
}

// tokensOf returns the tokens of a process, of one that is about to execute a program when it has.
func (l *Leash) tokensOf(pid int) string {
	for round := 0; ; round++ {
		tokens, known := l.census.proc.Variable(pid, Variable)
		if known || round == rounds {
			return tokens
		}
		if p, err := l.census.proc.Stat(pid); err != nil || !p.Executes() {
			return ""
		}
		time.Sleep(time.Duration(round) * time.Millisecond)
	}
}

// Sweep ends whatever former lives of the same name have left behind, and returns it: SIGTERM, and SIGKILL to what is still alive after
// the grace. It returns when all of it has ended, or with the context.
func (l *Leash) Sweep(ctx context.Context, grace time.Duration) ([]Leftover, error) {
	left := l.leftovers()
	defer left.free()
	if l.cgroups != nil {
		defer l.cgroups.removeFormer(l.life)
	}
	alive, err := left.lookAtAll()
	if err != nil || len(alive) == 0 {
		return nil, err
	}
	swept := make([]Leftover, 0, len(alive))
	for _, p := range alive {
		swept = append(swept, Leftover{PID: p.PID, Command: l.census.proc.Command(p.PID), Task: l.taskOf(p.PID)})
	}
	asked, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	_ = left.signal(spareNone, syscall.SIGTERM, syscall.SIGCONT)
	if until(asked, left.remaining) == nil {
		return swept, nil
	}
	return swept, until(ctx, func() (int, func(context.Context) error, error) {
		alive, wait, err := left.remaining()
		_ = left.kill() // all that is waited for, at least
		return alive, wait, err
	})
}

// leftovers are what former lives of the same name have left. This process is never among them, even if it was itself started by one.
func (l *Leash) leftovers() *pack {
	own := map[life]bool{}
	for token := range strings.SplitSeq(os.Getenv(Variable), between) {
		if of, ok := parseLife(token); ok {
			own[of] = true
		}
	}
	var dirs []string
	if l.cgroups != nil {
		dirs = l.cgroups.former(l.life)
	}
	session, _ := unix.Getsid(0)
	return &pack{
		census: l.census,
		marked: func(pid int, tokens string) bool {
			_, left := l.former(tokens, own)
			return left || len(dirs) > 0 && below(dirs, l.census.proc.Cgroup(pid))
		},
		foreign: func(p *procfs.Process) bool { return p.Session == session || p.PID == l.life.pid },
	}
}

// below reports whether the path of a control group is that of one of some directories or below it.
func below(dirs []string, path string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool {
		return strings.Contains(path+"/", "/"+filepath.Base(dir)+"/")
	})
}

// former returns the first of some tokens that is of a former life.
func (l *Leash) former(tokens string, but map[life]bool) (string, bool) {
	for token := range strings.SplitSeq(tokens, between) {
		of, ok := parseLife(token)
		if ok && of.name == l.life.name && !but[of] && l.life.over(of, l.census.proc) {
			return token, true
		}
	}
	return "", false
}

// taskOf returns the task that a process of a former life was part of, or nothing if it does not say.
func (l *Leash) taskOf(pid int) string {
	tokens, _ := l.census.proc.Variable(pid, Variable)
	token, _ := l.former(tokens, nil)
	parts := strings.Split(token, "/")
	if len(parts) != 3 {
		return ""
	}
	task, err := url.PathUnescape(parts[1])
	if err != nil {
		return ""
	}
	return task
}
