package benclock_test

import (
	"testing"
	"time"

	mockclock "github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// The tests of this file run outside any bubble, as programs that use a Mock do, and wait by channels. What each guards
// against is something that v1.3.5 of the Mock does to a timer that is used in the obvious way.

// A timer that fired and is reset without having been drained holds up the Add after it for good.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const second = core.Instant(time.Second)

func woken(source clock.Source) bool {
	select {
	case <-source.Wake():
		return true
	default:
		return false
	}
}

// A clock that is none is not bridged, so that whoever takes a clock can say so.
func TestNoClock(t *testing.T) { require.Nil(t, benclock.New(nil)) }

func TestMockAddIsNotHeldUpByAWakeUpThatIsNotReceived(t *testing.T) {
	mock := mockclock.NewMock()
	source := benclock.New(mock).NewSource()
	for i := range 3 {
		source.Arm(core.Instant(i+1)*second, true)
		mock.Add(time.Second)
	}
	<-source.Wake()
}

// A timer made without delay fires only at the next Add.
func TestMockDeadlineNowNeedsNoAdd(t *testing.T) {
	mock := mockclock.NewMock()
	source := benclock.New(mock).NewSource()
	source.Arm(0, true)
	<-source.Wake()
	mock.Add(time.Second)
	source.Arm(second, true)
	<-source.Wake()
}

// A Tick that is under way when its timer is reset takes the new deadline with it. Here every Add meets the owner
// while that answers to the one before.
func TestMockDeadlineArmedDuringAnAddIsMet(t *testing.T) {
	const deadlines = 20
	mock := mockclock.NewMock()
	source := benclock.New(mock).NewSource()
	source.Arm(second, true)

	met := make(chan core.Instant)
	go func() {
		for range deadlines {
			<-source.Wake()
			met <- source.Now()
			source.Arm(source.Now()+second, true)
		}
		close(met)
	}()
	for i := range deadlines {
		for woken := false; !woken; {
			select {
			case at := <-met:
				require.GreaterOrEqual(t, at, core.Instant(i+1)*second)
				woken = true
			default:
				mock.Add(time.Second / 2)
			}
		}
	}
	<-met
}

// A deadline that was met must not keep the Mock's Add from going on to others'.
func TestMockIsSharedWithOthers(t *testing.T) {
	mock := mockclock.NewMock()
	source := benclock.New(mock).NewSource()
	source.Arm(second, true)
	other := mock.Timer(2 * time.Second)
	mock.Add(2 * time.Second)
	<-source.Wake()
	<-other.C
}

func TestMockSetBack(t *testing.T) {
	mock := mockclock.NewMock()
	source := benclock.New(mock).NewSource()
	mock.Add(time.Minute)
	mock.Set(time.Unix(10, 0))
	require.Equal(t, 10*second, source.Now())
}

// slippery is a Mock that is moved just before a timer is made.
type slippery struct {
	*mockclock.Mock
	by []time.Duration
}

func (s *slippery) AfterFunc(d time.Duration, f func()) *mockclock.Timer {
	if len(s.by) > 0 {
		s.Add(s.by[0])
		s.by = s.by[1:]
	}
	return s.Mock.AfterFunc(d, f)
}

// The timer would count from the later moment.
func TestMockMovedWhileADeadlineIsArmed(t *testing.T) {
	mock := &slippery{mockclock.NewMock(), []time.Duration{time.Second, 2 * time.Second}}
	source := benclock.New(mock).NewSource()
	source.Arm(10*second, true)
	require.Equal(t, 3*second, source.Now())
	mock.Add(7*time.Second - 1)
	require.False(t, woken(source))
	mock.Add(1)
	<-source.Wake()

	mock.by = []time.Duration{time.Minute}
	source.Arm(source.Now()+second, true)
	<-source.Wake()
}
