//go:build unix

package signals

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A signal that reaches both processes may end the program before the guard passes it on. It is the same signal then, too.
func TestPassedOnAfterTheStop(t *testing.T) {
	c := make(chan os.Signal, 2)
	stop := Notify(c, syscall.SIGUSR2)
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR2))
	require.Equal(t, syscall.SIGUSR2, <-c)
	stop()
	require.True(t, Pass(syscall.SIGUSR2), "the listener had it")
	require.False(t, Pass(syscall.SIGUSR2), "this is another")

	stop = Notify(c, syscall.SIGUSR2)
	require.True(t, Pass(syscall.SIGUSR2))
	require.Equal(t, syscall.SIGUSR2, <-c)
	stop()
	require.False(t, Pass(syscall.SIGUSR2), "the first was passed on as well")
}
