// Package attach shows the terminal of a task in another, and lets one of all viewers type in it, over the control socket.
package attach

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// kind is what a frame holds. On the connection a frame is its kind, its length in two bytes, and what it holds.
type kind byte

const (
	bytesKind   kind = iota // what was typed, or is to be shown
	sizeKind                // rows and columns, two bytes each
	messageKind             // to the viewer, from the taskvisor
)

// longest is how many bytes a frame holds at most.
const longest = 32 << 10

// sender writes frames. It can be called from anywhere.
type sender struct {
	mu sync.Mutex
	to io.Writer
}

func (s *sender) send(of kind, p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for first := true; first || len(p) > 0; first = false {
		part := p[:min(len(p), longest)]
		frame := make([]byte, 3, 3+len(part))
		frame[0] = byte(of)
		binary.BigEndian.PutUint16(frame[1:], uint16(len(part)))
		if _, err := s.to.Write(append(frame, part...)); err != nil {
			return err
		}
		p = p[len(part):]
	}
	return nil
}

// Write sends what is to be shown.
func (s *sender) Write(p []byte) (int, error) {
	if err := s.send(bytesKind, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (s *sender) sendSize(rows, columns uint16) error {
	return s.send(sizeKind, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, rows), columns))
}

var errFrame = errors.New("what came is not what was expected")

// receive reads a frame. What it returns is valid until the next call with the same buffer.
func receive(from io.Reader, buffer []byte) (of kind, held []byte, err error) {
	var head [3]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, nil, err
	}
	of, n := kind(head[0]), int(binary.BigEndian.Uint16(head[1:]))
	if of > messageKind || n > len(buffer) {
		return 0, nil, fmt.Errorf("%w: a frame of kind %d, with %d bytes", errFrame, of, n)
	}
	_, err = io.ReadFull(from, buffer[:n])
	return of, buffer[:n], err
}

// sizeOf reads a size.
func sizeOf(p []byte) (rows, columns uint16, err error) {
	if len(p) != 4 {
		return 0, 0, errFrame
	}
	return binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:]), nil
}
