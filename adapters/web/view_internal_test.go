package web

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Every field of a policy is shown, by its name.
func TestEveryFieldOfAPolicyIsShown(t *testing.T) {
	policy := reflect.TypeFor[supervisor.Policy]()
	settings := settingsOf(new(supervisor.Policy))
	require.Len(t, settings, policy.NumField())
	for i := range settings {
		require.Equal(t, policy.Field(i).Name, settings[i].Option)
	}
	require.Empty(t, viewPolicy(supervisor.DefaultPolicy()).Differs)
	for i := range settings { // and a change of it is seen
		changed := supervisor.DefaultPolicy()
		switch field := reflect.ValueOf(&changed).Elem().Field(i); field.Kind() {
		case reflect.Bool:
			field.SetBool(!field.Bool())
		case reflect.Int64:
			field.SetInt(field.Int()/2 + 1)
		case reflect.Uint8, reflect.Uint32:
			field.SetUint(field.Uint() + 1)
		case reflect.Struct:
			if field.Type() == reflect.TypeFor[supervisor.Fraction]() {
				field.Set(reflect.ValueOf(supervisor.Fraction{Num: 1, Den: 7}))
			} else {
				field.Set(reflect.ValueOf(supervisor.Probe{Interval: 1, Timeout: 2, Failures: 3}))
			}
		default:
			t.Fatalf("a field of kind %v", field.Kind())
		}
		differs := viewPolicy(changed).Differs
		require.Len(t, differs, 1, settings[i].Option)
		require.Equal(t, settings[i].Option, differs[0].Option)
	}
}

func TestDelaysAreThoseOfThePolicy(t *testing.T) {
	standard := supervisor.DefaultPolicy()
	d := predict(&standard, 2)
	var all []string
	for _, row := range d.Rows {
		all = append(all, row.N+": "+row.Delay)
	}
	require.Equal(t, []string{"1: 2s", "2: 4s", "3: 8s", "4: 16s", "5: 32s"}, all)
	require.True(t, d.Rows[1].Here)
	require.Equal(t, "Failure 6 in a row makes it dead, after 1m2s of delays at most.", d.Then)

	service := standard
	service.MaxAttempts, service.MaxExponent, service.MaxDelay, service.Jitter = supervisor.Unlimited, 32, time.Minute, supervisor.Fraction{Num: 1, Den: 5}
	d = predict(&service, 40)
	require.Len(t, d.Rows, 6)
	require.Equal(t, delayRow{N: "6 and on", Delay: "48 s to 1 min 0 s", Used: true, Here: true}, d.Rows[5])
	require.Equal(t, "It never gives up; the longest delay is 1m0s. Restarts in a row now: 40.", d.Then)

	none := standard
	none.Restart = supervisor.RestartNever
	require.Equal(t, delays{Then: "It is never restarted."}, predict(&none, 0))
	none = standard
	none.MaxAttempts = 0
	require.Equal(t, delays{Then: "Failure 1 in a row makes it dead."}, predict(&none, 0))
	none.MaxAttempts, none.BaseDelay, none.OnExhausted = 3, 0, supervisor.ExhaustedEscalate
	require.Equal(t, delays{
		Rows: []delayRow{{N: "1 and on", Delay: "at once"}}, Then: "Failure 4 in a row stops the supervisor.",
	}, predict(&none, 0))
}

func TestDurationsAreForPeople(t *testing.T) {
	for d, text := range map[time.Duration]string{
		-time.Second: "0.0 s", 0: "0.0 s", 3249 * time.Millisecond: "3.2 s", 9999 * time.Millisecond: "9.9 s", 10 * time.Second: "10 s", 59*time.Second + 999*time.Millisecond: "59 s",
		time.Minute: "1 min 0 s", 59*time.Minute + 59*time.Second: "59 min 59 s", time.Hour: "1 h 0 min", 47*time.Hour + 59*time.Minute: "47 h 59 min",
		48 * time.Hour: "2 d 0 h", 1000 * time.Hour: "41 d 16 h",
	} {
		require.Equal(t, text, duration(d))
	}
}

// Whatever is not seen, or steers how other characters are seen, is written out.
func TestHiddenCharactersAreShown(t *testing.T) {
	require.Equal(t, "plain – ünïcode 任务\n\tline", shown("plain – ünïcode 任务\n\tline"))
	require.Equal(t, `\x1b[31mred\x07 \u202egnp.exe\u200b \ue0041 \x9b �`, shown("\x1b[31mred\a \u202egnp.exe\u200b \U000e0041 \u009b \xff"))
}

