package core_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// textual is an enumeration with texts both ways.
type textual[E core.Enum] interface {
	*E
	encoding.TextUnmarshaler
}

// requireTexts checks the texts of all values of an enumeration, and that no other value has one and no other text a value.
func requireTexts[E interface {
	core.Enum
	fmt.Stringer
	encoding.TextMarshaler
}, P textual[E]](t *testing.T, kind string) {
	t.Helper()
	known := slices.Collect(core.ValuesFrom(E(0)))
	for _, value := range known {
		text, err := value.MarshalText()
		require.NoError(t, err)
		require.Equal(t, value.String(), string(text))
		var read E
		require.NoError(t, P(&read).UnmarshalText(text))
		require.Equal(t, value, read)
	}
	nameless := E(len(known))
	_, err := nameless.MarshalText()
	require.Equal(t, &core.UnknownNameError{Kind: kind, Name: nameless.String()}, err)
	for _, text := range []string{"", "nonsense", nameless.String(), "NONE"} {
		kept := known[len(known)-1]
		err := P(&kept).UnmarshalText([]byte(text))
		require.Equal(t, &core.UnknownNameError{Kind: kind, Name: text}, err)
		require.Equal(t, known[len(known)-1], kept, "nothing is changed")
	}
}

func TestEveryEnumerationHasTextsBothWays(t *testing.T) {
	requireTexts[core.EventKind](t, "EventKind")
	requireTexts[core.ActionKind](t, "ActionKind")
	requireTexts[core.ExitKind](t, "ExitKind")
	requireTexts[core.Status](t, "Status")
	requireTexts[core.Intent](t, "Intent")
	requireTexts[core.Wait](t, "Wait")
	requireTexts[core.Phase](t, "Phase")
	requireTexts[core.Reason](t, "Reason")
	requireTexts[core.Refusal](t, "Refusal")
	requireTexts[core.Restart](t, "Restart")
	requireTexts[core.OnAbandon](t, "OnAbandon")
	requireTexts[core.OnExhausted](t, "OnExhausted")
	requireTexts[core.OnMiss](t, "OnMiss")
	requireTexts[core.Strategy](t, "Strategy")
	requireTexts[core.StopOrder](t, "StopOrder")
	requireTexts[core.AutoShutdown](t, "AutoShutdown")
}

func marshaled(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// The keys are a promise.
func TestPoliciesAndLimitsHaveJSON(t *testing.T) {
	require.Equal(t, `{"restart":"on-failure","base_delay_seconds":1,"factor":2,"max_exponent":5,"max_attempts":5,`+
		`"stable_after_seconds":80,"stop_timeout_seconds":10,"on_abandon":"wait","on_exhausted":"dead","readiness":false,`+
		`"start_timeout_seconds":90,"on_miss":"restart","significant":true}`, marshaled(t, core.DefaultPolicy()))
	policy := core.DefaultPolicy()
	policy.BaseDelay, policy.MaxAttempts, policy.MaxDelay, policy.StableAfter = 0, core.Unlimited, time.Minute, core.Forever
	policy.HungStopTimeout, policy.Watchdog, policy.Jitter = 1500*time.Millisecond, time.Nanosecond, core.Fraction{Num: 1, Den: 5}
	policy.Probe = core.Probe{Interval: 5e9, Timeout: core.Forever, Failures: 3}
	require.Equal(t, `{"restart":"on-failure","base_delay_seconds":0,"factor":2,"max_exponent":5,"max_delay_seconds":60,"jitter":0.2,`+
		`"stop_timeout_seconds":10,"hung_stop_timeout_seconds":1.5,"on_abandon":"wait","on_exhausted":"dead","readiness":false,`+
		`"start_timeout_seconds":90,"watchdog_seconds":0.000000001,"probe":{"interval_seconds":5,"failures":3},`+
		`"on_miss":"restart","significant":true}`, marshaled(t, &policy))
	require.Equal(t, `{"auto_shutdown":"never"}`, marshaled(t, core.Limits{}))
	require.Equal(t, `{"dead_threshold":0.4,"intensity":{"count":5,"per_seconds":60},"restart_rate":{"count":1},"auto_shutdown":"any","shutdown_timeout_seconds":30}`,
		marshaled(t, core.Limits{
			DeadThreshold: core.Fraction{Num: 2, Den: 5}, Intensity: core.Rate{Count: 5, Per: time.Minute},
			RestartRate: core.Rate{Count: 1, Per: core.Forever}, AutoShutdown: core.AutoShutdownAny, ShutdownTimeout: 30 * time.Second,
		}))
	require.Equal(t, `[{},{"count":2,"per_seconds":1},0,0.5]`, marshaled(t, []any{
		object{}, core.Rate{Count: 2, Per: time.Second}, core.Fraction{}, core.Fraction{Num: 1, Den: 2},
	}))
	require.Equal(t, `{"interval_seconds":1,"timeout_seconds":0,"failures":1}`, marshaled(t, core.Probe{Interval: time.Second, Failures: 1}))
	require.Equal(t, `{"count":0,"per_seconds":-1.000000001}`, marshaled(t, core.Rate{Per: -1000000001}))
	require.Equal(t, `[0.333333333,1,0.000000001]`, marshaled(t, []core.Fraction{{Num: 1, Den: 3}, {Num: 7, Den: 7}, {Num: 1, Den: 1e9}}))
	require.Equal(t, `{"count":0,"per_seconds":90061.00000001}`, marshaled(t, core.Rate{Per: 90061e9 + 10}))
	require.Equal(t, `{"total":2,"healthy":1,"left_behind":1}`, marshaled(t, core.Counts{Total: 2, Healthy: 1, LeftBehind: 1}))
}

type object struct{}

// No setting is forgotten: each changes the JSON under a key of its name.
func TestEverySettingIsInTheJSON(t *testing.T) {
	check := func(of reflect.Value, skip string) {
		for i := range of.NumField() {
			field := of.Type().Field(i)
			if field.Name == skip {
				continue
			}
			changed := reflect.New(of.Type()).Elem()
			changed.Set(of)
			changed.Field(i).Set(anotherValue(t, of.Field(i)))
			before, after := marshaled(t, of.Interface()), marshaled(t, changed.Interface())
			require.NotEqual(t, before, after, field.Name)
			key := regexp.MustCompile("([a-z])([A-Z])").ReplaceAllString(field.Name, "${1}_${2}")
			require.Regexp(t, `(?i)"`+key+`(_seconds)?":`, before+after)
		}
	}
	check(reflect.ValueOf(core.DefaultPolicy()), "")
	check(reflect.ValueOf(core.Limits{}), "")
}

func anotherValue(t *testing.T, v reflect.Value) reflect.Value {
	t.Helper()
	switch v.Interface().(type) {
	case core.Fraction:
		return reflect.ValueOf(core.Fraction{Num: 1, Den: 3})
	case core.Rate:
		return reflect.ValueOf(core.Rate{Count: 1, Per: 2})
	case core.Probe:
		return reflect.ValueOf(core.Probe{Interval: 1, Failures: 2})
	case bool:
		return reflect.ValueOf(!v.Bool())
	}
	if v.CanInt() {
		return reflect.ValueOf(int64(12345)).Convert(v.Type())
	}
	require.True(t, v.CanUint(), v.Type())
	return reflect.ValueOf(uint64(1)).Convert(v.Type())
}

func ExampleUnknownNameError() {
	var status core.Status
	fmt.Println(status.UnmarshalText([]byte("sleeping")))
	// Output: Status has no value that is called "sleeping"
}
