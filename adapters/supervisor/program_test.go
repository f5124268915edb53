package supervisor_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// asProgram makes the test binary a program that is a supervisor.
const asProgram = "SUPERVISOR_AS_PROGRAM"

// mains are what it can be. Each says isUp on standard output when its task runs.
var mains = map[string]func() int{
	"orderly": func() int {
		return supervisor.Main(must(supervisor.New(supervisor.WithName("shop"), toStderr(), supervisor.WithTask("web", supervisor.TaskFunc(func(ctx context.Context) error {
			fmt.Println(isUp)
			<-ctx.Done()
			signal := (*supervisor.SignalError)(nil)
			fmt.Println(errors.As(context.Cause(ctx), &signal), signal)
			return nil
		})))))
	},
	"chatty": func() int { // it still speaks when Main has returned
		code := supervisor.Main(must(supervisor.New(toStderr(), supervisor.WithTask("web", upUntilStopped))))
		fmt.Println("that was all")
		fmt.Fprintln(os.Stderr, "that was all")
		return code
	},
	"deaf": func() int {
		return supervisor.Main(must(supervisor.New(supervisor.WithName("shop"), toStderr(), deafTask(supervisor.Forever))))
	},
	"deaf below": func() int {
		inner := must(supervisor.New(supervisor.WithTask("deaf", supervisor.TaskFunc(func(context.Context) error { select {} }),
			supervisor.WithStopTimeout(supervisor.Forever))))
		sup := must(supervisor.New(toStderr(), supervisor.WithTask("inner", inner)))
		go func() { // a supervisor is known to be in a task when its own tasks have been started
			for len(sup.Report().Tasks[0].Nested) == 0 {
				runtime.Gosched()
			}
			fmt.Println(isUp)
		}()
		return supervisor.Main(sup)
	},
	"left": func() int {
		return supervisor.Main(must(supervisor.New(supervisor.WithName("shop"), toStderr(), deafTask(0))))
	},
	"delayed": func() int {
		return supervisor.Main(must(supervisor.New(toStderr(), supervisor.WithShutdownDelay(time.Hour), supervisor.WithTask("web", upUntilStopped))))
	},
	"mute": func() int { // its log is stuck
		return supervisor.Main(must(supervisor.New(supervisor.WithLogger(slog.New(stuckHandler{})), deafTask(supervisor.Forever))))
	},
	"held": func() int { // the supervisor is stuck, as soon as its task runs
		up := make(chan struct{})
		sup := must(supervisor.New(toStderr(), supervisor.WithTask("web", supervisor.TaskFunc(func(ctx context.Context) error {
			close(up)
			return untilStopped(ctx)
		}))))
		go func() {
			<-up
			supervisor.Hold(sup, func() {
				fmt.Println(isUp)
				select {}
			})
		}()
		return supervisor.Main(sup)
	},
	"reloads": func() int {
		fails := false
		return supervisor.Main(must(supervisor.New(toStderr(), supervisor.WithTask("web", upUntilStopped))),
			supervisor.OnSignal(func(ctx context.Context, signal os.Signal) error {
				fmt.Println("reloads for", signal, ctx.Err())
				if fails {
					panic("no such file")
				}
				fails = true
				return nil
			}, syscall.SIGHUP))
	},
	"fatal": func() int {
		return supervisor.Main(must(supervisor.New(toStderr(), supervisor.WithTask("web", supervisor.TaskFunc(func(context.Context) error {
			fmt.Println(isUp)
			return supervisor.Fatal(errFailed)
		})))))
	},
	"done": func() int {
		return supervisor.Main(must(supervisor.New(toStderr(), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
			supervisor.WithTask("job", supervisor.TaskFunc(func(context.Context) error { fmt.Println(isUp); return nil })))))
	},
	"not made": func() int { fmt.Println(isUp); return supervisor.Main(nil) },
}

// isUp is what a program says once its task runs, and no log says.
const isUp = "(up)"

var upUntilStopped = supervisor.TaskFunc(func(ctx context.Context) error {
	fmt.Println(isUp)
	return untilStopped(ctx)
})

