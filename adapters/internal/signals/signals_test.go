package signals

import (
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	direct = true
	passed = false
)

func TestArrivals(t *testing.T) {
	type step struct {
		after  time.Duration
		kind   os.Signal
		direct bool
		counts bool
	}
	for name, steps := range map[string][]step{
		"Ctrl-C reaches both":                 {{0, os.Interrupt, direct, true}, {0, os.Interrupt, passed, false}},
		"the guard is quicker":                {{0, os.Interrupt, passed, true}, {time.Second, os.Interrupt, direct, false}},
		"it was sent to the guard alone":      {{0, syscall.SIGTERM, passed, true}, {0, syscall.SIGTERM, passed, true}},
		"it was sent to the program alone":    {{0, syscall.SIGTERM, direct, true}, {0, syscall.SIGTERM, direct, true}},
		"Ctrl-C twice":                        {{0, os.Interrupt, direct, true}, {0, os.Interrupt, direct, true}, {0, os.Interrupt, passed, false}, {0, os.Interrupt, passed, false}},
		"Ctrl-C twice, one after the other":   {{0, os.Interrupt, direct, true}, {0, os.Interrupt, passed, false}, {0, os.Interrupt, passed, true}, {0, os.Interrupt, direct, false}},
		"others are others":                   {{0, os.Interrupt, direct, true}, {0, syscall.SIGTERM, passed, true}},
		"what comes much later is another":    {{0, os.Interrupt, direct, true}, {window + 1, os.Interrupt, passed, true}},
		"and what comes just in time is not":  {{0, os.Interrupt, direct, true}, {window, os.Interrupt, passed, false}},
		"what was paired is paired only once": {{0, os.Interrupt, direct, true}, {0, os.Interrupt, passed, false}, {0, os.Interrupt, passed, true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, c := &listener{}, make(chan os.Signal, 1)
				for i, s := range steps {
					time.Sleep(s.after)
					l.arrive(c, arrival{s.kind, s.direct, time.Now()})
					require.Equal(t, s.counts, len(c) == 1, "step %d", i)
					if s.counts {
						require.Equal(t, s.kind, <-c)
					}
				}
			})
		})
	}
}

func TestPass(t *testing.T) {
	require.False(t, Pass(syscall.SIGTERM))
	c := make(chan os.Signal, 1)
	stop := Notify(c, syscall.SIGTERM)
	require.True(t, Pass(syscall.SIGTERM))
	require.False(t, Pass(os.Interrupt))
	require.Equal(t, syscall.SIGTERM, <-c)
	stop()
	stop()
	require.False(t, Pass(syscall.SIGTERM))
}

func TestWhatCameEarly(t *testing.T) {
	type came struct {
		after  time.Duration
		direct bool
	}
	for name, test := range map[string]struct {
		came  []came
		after time.Duration
		late  bool
	}{
		"directly":                        {[]came{{0, direct}}, window, true},
		"directly, and long ago":          {[]came{{0, direct}}, window + 1, false},
		"passed on":                       {[]came{{0, passed}}, 0, false},
		"by both ways":                    {[]came{{0, direct}, {0, passed}}, 0, false},
		"twice directly, and once passed": {[]came{{0, direct}, {0, direct}, {0, passed}}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var a listeners
				l := &listener{done: make(chan struct{}), over: make(chan struct{})}
				a.add(l)
				for _, came := range test.came {
					time.Sleep(came.after)
					l.arrive(nil, arrival{syscall.SIGTERM, came.direct, time.Now()})
				}
				go l.listen(nil)
				a.remove(l)
				require.Empty(t, a.listeners)
				time.Sleep(test.after)
				require.False(t, a.isLate(os.Interrupt))
				require.Equal(t, test.late, a.isLate(syscall.SIGTERM))
				require.False(t, a.isLate(syscall.SIGTERM))
			})
		})
	}
}
