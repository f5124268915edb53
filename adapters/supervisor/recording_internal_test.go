package supervisor

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestTapeEndsWhenTooMuchIsPending(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		recording := &recordingWriter{writer: writer, limit: 10}
		var written bytes.Buffer
		for _, line := range []string{"first\n", "second\n", "third\n", "4\n"} {
			if _, err := recording.Write([]byte(line)); err != nil {
				require.ErrorIs(t, err, ErrRecordingLost)
			}
			synctest.Wait()
		}
		require.ErrorIs(t, recording.failure(), ErrRecordingLost)
		go func() {
			<-recording.drained()
			_ = writer.Close()
		}()
		_, err := io.Copy(&written, reader)
		require.NoError(t, err)
		require.Equal(t, "first\nsecond\n", written.String(), "what was taken before is written")
	})
}
