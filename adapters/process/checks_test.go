//go:build unix

package process

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A run is over when the command that looks how it is has ended as well: it may have what the next needs, and this program may end next.
func TestARunWaitsForItsChecks(t *testing.T) {
	slow := func(p *fakeProcess) exitState {
		if p.group.spec.args[0] != "/bin/sh" {
			p.until(syscall.SIGUSR1)
			return exitState{}
		}
		<-p.killed
		time.Sleep(300 * time.Millisecond)
		return by(syscall.SIGKILL)
	}
	c := Command{Probe: Exec("/bin/sh"), ProbeInterval: time.Second, ProbeTimeout: time.Minute}
	for name, end := range map[string]func(s *scene){
		"it ends": func(s *scene) { require.NoError(t, s.Signal(syscall.SIGUSR1)) },
		"it is shut": func(s *scene) {
			go func() { _ = s.sup.Shutdown(context.Background()) }()
			_ = s.Signal(syscall.SIGUSR1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, c, slow, func(s *scene) {
				s.at(1500 * time.Millisecond)
				require.Equal(t, 2, s.keeper.started())
				p := s.running()
				end(s)
				s.at(1700 * time.Millisecond)
				require.True(t, s.status().Live)
				require.True(t, p.hasEnded())
				s.at(1900 * time.Millisecond)
				require.False(t, s.status().Live)
				require.ErrorIs(t, p.exec(context.Background(), []string{"/bin/sh"}), ErrNotRunning)
			})
		})
	}
}
