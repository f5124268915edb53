package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	mockclock "github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const second = core.Instant(time.Second)

// world is a clock in a bubble, and what moves it.
type world struct {
	clock clock.Clock
	move  func(time.Duration)
}

var worlds = map[string]func() world{
	"system": func() world {
		return world{clock.System{}, time.Sleep}
	},
	"virtual": func() world {
		virtual := new(clock.Virtual)
		return world{virtual, virtual.Advance}
	},
	"bridged mock": func() world {
		mock := mockclock.NewMock()
		return world{benclock.New(mock), mock.Add}
	},
	"bridged real clock": func() world {
		return world{benclock.New(mockclock.New()), time.Sleep}
	},
}

// inEveryWorld runs a test in a bubble, once with every kind of clock.
func inEveryWorld(t *testing.T, test func(t *testing.T, source clock.Source, move func(time.Duration))) {
	for name, make := range worlds {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				w := make()
				source := w.clock.NewSource()
				test(t, source, func(d time.Duration) {
					w.move(d)
					synctest.Wait()
				})
				source.Arm(core.Never, false)
			})
		})
	}
}

func woken(source clock.Source) bool {
	select {
	case <-source.Wake():
		return true
	default:
		return false
	}
}

func TestTimeBeginsAtZeroAndPasses(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		require.Zero(t, source.Now())
		move(3 * time.Second)
		require.Equal(t, 3*second, source.Now())
	})
}

func TestWakesAtTheDeadlineAndNotBefore(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		source.Arm(10*second, true)
		move(9 * time.Second)
		require.False(t, woken(source))
		move(time.Second)
		require.True(t, woken(source))
	})
}

func TestADeadlineIsUsedUpByItsWakeUp(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		source.Arm(second, true)
		move(time.Second)
		require.True(t, woken(source))
		move(time.Hour)
		require.False(t, woken(source))
	})
}

func TestArmedInThePastWakesAtOnce(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		move(5 * time.Second)
		for _, past := range []core.Instant{5 * second, 0, -second, -core.Never} {
			source.Arm(past, true)
			synctest.Wait()
			require.True(t, woken(source), "armed at %v", past)
		}
	})
}

func TestNeverAndNotOkDisarm(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		source.Arm(second, true)
		source.Arm(0, false)
		move(2 * time.Second)
		require.False(t, woken(source))

		source.Arm(3*second, true)
		source.Arm(core.Never, true)
		move(2 * time.Second)
		require.False(t, woken(source))
	})
}

func TestArmTakesBackAWakeUp(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		source.Arm(second, true)
		move(time.Second)
		source.Arm(core.Never, false)
		require.False(t, woken(source))
	})
}

func TestArmReplacesTheDeadlineBothWays(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		source.Arm(10*second, true)
		source.Arm(2*second, true)
		move(2 * time.Second)
		require.True(t, woken(source))

		source.Arm(3*second, true)
		source.Arm(20*second, true)
		move(5 * time.Second)
		require.False(t, woken(source))
		move(13 * time.Second)
		require.True(t, woken(source))
	})
}

func TestNobodyIsHeldUpByAWakeUpThatIsNotReceived(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		for range 5 {
			source.Arm(source.Now()+second, true)
			move(time.Second)
			source.Arm(source.Now(), true)
		}
		require.True(t, woken(source))
		require.False(t, woken(source))
	})
}

func TestFarDeadlinesDoNotOverflow(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		source.Arm(core.Never-1, true)
		move(time.Second)
		require.False(t, woken(source))
	})
}

func TestWakeIsOneChannel(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, _ func(time.Duration)) {
		require.Equal(t, source.Wake(), source.Wake())
	})
}

func TestSourcesOfOneClockHaveATimerEach(t *testing.T) {
	for name, make := range worlds {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				w := make()
				early, late := w.clock.NewSource(), w.clock.NewSource()
				late.Arm(2*second, true)
				early.Arm(second, true)
				w.move(time.Second)
				synctest.Wait()
				require.True(t, woken(early))
				require.False(t, woken(late))
				late.Arm(core.Never, false)
			})
		})
	}
}

func TestManyGoroutinesMayArm(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, source clock.Source, move func(time.Duration)) {
		done := make(chan struct{})
		for i := range 8 {
			go func() {
				for j := range 50 {
					source.Arm(source.Now()+core.Instant(i*j), j%7 != 0)
				}
				done <- struct{}{}
			}()
		}
		for range 8 {
			<-done
		}
		source.Arm(source.Now()+second, true)
		move(time.Second)
		require.True(t, woken(source))
	})
}
