package supervisor

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// What is written here in JSON is listed in docs/operating.md, and its keys are a promise. Enumerations are their words, errors
// their texts. Instants are dates in UTC, where the clock knows the date, beside durations in seconds that end in "_seconds".
// What is zero, none or never is left out. Nothing of this is read back.

// MarshalJSON writes the status as an object.
func (t TaskStatus) MarshalJSON() ([]byte, error) { return json.Marshal(t.json()) }

type taskStatusJSON struct {
	Name            string    `json:"name"`
	Status          Status    `json:"status"`
	Why             Reason    `json:"why,omitempty"`
	Run             RunNumber `json:"run,omitempty"`
	Live            bool      `json:"live,omitempty"`
	Since           time.Time `json:"since,omitzero"`
	SinceSeconds    seconds   `json:"since_seconds,omitempty"`
	Until           time.Time `json:"until,omitzero"`
	UntilSeconds    *seconds  `json:"until_seconds,omitempty"`
	Wait            Wait      `json:"wait,omitempty"`
	WaitsFor        string    `json:"waits_for,omitempty"`
	Suspended       bool      `json:"suspended,omitempty"`
	Held            bool      `json:"held,omitempty"`
	HeldBy          string    `json:"held_by,omitempty"`
	HeldWhy         string    `json:"held_why,omitempty"`
	Attempts        uint32    `json:"attempts,omitempty"`
	ClearsAt        time.Time `json:"clears_at,omitzero"`
	ClearsAtSeconds *seconds  `json:"clears_at_seconds,omitempty"`
	Intent          Intent    `json:"intent,omitempty"`
	Hung            bool      `json:"hung,omitempty"`
	Fenced          RunNumber `json:"fenced,omitempty"`
	FencedSince     time.Time `json:"fenced_since,omitzero"`
	FencedSeconds   seconds   `json:"fenced_since_seconds,omitempty"`
	LastExit        ExitKind  `json:"last_exit,omitempty"`
	LastError       string    `json:"last_error,omitempty"`
	LastStack       string    `json:"last_stack,omitempty"`
	Misses          uint8     `json:"misses,omitempty"`
	Probing         bool      `json:"probing,omitempty"`
	Unready         bool      `json:"unready,omitempty"`
	Silent          bool      `json:"silent,omitempty"`
	At              time.Time `json:"at,omitzero"`
}

func (t *TaskStatus) json() taskStatusJSON {
	failure := jsonOf(t.LastError)
	until, untilSeconds := t.in(t.Until)
	var fencedSince time.Time
	var fencedSeconds seconds
	if t.Fenced != 0 {
		fencedSince, fencedSeconds = dateJSON(t.Date(t.FencedSince)), seconds(t.At-t.FencedSince)
	}
	clearsAt, clearsAtSeconds := t.in(t.ClearsAt)
	heldBy, heldWhy := t.Holder()
	return taskStatusJSON{
		Name: t.Name, Status: t.Status, Why: t.Why, Run: t.Run, Live: t.Live,
		Since: dateJSON(t.Date(t.Since)), SinceSeconds: seconds(t.At - t.Since),
		Until: until, UntilSeconds: untilSeconds,
		Wait: t.Wait, WaitsFor: t.WaitsFor, Suspended: t.Suspended, Held: t.Held, HeldBy: heldBy, HeldWhy: heldWhy,
		Attempts: t.Attempts, ClearsAt: clearsAt, ClearsAtSeconds: clearsAtSeconds,
		Intent: t.Intent, Hung: t.Hung, Fenced: t.Fenced, FencedSince: fencedSince, FencedSeconds: fencedSeconds,
		LastExit: t.LastExit, LastError: failure.Error, LastStack: failure.Stack,
		Misses: t.Misses, Probing: t.Probing, Unready: t.Unready, Silent: t.Silent,
		At: dateJSON(t.Date(t.At)),
	}
}

// in returns the date of an instant, and how long it is until then; nothing for Never.
func (t *TaskStatus) in(at Instant) (time.Time, *seconds) {
	if at == Never || at == 0 && t.At == 0 && t.Status == StatusNone { // the zero status
		return time.Time{}, nil
	}
	left := seconds(at - t.At)
	return dateJSON(t.Date(at)), &left
}

