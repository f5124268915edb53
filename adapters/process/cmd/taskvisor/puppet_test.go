//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// puppetWord is the first argument of a puppet.
const puppetWord = "puppet"

// bePuppet is the main function of a process that does what a test tells it. It ends when the test does.
func bePuppet(path, name string) (code int) {
	if rest, is := strings.CutPrefix(name, "daemon:"); is { // the process in between of a double fork
		if err := spawn(path, rest, &syscall.SysProcAttr{Setsid: true}); err != nil {
			return 1
		}
		return 0
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "puppet:", err)
		return 1
	}
	p := &actor{path: path, conn: conn}
	signals := make(chan os.Signal, 100)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1)
	go p.heed(signals)
	folder, _ := os.Getwd()
	p.say(said{Text: name, PID: os.Getpid(), Env: os.Environ(), Dir: folder})
	orders := bufio.NewReader(conn)
	for {
		line, err := orders.ReadBytes('\n')
		if err != nil {
			return 0 // the test is over
		}
		var words []string
		if err := json.Unmarshal(line, &words); err != nil {
			return 1
		}
		text, err := p.obey(words)
		reply := said{Text: text}
		if err != nil {
			reply.Error = err.Error()
		}
		p.say(reply)
	}
}

// actor is a puppet from inside.
type actor struct {
	path string
	conn net.Conn

	mu      sync.Mutex
	ignores bool
	got     []string // signals
	bound   []net.Listener
}

func (p *actor) say(word said) {
	line, err := json.Marshal(word)
	if err == nil {
		_, _ = p.conn.Write(append(line, '\n'))
	}
}

// heed tells of signals, and ends at one unless it was told to ignore them.
func (p *actor) heed(signals <-chan os.Signal) {
	for got := range signals {
		name := strings.TrimPrefix(signalName(got.(syscall.Signal)), "SIG")
		p.mu.Lock()
		p.got = append(p.got, name)
		ignores := p.ignores
		p.mu.Unlock()
		p.say(said{Signal: name})
		if !ignores {
			os.Exit(0)
		}
	}
}

func signalName(s syscall.Signal) string {
	return map[syscall.Signal]string{
		syscall.SIGTERM: "TERM", syscall.SIGINT: "INT", syscall.SIGHUP: "HUP", syscall.SIGQUIT: "QUIT", syscall.SIGUSR1: "USR1",
	}[s]
}

// obey does what it is told.
func (p *actor) obey(words []string) (answer string, err error) {
	switch words[0] {
	case "exit":
		code, err := strconv.Atoi(words[1])
		if err != nil {
			return "", err
		}
		os.Exit(code)
	case "ignore": // signals that can be ignored
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ignores = true
	case "signals": // that have come so far
		p.mu.Lock()
		defer p.mu.Unlock()
		return strings.Join(p.got, " "), nil
	case "print":
		_, err := fmt.Println(words[1])
		return "", err
	case "long": // prints a line of so many bytes
		length, err := strconv.Atoi(words[1])
		if err != nil {
			return "", err
		}
		_, err = fmt.Println(strings.Repeat("x", length))
		return "", err
	case "listen":
		listener, err := net.Listen("tcp", words[1])
		if err != nil {
			return "", err
		}
		p.bound = append(p.bound, listener)
	case "touch":
		return "", os.WriteFile(words[1], nil, 0o644)
	case "child": // in the same process group
		return "", spawn(p.path, words[1], nil)
	case "session": // in a session of its own
		return "", spawn(p.path, words[1], &syscall.SysProcAttr{Setsid: true})
	case "daemon": // in a session of its own, and adopted by whoever adopts orphans
		return "", spawn(p.path, "daemon:"+words[1], nil)
	default:
		return "", fmt.Errorf("what is %q?", words[0])
	}
	return "", nil
}

// spawn starts another puppet that outlives this one.
func spawn(path, name string, attributes *syscall.SysProcAttr) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(program, puppetWord, path, name)
	cmd.SysProcAttr = attributes
	if err := cmd.Start(); err != nil {
		return err
	}
	if strings.HasPrefix(name, "daemon:") {
		return cmd.Wait()
	}
	go func() { _ = cmd.Wait() }()
	return nil
}
