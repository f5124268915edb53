//go:build !unix

package process

import (
	"errors"
	"os"
)

func openPTY(uint16, uint16) (here *os.File, theirs *os.File, err error) {
	return nil, nil, errors.ErrUnsupported
}

func resizePTY(*os.File, uint16, uint16) error { return errors.ErrUnsupported }
