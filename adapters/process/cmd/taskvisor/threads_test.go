//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each test here is a thread in which users of another process manager say what it does to them. docs/threads.md lists them.

// F1bonacc1/process-compose#520: the leader of a group ends when it is asked to, a child in its group does not, and the stop is
// reported as done while that child lives on. Here a stop is over when nothing is left.
func TestProcessCompose520AStopWaitsForTheWholeGroup(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.app]\nstop_timeout = \"1h\"\n" + s.exec("leader"))
	leader := s.enter("leader")
	leader.do("child", "child")
	child := s.enter("child")
	child.do("ignore")
	stopped := make(chan string, 1)
	go func() {
		printed, code := v.order("stop", "app")
		stopped <- fmt.Sprintf("%scode %d", printed, code)
	}()
	leader.ends()
	child.gets("TERM")
	require.True(t, child.isAlive())
	require.Empty(t, stopped, "a child is alive")
	require.NoError(t, syscall.Kill(child.pid, syscall.SIGKILL))
	require.Contains(t, <-stopped, "code 0")
	leader.hasEnded()
	child.hasEnded()
}

// F1bonacc1/process-compose#521: the same for the end of the manager itself.
func TestProcessCompose521TheEndWaitsForTheWholeGroup(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.app]\nstop_timeout = \"200ms\"\n" + s.exec("leader"))
	leader := s.enter("leader")
	leader.do("child", "child")
	child := s.enter("child")
	child.do("ignore")
	v.does("shutdown")
	code, _ := v.wait()
	require.Zero(t, code)
	leader.hasEnded()
	child.hasEnded()
}

// F1bonacc1/process-compose#544: what needs a process that was ready once, and answers its checks badly for a moment, is never
// started. Here it starts.
func TestProcessCompose544ALateNeedIsNotSkipped(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	well := filepath.Join(s.folder, "well")
	v := s.run("[tasks.parent]\n" + s.exec("parent") +
		fmt.Sprintf("ready = { command = \"test -e %[1]s\", interval = \"10ms\" }\nhealth = { command = \"test -e %[1]s\", interval = \"200ms\", failures = 255 }\n", well) +
		"[tasks.child]\nneeds = [\"parent\"]\nsuspended = true\n" + s.exec("child"))
	parent := s.enter("parent")
	parent.do("touch", well)
	v.until(`parent .*ready`)
	require.NoError(t, os.Remove(well)) // its checks fail from now on, and not often enough to be a failure
	v.does("start", "child")
	s.enter("child")
	require.True(t, parent.isAlive())
}

// F1bonacc1/process-compose#403: a process whose check of readiness fails is killed for good, although it is to be restarted.
func TestProcessCompose403NotReadyIsRestarted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ready := filepath.Join(s.folder, "ready")
	v := s.run("[tasks.app]\nrestart = \"on-failure\"\nbase_delay = \"1ms\"\nstart_timeout = \"300ms\"\n" +
		fmt.Sprintf("ready = { command = \"test -e %s\", interval = \"10ms\" }\n", ready) + s.exec("app"))
	s.enter("app").ends()
	s.enter("app")
	writeFile(t, ready, "") // that one, or another if it has not enough time any more
	v.until(`app .*ready`)
}

// F1bonacc1/process-compose#189: what needs a process is skipped for ever if that has to be restarted before it is ready.
func TestProcessCompose189ANeedWaitsOverRestarts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ready := filepath.Join(s.folder, "ready")
	s.run("[tasks.db]\nbase_delay = \"1ms\"\n" + fmt.Sprintf("ready = { command = \"test -e %s\", interval = \"10ms\" }\n", ready) + s.exec("db") +
		"[tasks.web]\nneeds = [\"db\"]\n" + s.exec("web"))
	for range 3 {
		s.enter("db").exit(1)
	}
	db := s.enter("db")
	s.none("web")
	db.do("touch", ready)
	s.enter("web")
}

// F1bonacc1/process-compose#57: a line that is too long ends the reading, and then the process waits for ever to write the next.
func TestProcessCompose57ALongLineDoesNotBlock(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.app]\noutput = { when_full = \"block\" }\n" + s.exec("app"))
	app := s.enter("app")
	const lines, length = 4, 1_000_000
	for range lines {
		app.do("long", strconv.Itoa(length))
	}
	app.do("print", "still here")
	v.until(`app .*still here`)
	require.GreaterOrEqual(t, strings.Count(v.text(), "x"), lines*length, "and all of it is there")
}

