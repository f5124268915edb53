//go:build unix

package supervisor_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
)

// victimFile says, in the environment of a process that is going to be killed, where it records.
const victimFile = "SUPERVISOR_TEST_VICTIM_FILE"

// TestVictim is not a test: it is what TestWhatAKilledProcessHasRecorded starts.
func TestVictim(t *testing.T) {
	path := os.Getenv(victimFile)
	if path == "" {
		return
	}
	root := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithMaxAttempts(supervisor.Unlimited),
		supervisor.WithFlightRecorder(supervisor.FlightRecorder{File: path, FileBytes: 256 << 10, Files: 2, Flush: time.Millisecond}))
	crash := func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		default:
			return errFailed
		}
	}
	below := newSupervisor(t, supervisor.WithBaseDelay(time.Millisecond), supervisor.WithIntensity(20, time.Minute))
	addFunc(t, below, "queue", crash)
	add(t, root, "mail", below)
	for i := range 5 {
		require.NoError(t, root.Add(fmt.Sprint("worker-", i), supervisor.TaskFunc(crash), supervisor.WithBaseDelay(100*time.Microsecond)))
	}
	require.NoError(t, root.Start(context.Background()))
	for {
		require.NoError(t, root.Drain(context.Background()))
		fmt.Println("recorded", root.Report().Runs.Started)
	}
}

// A process under load is killed. What it has recorded is replayed, checked, shown and asked.
func TestWhatAKilledProcessHasRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.recording")
	victim := exec.Command(os.Args[0], "-test.run", "^TestVictim$")
	victim.Env = append(os.Environ(), victimFile+"="+path)
	out, err := victim.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, victim.Start())
	lines := bufio.NewScanner(out)
	for started := 0; started < 3000; {
		require.True(t, lines.Scan())
		_, _ = fmt.Sscanf(lines.Text(), "recorded %d", &started)
	}
	require.NoError(t, victim.Process.Kill())
	require.Error(t, victim.Wait())

	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Len(t, files, 2, "several files are full")
	restarts, suite := 0, checkers.NewSuite(append(checkers.All(), checkers.Audits(7)...)...)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		file, err := scenario.ParseAll(text)
		require.NoError(t, err)
		require.LessOrEqual(t, len(file.Cuts), 1)
		for _, part := range file.Scenarios {
			requireNoViolation(t, suite, part)
			outcomes, err := whatif.Replay(part, []whatif.Case{
				{Name: "as it was"}, {Name: "slower", Policy: func(p *core.Policy) { p.BaseDelay = core.Duration(time.Second) }},
			})
			require.NoError(t, err)
			if part.Head.Of == "shop" {
				restarts += outcomes[0].Restarts
				require.Less(t, outcomes[1].Restarts, outcomes[0].Restarts/2)
			}
		}
		timeline, err := report.FromFile(name, file)
		require.NoError(t, err)
		require.NotEmpty(t, timeline.Restarts())
	}
	require.Greater(t, restarts, 500)
}

// requireNoViolation replays a part, and has every step checked.
func requireNoViolation(t *testing.T, suite *checkers.Suite, part *scenario.Scenario) {
	t.Helper()
	_, err := part.Play()
	require.NoError(t, err)
	player, err := scenario.NewPlayer(part)
	require.NoError(t, err)
	suite.Begin(player.Machine())
	for player.Next() {
		if _, ok := player.Statement().(*scenario.Event); ok {
			if err := suite.Observe(player.Machine(), player.Event(), player.Actions()); err != nil {
				require.NoError(t, err)
			}
		}
	}
	require.NoError(t, player.Err())
}

func TestASignalIsAnsweredWithADump(t *testing.T) {
	folder := t.TempDir()
	sup := newSupervisor(t, supervisor.WithName("shop"),
		supervisor.WithFlightRecorder(supervisor.FlightRecorder{Dumps: folder, Signal: syscall.SIGUSR1}))
	add(t, sup, "task", supervisor.TaskFunc(untilStopped))
	require.NoError(t, sup.Start(context.Background()))
	for i := range 2 {
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		for len(dumpsIn(t, folder)) <= i {
			runtime.Gosched()
		}
	}
	require.NoError(t, sup.Shutdown(context.Background()))
	for _, name := range dumpsIn(t, folder) {
		require.Regexp(t, `^shop-\d{8}T\d{6}\.\d{3}Z-signal\.recording$`, name)
		require.Contains(t, recordingIn(t, filepath.Join(folder, name))[0].String(), "start task#1")
	}
}

// dumpsIn returns the recordings in a folder that are whole.
func dumpsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	for _, name := range filesIn(t, folder) {
		if strings.HasSuffix(name, ".recording") {
			names = append(names, name)
		}
	}
	return names
}
