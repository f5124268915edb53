package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args     []string
		exitCode int
		stderr   string
	}{
		{[]string{"-h"}, 0, "Usage of demo"},
		{[]string{"-nonsense"}, 2, "flag provided but not defined: -nonsense"},
		{[]string{"-for", "soon"}, 2, "invalid value \"soon\""},
		{[]string{"-for", "-1s"}, 2, "must not be negative"},
		{[]string{"-table", "-1s"}, 2, "must not be negative"},
		{[]string{"now"}, 2, "takes no arguments"},
	} {
		var stdout, stderr bytes.Buffer
		exitCode := run(test.args, strings.NewReader(""), &stdout, &stderr)
		require.Equal(t, test.exitCode, exitCode, test.args)
		require.Contains(t, stderr.String(), test.stderr, test.args)
		require.Empty(t, stdout.String(), test.args)
	}
}

func TestServiceStartsStopsAndReportsEveryRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &watcher{awaited: regexp.MustCompile(`service/jobs/worker-2 +\w+ +-> healthy`), seen: cancel}
	screen := &screen{out: out}
	err := supervise(ctx, settings{listen: "127.0.0.1:0"}, strings.NewReader(""), screen)
	require.NoError(t, err)

	text := out.text(screen)
	for _, task := range []string{"web", "visitor", "clumsy", "hopeless", "stubborn", "jobs", "jobs/worker-1"} {
		require.Regexp(t, `service/`+task+` +dead +[1-9]\d* +\d+ +0 `, text)
	}
	counts := regexp.MustCompile(`service: halted, (\d+) runs started, (\d+) ended\n`).FindStringSubmatch(text)
	require.Len(t, counts, 3, text)
	require.Equal(t, counts[1], counts[2])
}

// watcher is an output that notices when a text has come.
type watcher struct {
	bytes.Buffer
	awaited *regexp.Regexp
	seen    func()
}

func (w *watcher) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if w.awaited.Match(w.Bytes()) {
		w.seen()
	}
	return n, err
}

func (w *watcher) text(s *screen) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.String()
}

func TestTypedCommands(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	screen := &screen{out: &out}
	typed := &typist{lines: []string{"\n", "kill hopeless\n", "restart nobody\n", "dance web\n", "one two three\n"}, done: cancel}
	require.NoError(t, supervise(ctx, settings{listen: "127.0.0.1:0"}, typed, screen))

	screen.mu.Lock()
	text := out.String()
	screen.mu.Unlock()
	require.Regexp(t, `TASK +STATUS +WHY`, text)
	require.Regexp(t, `service/hopeless +\w+ +-> dead +killed`, text)
	require.Contains(t, text, `restart task "nobody": there is no such task`)
	require.Contains(t, text, `unknown command "dance"`)
	require.Contains(t, text, "type restart, kill or remove")
}

// typist types line after line, and then is done.
type typist struct {
	lines []string
	done  func()
}

func (t *typist) Read(p []byte) (int, error) {
	if len(t.lines) == 0 {
		t.done()
		return 0, context.Canceled
	}
	n := copy(p, t.lines[0])
	t.lines = t.lines[1:]
	return n, nil
}