func toStderr() supervisor.Option {
	return supervisor.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

func deafTask(stopTimeout time.Duration) supervisor.Option {
	return supervisor.WithTask("deaf", supervisor.TaskFunc(func(context.Context) error {
		fmt.Println(isUp)
		select {}
	}), supervisor.WithStopTimeout(stopTimeout))
}

// stuckHandler never returns.
type stuckHandler struct{}

func (stuckHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (stuckHandler) Handle(context.Context, slog.Record) error { select {} }
func (s stuckHandler) WithAttrs([]slog.Attr) slog.Handler      { return s }
func (s stuckHandler) WithGroup(string) slog.Handler           { return s }

// process is a program that is up.
type process struct {
	t       *testing.T
	command *exec.Cmd
	mu      sync.Mutex
	pipes   [2]io.Closer // its standard output and error
	said    [2][]string  // there
	news    chan struct{}
	over    sync.WaitGroup
}

// runProgram starts a program and waits until it is up.
func runProgram(t *testing.T, scenario string) *process {
	t.Helper()
	p := &process{t: t, command: exec.Command(os.Args[0]), news: make(chan struct{}, 1)}
	p.command.Env = append(os.Environ(), asProgram+"="+scenario)
	_, err := p.command.StdinPipe() // ends with this process, whatever ends that
	require.NoError(t, err)
	stdout, err := p.command.StdoutPipe()
	require.NoError(t, err)
	stderr, err := p.command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.command.Start())
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	for i, pipe := range []io.ReadCloser{stdout, stderr} {
		p.pipes[i] = pipe
		p.over.Add(1)
		go p.listen(i, pipe)
	}
	p.await(isUp)
	return p
}

func (p *process) listen(i int, pipe io.Reader) {
	defer p.over.Done()
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		p.mu.Lock()
		p.said[i] = append(p.said[i], lines.Text())
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
	}
}

// await waits until the program has said something.
func (p *process) await(what string) {
	p.t.Helper()
	for limit := time.After(time.Minute); !strings.Contains(p.text(), what); {
		select {
		case <-p.news:
		case <-limit:
			require.Fail(p.t, "it has not said: "+what, p.text())
		}
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(slices.Concat(p.said[:]...), "\n")
}

func (p *process) signal(s os.Signal) { require.NoError(p.t, p.command.Process.Signal(s)) }

// join waits for the end of the program.
func (p *process) join() {
	p.t.Helper()
	over := make(chan struct{})
	go func() {
		p.over.Wait()
		_ = p.command.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(time.Minute):
		require.Fail(p.t, "it does not end", p.text())
	}
}

// ends waits for the end of the program, and checks its code.
func (p *process) ends(code int) string {
	p.t.Helper()
	p.join()
	require.Equal(p.t, code, p.command.ProcessState.ExitCode(), p.text())
	return p.text()
}

func TestASignalStopsAProgramInOrder(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p := runProgram(t, "orderly")
		p.signal(s)
		text := p.ends(supervisor.CodeStopped)
		require.Contains(t, text, fmt.Sprintf(`msg=stopping signal=%s runs=1 names=shop/web`, s))
		require.Contains(t, text, fmt.Sprintf("true signal: %v", s))
		require.Regexp(t, `(?s)level=INFO msg="supervisor stopped" .*level=INFO msg="program ends" why=shutdown started=1 ended=1 left_behind=0 failed_stops=0$`, text)
	}
}

// The second signal does not wait, whatever is stuck.
func TestASecondSignalEndsAProgramAtOnce(t *testing.T) {
	for scenario, waits := range map[string]string{"deaf": "runs=1 names=shop/deaf", "deaf below": "runs=1 names=inner/deaf", "delayed": "delay=1h0m0s runs=1 names=web"} {
		for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			p := runProgram(t, scenario)
			p.signal(syscall.SIGTERM)
			p.await("msg=stopping signal=terminated " + waits)
			p.signal(s)
			require.Contains(t, p.ends(supervisor.CodeSignal+int(s)), fmt.Sprintf(`level=ERROR msg="ended at once by a second signal" signal=%v runs=1`, s))
		}
	}
}

