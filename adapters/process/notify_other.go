//go:build !linux

package process

import "errors"

const notifySupported = false

// notifySocket does not exist here: a command that needs one is refused before.
type notifySocket struct{ address string }

func listenNotify(*process) (*notifySocket, error) { return nil, errors.ErrUnsupported }

func (*notifySocket) serve() {}

func (*notifySocket) close() {}
