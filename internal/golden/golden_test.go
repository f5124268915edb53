package golden

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const recorded = `scenario 1

# A comment.
config tasks=2
policy default

at 0s add a
  0s add a none->created added
at 0s start
  0s start a#1 created->healthy supervisor-start
at 1s exit a#1 10
  1s reject a#1 healthy unknown-exit
at 2s exit a#1 panic
  2s transition a#1 healthy->failed failure attempts=1 until=4s exit=panic
expect status a -> failed failure intent=none wait=delay run=1
at 3s kill a
  3s transition a failed->dead killed
at 4s shutdown
  4s halt shutdown left=1
`

// edited returns the recorded scenario with some of its text replaced.
func edited(t *testing.T, replacements ...string) string {
	t.Helper()
	text := recorded
	for i := 0; i < len(replacements); i += 2 {
		require.Contains(t, text, replacements[i])
		text = replaceOnce(text, replacements[i], replacements[i+1])
	}
	return text
}

func replaceOnce(text, old, new string) string {
	for i := 0; i+len(old) <= len(text); i++ {
		if text[i:i+len(old)] == old {
			return text[:i] + new + text[i+len(old):]
		}
	}
	return text
}

func TestWhatAScenarioCanLose(t *testing.T) {
	for _, test := range []struct {
		name   string
		change []string
		want   []string
	}{
		{"nothing", nil, nil},
		{"an instant is not a point", []string{"until=4s", "until=5s"}, nil},
		{
			"an acceptance", []string{"3s transition a failed->dead killed", "3s reject a failed already-ended"},
			[]string{
				`x.txt:16: "at 3s kill a" was accepted and is now rejected: 3s reject a failed already-ended`,
				"x.txt:16: dead is no longer shown",
				"x.txt:16: killed is no longer shown",
			},
		},
		{
			"a refusal", []string{"1s reject a#1 healthy unknown-exit", "1s transition a#1 healthy->failed failure"},
			[]string{
				`x.txt:11: "at 1s exit a#1 10" was rejected and is now accepted; it was: 1s reject a#1 healthy unknown-exit`,
				"x.txt:11: unknown-exit is no longer shown",
			},
		},
		{
			"another refusal", []string{"unknown-exit", "stale-run"},
			[]string{"x.txt:11: unknown-exit is no longer shown"},
		},
		{
			"an exit", []string{"exit=panic", "exit=error"},
			[]string{"x.txt:13: exit=panic is no longer shown"},
		},
		{
			"a wait", []string{"wait=delay", "wait=turn"},
			[]string{"x.txt:15: wait=delay is no longer shown"},
		},
		{
			"the reason of a halt", []string{"halt shutdown", "halt too-many-dead"},
			[]string{"x.txt:18: shutdown is no longer shown"},
		},
		{
			"a number", []string{"exit a#1 10", "exit a#1 stopped"},
			[]string{"x.txt:11: the name stopped stands where the number 10 stood: at 1s exit a#1 stopped"},
		},
		{
			"a name", []string{"created->healthy supervisor-start", "created->healthy 57"},
			[]string{
				"x.txt:9: the number 57 stands where the name supervisor-start stood: 0s start a#1 created->healthy 57",
				"x.txt:9: supervisor-start is no longer shown",
			},
		},
		{
			"a statement", []string{"at 3s kill a\n  3s transition a failed->dead killed\n", ""},
			[]string{"x.txt:1: it has 9 statements instead of 10"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, Lost("x.txt", recorded, edited(t, test.change...)))
		})
	}
}

// recorder is a test that only notes how it failed.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Errorf(format string, args ...any) { r.failed = format }
func (r *recorder) Helper()                           {}

// A scenario that has lost something stays as it is, unless that was asked for.
func TestUpdatesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	require.NoError(t, os.WriteFile(path, []byte(recorded), 0o666))
	content := func() string {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(text)
	}
	good, bad := edited(t, "until=4s", "until=5s"), edited(t, "unknown-exit", "stale-run")

	r := &recorder{TB: t}
	UpdateScenario(r, path, bad)
	require.Contains(t, r.failed, "is not written")
	require.Equal(t, recorded, content())

	r = &recorder{TB: t}
	UpdateScenario(r, path, good)
	require.Empty(t, r.failed)
	require.Equal(t, good, content())

	defer func(before bool) { *updateAnyway = before }(*updateAnyway)
	*updateAnyway = true
	UpdateScenario(r, path, bad)
	require.Empty(t, r.failed)
	require.Equal(t, bad, content())
}

// The hint comes first, and a difference is short.
func TestDifferences(t *testing.T) {
	hint := Hint(t, "x.txt", Diff("a\nb\nc\nd\n", "a\nB\nc\nd\n"))
	require.Equal(t, "x.txt is not what was found. After a deliberate change run this test (-run '^TestDifferences$') with -update,"+
		" or make golden, and read the difference.\nline 2:\n- b\n+ B\n", hint)
	require.Equal(t, "line 2:\n+ b\n", Diff("a\n", "a\nb\n"))
	long := Diff("", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n")
	require.Contains(t, long, "+ 8\n+ … and 2 lines more\n")
}

func TestCompare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	defer func(before bool) { *update = before }(*update)
	*update = true
	Compare(t, path, "a\n")
	*update = false
	Compare(t, path, "a\n")
}