// F1bonacc1/process-compose#233: a changed file stops and starts everything. Here only what has changed.
func TestProcessCompose233ApplyTouchesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	task := func(name, more string) string { return "[tasks." + name + "]\n" + more + s.exec(name) }
	v := s.run(task("same", "") + task("policy", "") + task("changed", "") + task("removed", ""))
	same, policy, changed, removed := s.enter("same"), s.enter("policy"), s.enter("changed"), s.enter("removed")

	require.NoError(t, os.WriteFile(v.file, []byte(task("same", "")+"[tasks.wrong]\ncomand = \"x\"\n"), 0o644))
	printed, code := v.order("apply")
	require.Equal(t, 2, code)
	require.Contains(t, printed, `tasks.toml:4:1`)
	require.Contains(t, printed, `did you mean "command"?`)

	require.NoError(t, os.WriteFile(v.file, []byte(task("same", "")+task("policy", "attempts = 3\n")+task("changed", "env = { A = \"1\" }\n")+task("added", "")), 0o644))
	v.does("apply")
	removed.hasEnded()
	changed.ends()
	again, added := s.enter("changed"), s.enter("added")
	require.Contains(t, again.env, "A=1")
	require.True(t, added.isAlive())
	for _, p := range []*puppet{same, policy} {
		require.True(t, p.isAlive())
		require.Empty(t, p.do("signals"))
		s.none(p.name)
	}
}

// Supervisor/supervisor#1101, and ddollar/foreman#61: npm is killed, and what it has started lives on beside the next npm.
func TestSupervisor1101AKilledLeaderLeavesNoChildren(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.run("[tasks.npm]\nbase_delay = \"1ms\"\nleftover_timeout = \"200ms\"\n" + s.exec("npm"))
	npm := s.enter("npm")
	npm.do("child", "node")
	node := s.enter("node")
	node.do("child", "worker")
	worker := s.enter("worker")
	worker.do("ignore")
	require.NoError(t, syscall.Kill(npm.pid, syscall.SIGKILL))
	s.enter("npm") // only when nothing is left of the one before
	for _, p := range []*puppet{npm, node, worker} {
		p.hasEnded()
	}
}

// Supervisor/supervisor#487: it gives up after some tries in a row, and a database that comes back later finds nothing to talk to.
func TestSupervisor487ItDoesNotGiveUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.app]\nbase_delay = \"1ms\"\nmax_delay = \"20ms\"\n" + s.exec("app"))
	for range 25 {
		s.enter("app").exit(1)
	}
	app := s.enter("app")
	v.does("status", "app")
	require.True(t, app.isAlive())
}

// DarthSim/overmind#143: a command that leaves a server in the background ends all others, or, when that is allowed, the server is
// left behind for ever.
func TestOvermind143NothingIsLeftInTheBackground(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("rubocop: "+s.line("rubocop")+"\nweb: "+s.line("web")+"\n", "-c", "rubocop")
	web, rubocop := s.enter("web"), s.enter("rubocop")
	rubocop.do("daemon", "server")
	server := s.enter("server")
	rubocop.exit(0)
	server.gets("TERM")
	server.ends()
	require.Empty(t, web.do("signals"), "the others go on")

	web.do("daemon", "another")
	another := s.enter("another")
	v.fromTerminal(syscall.SIGTERM)
	v.wait()
	web.hasEnded()
	another.hasEnded()
}

// DarthSim/overmind#182: a process has crashed, and as a zombie it counts as running.
func TestOvermind182AZombieIsNotRunning(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.api]\nrestart = \"never\"\n" + s.exec("api") + "[tasks.web]\n" + s.exec("web"))
	api, web := s.enter("api"), s.enter("web")
	api.do("child", "child")
	child := s.enter("child")
	require.NoError(t, syscall.Kill(api.pid, syscall.SIGKILL))
	child.ends()
	v.until(`api .*(KILL|killed)`)
	require.NotContains(t, v.does("status", "api"), strconv.Itoa(api.pid))
	require.Regexp(t, `dead`, v.does("status", "api"))
	require.True(t, web.isAlive())
	supervisor := parentOf(t, web.pid)
	require.Empty(t, zombiesOf(t, supervisor))
	require.Eventually(t, func() bool { return len(zombiesOf(t, v.cmd.Process.Pid)) == 0 }, patient, time.Millisecond, "the guard reaps when it comes to it")
}

// parentOf returns the parent of a process that taskvisor has started: taskvisor itself.
func parentOf(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(text), ") ")
	parent, err := strconv.Atoi(strings.Fields(after)[1])
	require.NoError(t, err)
	return parent
}

