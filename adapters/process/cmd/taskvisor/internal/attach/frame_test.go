package attach

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFrames(t *testing.T) {
	var line bytes.Buffer
	s := &sender{to: &line}
	long := strings.Repeat("x", 2*longest+5)
	n, err := s.Write([]byte(long))
	require.NoError(t, err)
	require.Equal(t, len(long), n)
	require.NoError(t, s.sendSize(24, 80))
	require.NoError(t, s.send(messageKind, nil))
	sent := line.Bytes()
	buffer := make([]byte, longest)
	var got strings.Builder
	for range 3 {
		of, held, err := receive(&line, buffer)
		require.NoError(t, err)
		require.Equal(t, bytesKind, of)
		got.Write(held)
	}
	require.Equal(t, long, got.String())
	of, held, err := receive(&line, buffer)
	require.NoError(t, err)
	require.Equal(t, sizeKind, of)
	rows, columns, err := sizeOf(held)
	require.NoError(t, err)
	require.Equal(t, []uint16{24, 80}, []uint16{rows, columns})
	of, held, err = receive(&line, buffer)
	require.NoError(t, err)
	require.Equal(t, messageKind, of)
	require.Empty(t, held)
	_, _, err = receive(&line, buffer)
	require.ErrorIs(t, err, io.EOF)

	_, _, err = receive(bytes.NewReader(sent[:10]), buffer)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, _, err = receive(bytes.NewReader([]byte{9, 0, 0}), buffer)
	require.ErrorIs(t, err, errFrame)
	_, _, err = receive(bytes.NewReader([]byte{0, 255, 255}), buffer)
	require.ErrorIs(t, err, errFrame)
	_, _, err = sizeOf([]byte{1, 2, 3})
	require.ErrorIs(t, err, errFrame)
}

func TestKeys(t *testing.T) {
	for text, key := range map[string]byte{"ctrl-]": 0x1d, "Ctrl-X": 0x18, "ctrl-a": 1, `ctrl-\`: 0x1c, "ctrl-@": 0} {
		got, err := ParseKey(text)
		require.NoError(t, err)
		require.Equal(t, key, got)
	}
	for _, text := range []string{"", "x", "ctrl-", "ctrl-1", "ctrl-xy", "alt-x"} {
		_, err := ParseKey(text)
		require.Error(t, err, text)
	}
}