func TestFirstLine(t *testing.T) {
	require.Equal(t, "one", first("  one\n", 10))
	require.Equal(t, "one …", first("one\ntwo", 10))
	require.Equal(t, "üü …", first("üüüü", 5))
}

// A query is in the address, and comes back from it.
func TestQueriesComeBack(t *testing.T) {
	q := query{view: "tree", find: "a&b=<c>", show: "down", page: 3, folds: []string{"a/b", "c d"}, folded: true}
	require.Equal(t, q, queryOf(values(t, q.String())))
	require.Equal(t, query{page: 1}, queryOf(values(t, "?view=evil&show=evil&page=-4")))
	require.Equal(t, query{page: 1, view: "tree"}, queryOf(values(t, "?")).settle(manyTasks))
	require.Equal(t, query{page: 1, view: "list", folded: true}, queryOf(values(t, "?")).settle(manyTasks+1))
	toggled := q.toggled("a/b")
	require.Equal(t, []string{"c d"}, toggled.folds)
	require.Equal(t, 1, toggled.page)
	require.True(t, toggled.isFolded("a/b"))
	require.Equal(t, []string{"a/b", "c d"}, q.folds, "the query itself stays")
}

// The spans that share a pixel are one, and the worst of them shows.
func TestSpansThatShareAPixelAreOne(t *testing.T) {
	all := merged([]span{{from: 0, to: 10, class: 4}, {from: 10, to: 10.5, class: 8}, {from: 10.5, to: 11, class: 4}, {from: 11, class: 4}}, 3)
	require.Len(t, all, 3)
	require.Equal(t, 10.0, all[1].from)
	require.Equal(t, 11.0, all[1].to)
	require.EqualValues(t, 8, all[1].class)
}

// The stylesheet gives each look its colours in both themes, and says nothing that the policy for styles forbids.
func TestTheStylesheetHasAllLooks(t *testing.T) {
	css := string(assetOf("page.css").content)
	require.Equal(t, 2, strings.Count(css, ".gF {"))
	require.NotContains(t, css, "url(")
	require.NotContains(t, css, "@import")
}

func values(t *testing.T, address string) url.Values {
	t.Helper()
	at, err := url.Parse(address)
	require.NoError(t, err)
	return at.Query()
}

// A lane has what a task waited for, as far as the decisions say, and begins when the page has seen anything.
func TestALaneIsWhatHappened(t *testing.T) {
	now := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
	seen := &glance{began: seconds(at(-8)), decisions: []decision{
		{date: at(-6), kind: supervisor.ActionStop, from: supervisor.StatusHealthy, to: supervisor.StatusStopping, why: supervisor.ReasonDependency, run: 1},
		{date: at(-5), from: supervisor.StatusStopping, to: supervisor.StatusCreated, why: supervisor.ReasonStartAgain, run: 1},
		{date: at(-4), kind: supervisor.ActionStart, from: supervisor.StatusCreated, to: supervisor.StatusHealthy, why: supervisor.ReasonStartAgain, run: 2, restart: true},
		{date: at(-3), from: supervisor.StatusHealthy, to: supervisor.StatusHealthy, why: supervisor.ReasonProbeFailed, run: 2},
		{date: at(-2), from: supervisor.StatusHealthy, to: supervisor.StatusFailed, why: supervisor.ReasonFailure, run: 2, until: supervisor.Never},
		{date: at(-1), from: supervisor.StatusFailed, to: supervisor.StatusFailed, why: supervisor.ReasonDelayBegins, run: 2, until: 1},
	}}
	status := &supervisor.TaskStatus{Status: supervisor.StatusFailed, Why: supervisor.ReasonFailure, Wait: supervisor.WaitDelay, Until: 1}
	var have []string
	for _, s := range spans(status, seen, now, laneLength) {
		text := fmt.Sprintf("%g %s", (s.from-seconds(now))/60, s.class.Look().Name)
		if s.started {
			text += ", started"
		}
		have = append(have, text)
	}
	require.Equal(t, []string{
		"-8 healthy", "-6 stopping with others", "-5 waiting for others", "-4 healthy, started", "-2 failed, others stop first", "-1 failed",
	}, have)
	require.Len(t, spans(status, seen, at(20), laneLength), 1, "only what is in view")

	quiet := &supervisor.TaskStatus{Status: supervisor.StatusHealthy, Since: 0, At: supervisor.Instant(3 * time.Minute), Run: 1}
	one := spans(quiet, &glance{began: seconds(now)}, now, laneLength)
	require.Len(t, one, 1)
	require.Equal(t, seconds(at(-3)), one[0].from, "without a decision the status says since when")
}
