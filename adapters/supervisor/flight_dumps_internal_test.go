package supervisor

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A flood of signals while a recording is being written, which can take long on a slow disk, asks for one more, and not for thousands.
func TestAFloodOfSignalsAsksForOneRecording(t *testing.T) {
	d := &flightDumps{folder: filepath.Join(t.TempDir(), "none"), most: 1} // where nothing can be written
	d.writing.Lock()
	for range 10_000 {
		d.beginAtSignal()
	}
	require.Len(t, d.written(), 1)
	pending := d.written()[0]
	d.writing.Unlock()
	<-pending
	require.Error(t, d.failure())
	require.False(t, d.asked)
	d.beginAtSignal()
	for _, written := range d.written() {
		<-written
	}
	require.Empty(t, d.written())
}
