package supervisor

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// While a program stops, it says every five seconds what it waits for.
func TestAProgramSaysWhatItWaitsFor(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var log bytes.Buffer
		slow := TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(14 * time.Second)
			return nil
		})
		s, err := New(WithTask("slow", slow, WithStopTimeout(Forever)), WithTask("quick", TaskFunc(stopped)),
			WithLogger(slog.New(slog.NewTextHandler(&log, nil))), ForService())
		require.NoError(t, err)
		ctx, cancel := context.WithCancelCause(context.Background())
		signals, code := make(chan os.Signal), make(chan int)
		go func() { code <- newProgram(s).obey(ctx, cancel, signals) }()
		synctest.Wait()
		begun := time.Now()
		signals <- syscall.SIGTERM
		require.Equal(t, CodeStopped, <-code)
		require.Equal(t, 14*time.Second, time.Since(begun))
		require.Equal(t, 1, strings.Count(log.String(), "msg=stopping signal=terminated runs=2 names=\"slow, quick\""))
		require.Equal(t, 2, strings.Count(log.String(), "msg=\"still stopping\" runs=1 names=slow"))
	})
}
