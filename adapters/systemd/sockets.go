package systemd

import (
	"fmt"
	"net"
	"sync"

	"github.com/coreos/go-systemd/v22/activation"
)

// Listen returns the listener of that name that systemd has passed to the process, see FileDescriptorName= in systemd.socket(5); or
// where it has passed no sockets at all, one that listens at the address, as [net.Listen] does. With it, connections wait in
// systemd's socket while the process is replaced.
//
// Each listener is handed out once. It is an error if systemd has passed sockets and none of that name, or several, or the one
// was handed out before. Listen is safe for concurrent use.
func Listen(name, network, address string) (net.Listener, error) {
	passed, err := sockets()
	if err != nil {
		return nil, err
	}
	taken.Lock()
	defer taken.Unlock()
	switch found := passed[name]; {
	case len(passed) == 0:
		return net.Listen(network, address)
	case len(found) != 1:
		return nil, fmt.Errorf("systemd has passed %d listening sockets of the name %q, not 1", len(found), name)
	case taken.names[name]:
		return nil, fmt.Errorf("the socket %q was taken before", name)
	default:
		taken.names[name] = true
		return found[0], nil
	}
}

// sockets are what systemd has passed. They can be taken from the environment once only.
var sockets = sync.OnceValues(activation.ListenersWithNames)

// taken are the names of the sockets that were handed out.
var taken = struct {
	sync.Mutex
	names map[string]bool
}{names: make(map[string]bool)}
