package conformance

import (
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crash says, in the process in which a runtime is to end it, how.
const crash = "CONFORMANCE_TEST_CRASH"

// crashing is a runtime that does what ends the process when it is started.
type crashing struct{ Runtime }

func (c crashing) Add(name string, task Task) error {
	switch os.Getenv(crash) {
	case "panic":
		go panic("the runtime panicked")
		<-make(chan int)
	case "exit":
		os.Exit(3)
	case "hang":
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
	case "overflow":
		debug.SetMaxStack(1 << 20)
		_ = c.Add(name, task)
	case "deadlock":
		<-make(chan int)
	}
	return c.Runtime.Add(name, task)
}

// TestInner is run by the test below, in a process of its own. The third scenario is the one that goes wrong.
func TestInner(t *testing.T) {
	if os.Getenv(crash) == "" {
		t.Skip("it is run by another test")
	}
	var opened atomic.Int64
	Suite{Stress: 1, Patience: time.Second, Open: func(env Env) (Runtime, error) {
		r, err := openCrooked(honest, env)
		if opened.Add(1) == 3 {
			if os.Getenv(crash) == "opening" {
				panic("the runtime panicked")
			}
			return crashing{r}, err
		}
		return r, err
	}}.Run(t)
}

// Whatever a runtime does, the scenario in which it does it can be told from what is printed.
func TestARuntimeThatEndsTheProcessCanBePlaced(t *testing.T) {
	third := testCases()[2].name
	for how, prints := range map[string]string{
		"panic": "panic: the runtime panicked", "exit": "", "hang": `scenario "` + third + `" on the bubble clock has not ended within 1s`,
		"overflow": "stack overflow",
	} {
		out := runInner(t, how)
		require.Contains(t, out, prints, how)
		last := ""
		for line := range strings.Lines(out) {
			if strings.HasPrefix(line, "conformance: TestInner: ") {
				last = line
			}
		}
		require.Equal(t, `conformance: TestInner: scenario "`+third+`" on the bubble clock`+"\n", last, how)
	}
}

// What need not end the process does not: the scenarios that follow are played.
func TestARuntimeThatFailsInOneScenarioIsTriedInTheOthers(t *testing.T) {
	names := testCases()
	third := names[2].name
	for how, prints := range map[string]string{"opening": third + ": it panicked: the runtime panicked", "deadlock": ""} {
		out := runInner(t, how)
		require.Contains(t, out, prints, how)
		require.Contains(t, out, `scenario "`+names[len(names)-1].name+`"`, how)
		require.Contains(t, out, "--- FAIL: TestInner", how)
	}
}

func runInner(t *testing.T, how string) string {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestInner$")
	command.Env = append(os.Environ(), crash+"="+how)
	out, err := command.CombinedOutput()
	require.Error(t, err)
	return string(out)
}