// DarthSim/overmind#134: all are stopped at once, and rails cannot write to redis any more when it stops.
func TestOvermind134WhatIsNeededStopsLast(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.redis]\n" + s.exec("redis") + "[tasks.rails]\nneeds = [\"redis\"]\n" + s.exec("rails"))
	redis, rails := s.enter("redis"), s.enter("rails")
	rails.do("ignore") // it has something to write yet
	v.fromTerminal(syscall.SIGINT)
	rails.gets("TERM")
	require.Empty(t, redis.do("signals"), "it is needed until rails has ended")
	rails.exit(0)
	redis.gets("TERM")
	_, by := v.wait()
	require.Equal(t, syscall.SIGINT, by)
}

// air-verse/air#216: the port is taken by the process before when the next one starts.
func TestAir216ThePortIsFreeAfterARestart(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	address := freeAddress(t)
	v := s.run("[tasks.web]\nstop_timeout = \"200ms\"\n" + s.exec("web"))
	web := s.enter("web")
	web.do("child", "server")
	server := s.enter("server")
	server.do("ignore")
	server.do("listen", address)
	v.does("restart", "web")
	again := s.enter("web")
	server.hasEnded()
	again.do("listen", address)
}

// The same thread: whoever else has the port is named, and the task waits until it is free.
func TestAir216WhoHasThePortIsNamed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	v := s.run("[tasks.web]\nlisten = " + strconv.Quote(taken.Addr().String()) + "\n" + s.exec("web"))
	v.until(`web .*is in use by .*pid ` + strconv.Itoa(os.Getpid()))
	require.Contains(t, v.does("status", "web"), "is in use by")
	s.none("web")
	require.NoError(t, taken.Close())
	s.enter("web").do("listen", taken.Addr().String())
}

// freeAddress returns an address of this machine that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// mattn/goreman#39: a stop does not reach the grandchild, and hangs.
func TestGoreman39TheStopSignalReachesGrandchildren(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.etcd]\nstop_signal = \"HUP\"\n" + s.exec("etcd"))
	etcd := s.enter("etcd")
	etcd.do("child", "grandchild")
	grandchild := s.enter("grandchild")
	v.does("stop", "etcd")
	etcd.gets("HUP")
	grandchild.gets("HUP")
	etcd.hasEnded()
	grandchild.hasEnded()
}

// foreman ends with the exit code of the process that ended it, and stops the others.
func TestForemanExitCode(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("web: exec " + s.line("web") + "\nworker: " + s.line("worker") + "\n")
	web, worker := s.enter("web"), s.enter("worker")
	web.exit(7)
	worker.gets("TERM")
	code, _ := v.wait()
	require.Equal(t, 7, code)
	worker.hasEnded()
}

// ddollar/foreman#498, and DarthSim/overmind#37: Ctrl-C reaches the processes as well as the manager, twice or not at all. Here they
// get one signal, the one they are stopped by, and taskvisor ends by the signal that ended it.
func TestForeman498CtrlCArrivesOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("web: exec " + s.line("web") + "\nworker: exec " + s.line("worker") + "\n")
	web, worker := s.enter("web"), s.enter("worker")
	for _, p := range []*puppet{web, worker} {
		p.do("ignore")
	}
	v.fromTerminal(syscall.SIGINT)
	for _, p := range []*puppet{web, worker} {
		p.gets("TERM")
		require.Equal(t, "TERM", p.do("signals"), "nothing else has come")
		p.exit(0)
	}
	_, by := v.wait()
	require.Equal(t, syscall.SIGINT, by)
}

// nickstenning/honcho#78: a second Ctrl-C has no effect while a process takes its time.
func TestHoncho78ASecondCtrlCKills(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.slow]\nstop_timeout = \"1h\"\n" + s.exec("slow"))
	slow := s.enter("slow")
	slow.do("ignore")
	slow.do("child", "child")
	child := s.enter("child")
	child.do("ignore")
	v.fromTerminal(syscall.SIGINT)
	slow.gets("TERM")
	v.until(`(?i)ctrl-c|again|second`)
	for { // signals that come together count as one
		v.fromTerminal(syscall.SIGINT)
		select {
		case <-slow.gone:
		default:
			continue
		}
		break
	}
	v.wait()
	slow.hasEnded()
	child.hasEnded()
}

// Supervisor/supervisor#199, and DarthSim/overmind#50: the manager is killed, and everything it ran runs on.
func TestSupervisor199AKilledManagerLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	v := s.run("[tasks.web]\n" + s.exec("web"))
	web := s.enter("web")
	web.do("ignore")
	web.do("daemon", "daemon")
	daemon := s.enter("daemon")
	require.NoError(t, syscall.Kill(parentOf(t, web.pid), syscall.SIGKILL))
	_, by := v.wait()
	require.Equal(t, syscall.SIGKILL, by)
	web.hasEnded()
	daemon.hasEnded()
}
