package attach

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Of a viewer who has left, everything is typed as long as the task reads. If it does not, the viewer is forgotten.
func TestAViewerLeavesWithWhatItHasTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, viewer := io.Pipe()
		over, left := make(chan struct{}), make(chan struct{})
		frames := readAhead(from, over, func() { close(left) })
		to := &sender{to: viewer}
		for _, text := range []string{"one", "two", "three", "four"} {
			require.NoError(t, to.send(bytesKind, []byte(text)))
		}
		require.NoError(t, viewer.Close())
		for _, text := range []string{"one", "two", "three"} {
			time.Sleep(leavesAfter - 1)
			require.Equal(t, frame{bytesKind, []byte(text)}, <-frames)
		}
		synctest.Wait()
		select {
		case <-left:
			require.Fail(t, "it is forgotten while the task reads")
		default:
		}
		read := time.Now()
		<-left
		require.LessOrEqual(t, time.Since(read), 2*leavesAfter)
		require.Equal(t, frame{bytesKind, []byte("four")}, <-frames)
		_, more := <-frames
		require.False(t, more)
		close(over)
	})
}

// When it is over, nothing waits for a task that reads nothing any more.
func TestAViewerIsNotReadWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, viewer := io.Pipe()
		over := make(chan struct{})
		readAhead(from, over, func() { t.Error("it has not left") })
		to := &sender{to: viewer}
		for range ahead + 1 {
			require.NoError(t, to.send(bytesKind, []byte("x")))
		}
		close(over)
		synctest.Wait()
	})
}