// MarshalJSON writes the task as the object of its status, with the path, the depth, and the phase, the strategy and the stop order of the supervisor inside.
func (n TreeNode) MarshalJSON() ([]byte, error) {
	node := struct {
		Path      string     `json:"path"`
		Depth     int        `json:"depth,omitempty"`
		Phase     *Phase     `json:"phase,omitempty"`
		Strategy  *Strategy  `json:"strategy,omitempty"`
		StopOrder *StopOrder `json:"stop_order,omitempty"`
		Totals    Totals     `json:"totals,omitzero"`
		taskStatusJSON
	}{Path: n.Path, Depth: n.Depth, Totals: n.Totals, taskStatusJSON: n.TaskStatus.json()}
	if n.Inside != nil {
		node.Phase, node.Strategy, node.StopOrder = &n.Phase, &n.Strategy, &n.StopOrder
	}
	return json.Marshal(node)
}

// MarshalJSON writes the transition as an object.
func (t Transition) MarshalJSON() ([]byte, error) {
	transition := struct {
		Seq          uint64     `json:"seq,omitempty"`
		Lost         uint64     `json:"lost,omitempty"`
		Supervisor   string     `json:"supervisor,omitempty"`
		Task         string     `json:"task,omitempty"`
		At           time.Time  `json:"at,omitzero"`
		AtSeconds    seconds    `json:"at_seconds"`
		Kind         ActionKind `json:"kind"`
		From         Status     `json:"from,omitempty"`
		To           Status     `json:"to,omitempty"`
		Why          Reason     `json:"why,omitempty"`
		Run          RunNumber  `json:"run,omitempty"`
		Exit         ExitKind   `json:"exit,omitempty"`
		Attempts     uint32     `json:"attempts,omitempty"`
		Until        time.Time  `json:"until,omitzero"`
		UntilSeconds *seconds   `json:"until_seconds,omitempty"`
		LeftBehind   uint32     `json:"left_behind,omitempty"`
		Failures     uint32     `json:"failures,omitempty"`
		DownSeconds  seconds    `json:"down_seconds,omitempty"`
		FailedStop   bool       `json:"failed_stop,omitempty"`
		LateProbe    bool       `json:"late_probe,omitempty"`
		AllWell      bool       `json:"all_well,omitempty"`
		errorJSON
	}{
		Seq: t.Seq, Lost: t.Lost, Supervisor: t.Supervisor, Task: t.Task,
		At: t.Date.UTC(), AtSeconds: seconds(t.At),
		Kind: t.Kind, From: t.From, To: t.To, Why: t.Why, Run: t.Run, Exit: t.Exit, Attempts: t.Attempts,
		LeftBehind: t.LeftBehind, Failures: t.Failures, DownSeconds: seconds(t.Down), FailedStop: t.FailedStop, LateProbe: t.LateProbe, AllWell: t.AllWell,
		errorJSON: jsonOf(t.Err),
	}
	if t.Until != Never && t.Kind != ActionHalt {
		left := seconds(t.Until - t.At)
		transition.UntilSeconds = &left
		if !t.Date.IsZero() {
			transition.Until = t.Date.Add(time.Duration(left)).UTC()
		}
	}
	return json.Marshal(transition)
}

// MarshalJSON writes the report as an object.
func (r Report) MarshalJSON() ([]byte, error) {
	report := struct {
		Path  string `json:"path,omitempty"`
		Phase Phase  `json:"phase"`
		errorJSON
		Cause          *StopCause       `json:"cause,omitempty"`
		Runs           RunCounts        `json:"runs"`
		Tasks          []TaskReport     `json:"tasks,omitempty"`
		LeftBehind     []LeftBehindRun  `json:"left_behind,omitempty"`
		FailedStops    []FailedStop     `json:"failed_stops,omitempty"`
		Probes         []LateProbe      `json:"probes,omitempty"`
		Observers      []ObserverReport `json:"observers,omitempty"`
		RecordingError string           `json:"recording_error,omitempty"`
	}{
		Path: r.Path, Phase: r.Phase, errorJSON: jsonOf(r.Err), Runs: r.Runs, Tasks: r.Tasks, LeftBehind: r.LeftBehind,
		FailedStops: r.FailedStops, Probes: r.Probes, Observers: r.Observers, RecordingError: jsonOf(r.Recording).Error,
	}
	if r.Cause != (StopCause{}) {
		report.Cause = &r.Cause
	}
	return json.Marshal(report)
}

