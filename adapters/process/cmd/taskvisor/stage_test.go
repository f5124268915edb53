//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stage is where a test meets the processes that taskvisor runs for it: each is a puppet with a connection to the test. A test
// waits for what puppets say, tells them what to do, and sees their end by the end of the connection.
type stage struct {
	t      *testing.T
	folder string
	path   string // of the socket

	mu      sync.Mutex
	entered map[string]chan *puppet
	conns   []net.Conn
}

func newStage(t *testing.T) *stage {
	t.Helper()
	folder, err := os.MkdirTemp("", "tv") // the path of a socket must be short
	require.NoError(t, err)
	s := &stage{t: t, folder: folder, path: filepath.Join(folder, "stage"), entered: map[string]chan *puppet{}}
	listener, err := net.Listen("unix", s.path)
	require.NoError(t, err)
	var done sync.WaitGroup
	done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			done.Go(func() { s.accept(conn.(*net.UnixConn)) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.mu.Lock()
		for _, conn := range s.conns { // puppets end by that
			_ = conn.Close()
		}
		s.mu.Unlock()
		done.Wait()
		_ = os.RemoveAll(folder)
	})
	return s
}

// enters returns where the puppets of a name come in.
func (s *stage) enters(name string) chan *puppet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entered[name] == nil {
		s.entered[name] = make(chan *puppet, 1000)
	}
	return s.entered[name]
}

// accept listens to a puppet until its process has ended.
func (s *stage) accept(conn *net.UnixConn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	var hello said
	if line, err := in.ReadBytes('\n'); err != nil || json.Unmarshal(line, &hello) != nil {
		return
	}
	p := &puppet{
		t: s.t, name: hello.Text, pid: hello.PID, conn: conn, env: hello.Env, dir: hello.Dir,
		replies: make(chan said, 100), signals: make(chan string, 1000), gone: make(chan struct{}),
	}
	s.enters(p.name) <- p
	defer close(p.gone)
	defer close(p.signals)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var word said
		if json.Unmarshal(line, &word) != nil {
			continue
		}
		if word.Signal != "" {
			p.signals <- word.Signal
		} else {
			p.replies <- word
		}
	}
}

// enter waits for the next puppet of a name.
func (s *stage) enter(name string) *puppet {
	s.t.Helper()
	select {
	case p := <-s.enters(name):
		return p
	case <-time.After(patient):
		s.t.Fatalf("no %s has come", name)
		return nil
	}
}

// none reports that no puppet of a name has come so far.
func (s *stage) none(name string) {
	s.t.Helper()
	require.Empty(s.t, s.enters(name), "%s must not have come", name)
}

// exec returns the line of a task file that runs a puppet.
func (s *stage) exec(name string) string {
	return fmt.Sprintf("exec = [%q, %q, %q, %q]\n", self(s.t), puppetWord, s.path, name)
}

// line returns a line for a shell that runs a puppet, and leaves the shell waiting for it.
func (s *stage) line(name string) string {
	return fmt.Sprintf("%s %s %s %s", self(s.t), puppetWord, s.path, name)
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}

// puppet is a process that does what a test tells it.
type puppet struct {
	t       *testing.T
	name    string
	pid     int
	env     []string
	dir     string
	conn    *net.UnixConn
	replies chan said
	signals chan string
	gone    chan struct{}
}

// do tells the puppet to do something and returns its answer.
func (p *puppet) do(words ...string) string {
	p.t.Helper()
	order, err := json.Marshal(words)
	require.NoError(p.t, err)
	_, err = p.conn.Write(append(order, '\n'))
	require.NoError(p.t, err, "%s has ended", p.name)
	select {
	case reply := <-p.replies:
		require.Empty(p.t, reply.Error, "%s: %v", p.name, words)
		return reply.Text
	case <-p.gone:
		p.t.Fatalf("%s has ended before it answered %v", p.name, words)
	case <-time.After(patient):
		p.t.Fatalf("%s does not answer %v", p.name, words)
	}
	return ""
}

// exit has the puppet end with a code.
func (p *puppet) exit(code int) {
	p.t.Helper()
	order, err := json.Marshal([]string{"exit", strconv.Itoa(code)})
	require.NoError(p.t, err)
	_, err = p.conn.Write(append(order, '\n'))
	require.NoError(p.t, err)
	p.ends()
}

// gets waits for a signal.
func (p *puppet) gets(signal string) {
	p.t.Helper()
	select {
	case got, is := <-p.signals:
		require.True(p.t, is, "%s has ended without %s", p.name, signal)
		require.Equal(p.t, signal, got, p.name)
	case <-time.After(patient):
		p.t.Fatalf("%s does not get %s", p.name, signal)
	}
}

// ends waits until the process has ended.
func (p *puppet) ends() {
	p.t.Helper()
	select {
	case <-p.gone:
	case <-time.After(patient):
		p.t.Fatalf("%s does not end", p.name)
	}
}

// hasEnded requires that no process of that number is alive now.
func (p *puppet) hasEnded() {
	p.t.Helper()
	require.False(p.t, p.isAlive(), "%s is alive", p.name)
	p.ends() // and the connection has
}

func (p *puppet) isAlive() bool {
	if state, is := processState(p.pid); is {
		return state != "Z" && state != "X"
	}
	return syscall.Kill(p.pid, 0) == nil
}

// processState returns the letter that /proc has for a process.
func processState(pid int) (state string, is bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		_, err := os.Stat("/proc/self/stat")
		return "X", err == nil
	}
	_, after, _ := bytes.Cut(text, []byte(") "))
	state, _, _ = strings.Cut(string(after), " ")
	return state, true
}

// said is one line of what a puppet says.
type said struct {
	Text   string   `json:"text,omitempty"`
	Error  string   `json:"error,omitempty"`
	Signal string   `json:"signal,omitempty"`
	PID    int      `json:"pid,omitempty"`
	Env    []string `json:"env,omitempty"`
	Dir    string   `json:"dir,omitempty"`
}

// run writes a task file and starts taskvisor on it. The file is tasks.toml, unless its text is that of a Procfile.
func (s *stage) run(text string, arguments ...string) *running {
	s.t.Helper()
	file := filepath.Join(s.folder, "tasks.toml")
	if !strings.Contains(text, "[tasks.") {
		file = filepath.Join(s.folder, "Procfile")
	}
	writeFile(s.t, file, text)
	return startRun(s.t, file, arguments...)
}

// order gives a command about the file, and returns what it printed and its exit code.
func (r *running) order(words ...string) (printed string, code int) {
	r.t.Helper()
	out, errors, code := command(append(words, "-f", r.file)...)
	return out + errors, code
}

// does gives a command that must succeed.
func (r *running) does(words ...string) string {
	r.t.Helper()
	printed, code := r.order(words...)
	require.Zero(r.t, code, "%v: %s", words, printed)
	return printed
}

// fromTerminal sends a signal as a terminal does: to taskvisor and to its guard.
func (r *running) fromTerminal(signal syscall.Signal) {
	r.t.Helper()
	require.NoError(r.t, syscall.Kill(-r.cmd.Process.Pid, signal))
}

// zombiesOf returns the processes whose parent is one of some, and that have ended and are not reaped.
func zombiesOf(t *testing.T, parents ...int) (zombies []string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		_, after, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(after); len(fields) > 1 && fields[0] == "Z" {
			if parent, err := strconv.Atoi(fields[1]); err == nil && slices.Contains(parents, parent) {
				zombies = append(zombies, string(text))
			}
		}
	}
	return zombies
}
