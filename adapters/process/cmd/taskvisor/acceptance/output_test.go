//go:build system

package acceptance_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slow is a reader of what taskvisor prints that takes its time: it reads only when it is asked to.
type slow struct {
	*instance
	pipe *os.File
}

// startSlowly runs the tasks.toml of a directory, and reads nothing of what it prints until it is told to.
func startSlowly(t *testing.T, directory string) *slow {
	t.Helper()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = reader.Close() })
	command := exec.Command(taskvisor, "run", "-f", filepath.Join(directory, "tasks.toml"))
	command.Stdout = writer
	v := startCommand(t, directory, command)
	require.NoError(t, writer.Close())
	return &slow{instance: v, pipe: reader}
}

// A task that prints far faster than the terminal shows does not wait for it, by default. What is left out is counted, to the line.
func TestSystemOutputDrops(t *testing.T) {
	t.Parallel()
	const lines = 2_000_000
	directory := t.TempDir()
	write(t, directory, "tasks.toml", fmt.Sprintf("[tasks.fast]\ncommand = \"seq -f %%08.0f %d; echo x > %s/over; exec sleep 1000\"\n", lines, directory))
	v := startSlowly(t, directory)
	await(t, "the task has printed all, though nothing is read", func() bool {
		_, err := os.Stat(filepath.Join(directory, "over"))
		return err == nil
	})
	require.Less(t, of(t, v.supervisor(), "VmRSS"), 100<<10, "kB, while the terminal stands still")
	v.signal(syscall.SIGTERM)
	all, err := io.ReadAll(v.pipe)
	require.NoError(t, err)
	shown, last, leftOut := 0, 0, 0
	for line := range strings.Lines(string(all)) {
		if found := numbered.FindString(line); found != "" {
			n := number(t, strings.TrimSpace(found))
			require.Greater(t, n, last, "what is shown is in order")
			shown, last = shown+1, n
		}
		if found := counted.FindStringSubmatch(line); found != nil {
			leftOut += number(t, found[1])
		}
	}
	t.Logf("%d lines were shown, %d left out", shown, leftOut)
	require.Positive(t, leftOut)
	require.InDelta(t, lines, shown+leftOut, 10) // one that came in two pieces counts twice
}

// With when_full = "block" the task waits: no line is lost, what is kept meanwhile does not grow, and commands are answered.
func TestSystemOutputBlocks(t *testing.T) {
	t.Parallel()
	const lines = 2_000_000
	directory := t.TempDir()
	write(t, directory, "tasks.toml", fmt.Sprintf("[tasks.fast]\ncommand = \"seq -f %%08.0f %d; exec sleep 1000\"\noutput = { when_full = \"block\" }\n", lines))
	v := startSlowly(t, directory)
	v.awaitUp("fast")
	next := 1
	for scanner := bufio.NewScanner(v.pipe); next <= lines && scanner.Scan(); {
		if found := numbered.FindString(scanner.Text()); found != "" {
			require.Equal(t, next, number(t, found), "no line is lost, none comes twice")
			next++
		}
	}
	require.Equal(t, lines+1, next)
	require.Less(t, of(t, v.supervisor(), "VmRSS"), 100<<10, "kB, after all of it")
}

// What the two tests above look for: a line of seq, and how many of them were left out.
var (
	numbered = regexp.MustCompile(`\b\d{8}\s*$`)
	counted  = regexp.MustCompile(`(\d+) lines? (?:left out here|\(\d+ bytes\) w)`)
)

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// A line of ten megabytes comes in pieces that are marked as such.
func TestSystemOutputLongLine(t *testing.T) {
	t.Parallel()
	const length = 10 << 20
	directory := t.TempDir()
	write(t, directory, "tasks.toml", fmt.Sprintf("[tasks.long]\ncommand = \"head -c %d /dev/zero | tr '\\\\0' x; echo; echo behind it; exec sleep 1000\"\noutput = { when_full = \"block\" }\n", length))
	v := start(t, directory)
	v.says("behind it")
	long := 0
	for line := range strings.Lines(v.said()) {
		if n := strings.Count(line, "x"); n > 1000 {
			require.Less(t, n, 1<<20, "a piece")
			long += n
		}
	}
	require.Equal(t, length, long)
}

// A prompt is shown though no line has ended: a task writes down when it printed it, and it is here within 200 ms.
func TestSystemOutputOfPartialLines(t *testing.T) {
	t.Parallel()
	const prompts, bound = 20, 200 * time.Millisecond
	directory := t.TempDir()
	write(t, directory, "tasks.toml", fmt.Sprintf(`
[tasks.prompt]
command = """
for n in $(seq %d); do
	printf 'asked at %%s? ' $(date +%%s%%N)
	sleep 0.3
	echo
done
exec sleep 1000"""
`, prompts))
	v := startSlowly(t, directory)
	seen, late := 0, 0
	asked := regexp.MustCompile(`asked at (\d+)\?`)
	var text strings.Builder
	for buffer := make([]byte, 1<<16); seen < prompts; {
		n, err := v.pipe.Read(buffer)
		now := time.Now()
		require.NoError(t, err)
		text.Write(buffer[:n])
		for _, found := range asked.FindAllStringSubmatch(text.String(), -1)[seen:] {
			seen++
			nanoseconds, err := strconv.ParseInt(found[1], 10, 64)
			require.NoError(t, err)
			at := time.Unix(0, nanoseconds)
			took := now.Sub(at)
			t.Log(took)
			if took > atMost(bound, at, now) {
				late++
			}
		}
	}
	require.LessOrEqual(t, late, prompts/10)
}

// Lines of many tasks at once are whole, and those of each are in order.
func TestSystemOutputIsNotMixed(t *testing.T) {
	t.Parallel()
	const tasks = 100
	directory := t.TempDir()
	var file strings.Builder
	for i := range tasks {
		fmt.Fprintf(&file, "[tasks.t%d]\ncommand = \"seq -f 'line %%.0f of t%[1]d.' %d; exec sleep 1000\"\noutput = { when_full = \"block\" }\n", i, *lines)
	}
	write(t, directory, "tasks.toml", file.String())
	v := startSlowly(t, directory)
	printed := regexp.MustCompile(`^t(\d+) +([|+]) (.*)$`)
	next, pieces := make([]int, tasks), make([]string, tasks)
	left := tasks * *lines
	for scanner := bufio.NewScanner(v.pipe); left > 0 && scanner.Scan(); {
		found := printed.FindStringSubmatch(scanner.Text())
		if found == nil {
			require.Regexp(t, `^ +\* `, scanner.Text(), "what taskvisor itself says")
			continue
		}
		task := number(t, found[1])
		require.Equal(t, found[2] == "+", pieces[task] != "", scanner.Text())
		piece, more := strings.CutSuffix(found[3], "…") // its end had not been written for 100 ms
		if !more {
			piece, more = strings.CutSuffix(found[3], "...")
		}
		pieces[task] += piece
		whole := fmt.Sprintf("line %d of t%d.", next[task]+1, task)
		if more && pieces[task] != whole {
			continue
		}
		require.Equal(t, whole, pieces[task])
		pieces[task] = ""
		next[task]++
		left--
	}
	require.Zero(t, left)
}