// MarshalJSON writes the cause as an object.
func (c StopCause) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Why  Reason    `json:"why,omitempty"`
		Task string    `json:"task,omitempty"`
		Run  RunNumber `json:"run,omitempty"`
		errorJSON
	}{c.Why, c.Task, c.Run, jsonOf(c.Err)})
}

// MarshalJSON writes the failed stop as an object.
func (f FailedStop) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Path string    `json:"path"`
		Run  RunNumber `json:"run"`
		Why  Reason    `json:"why,omitempty"`
		Exit ExitKind  `json:"exit"`
		errorJSON
		At time.Time `json:"at,omitzero"`
	}{f.Path, f.Run, f.Why, f.Exit, jsonOf(f.Err), f.Date.UTC()})
}

// MarshalJSON writes the run as an object.
func (l LeftBehindRun) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Path  string    `json:"path"`
		Run   RunNumber `json:"run"`
		Why   Reason    `json:"why,omitempty"`
		Since time.Time `json:"since,omitzero"`
		Stuck []string  `json:"stuck,omitempty"`
	}{l.Path, l.Run, l.Why, l.Date.UTC(), l.Stuck})
}

// MarshalJSON writes the probe as an object.
func (p LateProbe) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Path  string    `json:"path"`
		Run   RunNumber `json:"run"`
		Since time.Time `json:"since,omitzero"`
	}{p.Path, p.Run, p.Date.UTC()})
}

// MarshalJSON writes the report as an object.
func (o ObserverReport) MarshalJSON() ([]byte, error) {
	failure := jsonOf(o.LastPanic)
	return json.Marshal(struct {
		Delivered  uint64 `json:"delivered"`
		Pending    uint64 `json:"pending,omitempty"`
		Lost       uint64 `json:"lost,omitempty"`
		LostErrors uint64 `json:"lost_errors,omitempty"`
		Late       uint64 `json:"late,omitempty"`
		Panics     uint64 `json:"panics,omitempty"`
		LastPanic  string `json:"last_panic,omitempty"`
		LastStack  string `json:"last_stack,omitempty"`
	}{o.Delivered, o.Pending, o.Lost, o.LostErrors, o.Late, o.Panics, failure.Error, failure.Stack})
}

// MarshalJSON writes what the run knows of itself as an object.
func (i RunInfo) MarshalJSON() ([]byte, error) {
	failure := jsonOf(i.LastError)
	return json.Marshal(struct {
		Path      string    `json:"path"`
		Task      string    `json:"task"`
		Run       RunNumber `json:"run"`
		Why       Reason    `json:"why,omitempty"`
		Attempts  uint32    `json:"attempts,omitempty"`
		LastExit  ExitKind  `json:"last_exit,omitempty"`
		LastError string    `json:"last_error,omitempty"`
		LastStack string    `json:"last_stack,omitempty"`
	}{i.Path, i.Task, i.Run, i.Why, i.Attempts, i.LastExit, failure.Error, failure.Stack})
}

// MarshalText prints the calls, as String does.
func (s Stack) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// seconds is a duration that JSON has in seconds.
type seconds core.Duration

// MarshalJSON writes the seconds as a number.
func (s seconds) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).Seconds()) }

// errorJSON is the text of an error, and where it panicked if it did.
type errorJSON struct {
	Error string `json:"error,omitempty"`
	Stack string `json:"stack,omitempty"`
}

func jsonOf(err error) (text errorJSON) {
	if err == nil {
		return text
	}
	if panicked := (*PanicError)(nil); errors.As(err, &panicked) {
		text.Stack = panicked.Stack.String()
	}
	text.Error = errorText(err)
	return text
}

// dateJSON returns a date in UTC, or the zero time if there is none.
func dateJSON(date time.Time, ok bool) time.Time {
	if !ok {
		return time.Time{}
	}
	return date.UTC()
}

// Date returns an instant of the status by the wall clock; ok is false if the clock has no dates, or for Never.
func (t TaskStatus) Date(at Instant) (date time.Time, ok bool) {
	if t.source == nil {
		return time.Time{}, false
	}
	return clock.Date(t.source, at)
}