func TestASecondSignalEndsAProgramThatIsStuck(t *testing.T) {
	for _, scenario := range []string{"mute", "held"} {
		p := runProgram(t, scenario)
		p.signal(syscall.SIGINT)
		p.signal(syscall.SIGTERM)
		p.join()
		require.Contains(t, []int{130, 143}, p.command.ProcessState.ExitCode(), "%s: two signals come in any order", scenario)
	}
}

func TestAProgramSaysWhatItLeavesBehind(t *testing.T) {
	p := runProgram(t, "left")
	p.signal(syscall.SIGTERM)
	text := p.ends(supervisor.CodeFailed)
	require.Contains(t, text, `level=ERROR msg="run left behind" path=shop/deaf run=1 why=stop-timeout`)
	require.Regexp(t, `level=ERROR msg="program ends" why=shutdown started=1 ended=0 left_behind=1 failed_stops=0 error="1 run was left behind: shop/deaf run 1 \(stop-timeout\)"$`, text)
}

func TestAProgramEndsWithItsSupervisor(t *testing.T) {
	text := runProgram(t, "fatal").ends(supervisor.CodeFailed)
	require.Regexp(t, `level=ERROR msg="program ends" why=escalated started=1 ended=1 left_behind=0 failed_stops=0 error=".*it failed"$`, text)
	text = runProgram(t, "done").ends(supervisor.CodeStopped)
	require.Regexp(t, `level=INFO msg="program ends" why=all-ended started=1 ended=1 left_behind=0 failed_stops=0$`, text)
	text = runProgram(t, "not made").ends(supervisor.CodeNotRun)
	require.Regexp(t, `ERROR cannot run error="the supervisor was not made by New"$`, text)
}

func TestAProgramCallsWhatASignalIsFor(t *testing.T) {
	p := runProgram(t, "reloads")
	p.signal(syscall.SIGHUP)
	p.await("reloads for hangup <nil>")
	p.signal(syscall.SIGHUP)
	p.await(`level=ERROR msg="signal handler failed" signal=hangup error="panic: no such file"`)
	p.signal(syscall.SIGTERM)
	p.ends(supervisor.CodeStopped)
}

func ExampleMain() {
	// In a program: os.Exit(supervisor.Main(sup)).
	job := supervisor.TaskFunc(func(context.Context) error { return nil })
	code := supervisor.Main(must(supervisor.New(supervisor.WithLogger(slog.New(slog.DiscardHandler)),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithTask("job", job))))
	fmt.Println(code)
	// Output: 0
}

func ExampleMainOption() {
	reload := supervisor.OnSignal(func(context.Context, os.Signal) error { return nil }, syscall.SIGHUP)
	job := supervisor.TaskFunc(func(context.Context) error { return nil })
	code := supervisor.Main(must(supervisor.New(supervisor.WithLogger(slog.New(slog.DiscardHandler)),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithTask("job", job))), reload)
	fmt.Println(code == supervisor.CodeStopped)
	// Output: true
}

func ExampleSignalError() {
	fmt.Println(&supervisor.SignalError{Signal: syscall.SIGTERM})
	// Output: signal: terminated
}

// The documented exit codes are those that the constants stand for.
func TestExitCodesAreDocumented(t *testing.T) {
	operating, err := os.ReadFile("../../docs/operating.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(operating), "<!-- Codes -->")
	table, _, found := strings.Cut(table, "<!-- end of Codes -->")
	require.True(t, found)
	for _, code := range []string{
		fmt.Sprint(supervisor.CodeStopped), fmt.Sprint(supervisor.CodeFailed), fmt.Sprint(supervisor.CodeNotRun),
		fmt.Sprintf("%d, %d", supervisor.CodeSignal+int(syscall.SIGINT), supervisor.CodeSignal+int(syscall.SIGTERM)),
	} {
		require.Contains(t, table, "\n| "+code+" | ")
	}
}
