package supervisortest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// failures collects how a test fails.
type failures struct {
	testing.TB
	all []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) {
	f.all = append(f.all, fmt.Sprintf(format, args...))
}

// A recording of which a decision was changed, or that no machine would give, fails the test.
func TestBadRecordingsFailTests(t *testing.T) {
	const good = `scenario 1 part=1 of=shop
config
policy p0
at 0s add a
  0s add a none->created added
at 0s start
  0s start a#1 created->healthy supervisor-start
`
	for _, test := range []struct{ text, failure string }{
		{"", ""},
		{good, ""},
		{"nonsense\n", "the recording cannot be read"},
		{good + "at 1s exit a#1 error\n  1s transition a#1 healthy->dead failure exit=error\n", "shop: a decision cannot be replayed"},
		{"scenario 1 part=1\npolicy p0 factor=0\n", "the supervisor: a decision cannot be replayed"},
		{good + "scenario 1 part=2 of=shop/mail\nat 0s start\n  0s halt shutdown\n", "shop/mail: a decision cannot be replayed"},
	} {
		f := &failures{}
		check(f, []byte(test.text))
		if test.failure == "" {
			require.Empty(t, f.all)
			continue
		}
		require.Len(t, f.all, 1)
		require.Contains(t, f.all[0], test.failure)
	}
}
