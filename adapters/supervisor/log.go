package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
)

// logger is an observer that writes records. Of a storm it writes the first records and sums up the rest, see stormLimit.
type logger struct {
	to       *slog.Logger
	observer *observer
	limit    stormLimit
	storms   []*storm
}

// newLogger returns an observer that logs.
func newLogger(to *slog.Logger, queue int, limit stormLimit) *observer {
	l := &logger{to: to, limit: limit}
	l.observer = newObserver(queue, l.tell)
	l.observer.enabled = func(level slog.Level) bool { return to.Enabled(context.Background(), level) }
	l.observer.logs = true
	return l.observer
}

// tell writes a transition. One without a number asks for what has been held back.
func (l *logger) tell(t Transition, lost lostByLevel) {
	if t.Seq == 0 {
		l.sumUp()
		return
	}
	logLosses(l.to, lost)
	if t.Why == ReasonNone && t.Kind != ActionHalt {
		return
	}
	level, ctx := logLevel(&t), t.ctx
	if ctx == nil { // nothing has run yet
		ctx = context.Background()
	}
	if l.to.Enabled(ctx, level) && l.mayWrite(level, &t) {
		l.to.LogAttrs(ctx, level, logMessage(&t), attributesOf(&t)...)
	}
	if t.AllWell && l.to.Enabled(ctx, slog.LevelInfo) {
		l.to.LogAttrs(ctx, slog.LevelInfo, "all tasks are well again", slog.Uint64("tasks", t.ill.tasks), slog.Uint64("failures", t.ill.failures))
	}
}

// logLosses writes how many records of which levels are lost, of those levels that are logged.
func logLosses(logger *slog.Logger, lost lostByLevel) {
	worst, ctx := slog.LevelWarn, context.Background()
	var attributes []slog.Attr
	for i, n := range lost {
		if level := levelAt(i); n > 0 && logger.Enabled(ctx, level) {
			attributes = append(attributes, slog.Uint64("lost_"+strings.ToLower(level.String()), n))
			worst = max(worst, level)
		}
	}
	if len(attributes) > 0 {
		logger.LogAttrs(ctx, worst, "log records lost, the logger is too slow", attributes...)
	}
}

// The keys of all records, and of the groups that LogValue returns, are listed in docs/operating.md, and are a promise. Words are
// words in JSON, too, and durations are texts such as "1m30s": slog's own would be nanoseconds there.

// LogValue returns what a record about the transition has in it, as a group.
func (t Transition) LogValue() slog.Value { return slog.GroupValue(attributesOf(&t)...) }

func attributesOf(t *Transition) []slog.Attr {
	attributes := make([]slog.Attr, 0, 12)
	if t.Supervisor != "" {
		attributes = append(attributes, slog.String("supervisor", t.Supervisor))
	}
	if t.Task != "" {
		attributes = append(attributes, slog.String("task", t.Task), slog.Uint64("run", uint64(t.Run)))
		if t.Kind != ActionHalt {
			attributes = append(attributes, slog.String("status", t.To.String()))
		}
	}
	attributes = append(attributes, slog.String("why", t.Why.String()))
	if t.Exit != ExitNone {
		attributes = append(attributes, slog.String("exit", t.Exit.String()))
	}
	if t.Failures > 0 {
		attributes = append(attributes, slog.Uint64("failures", uint64(t.Failures)), durationAttr("down", t.Down))
	}
	if t.Attempts > 0 {
		attributes = append(attributes, slog.Uint64("attempts", uint64(t.Attempts)))
	}
	if t.To == StatusFailed && t.Until != Never {
		attributes = append(attributes, durationAttr("restart_in", time.Duration(t.Until-t.At)))
	}
	if t.LeftBehind > 0 {
		attributes = append(attributes, slog.Uint64("left_behind", uint64(t.LeftBehind)))
	}
	return appendError(attributes, t.Err)
}

// appendError appends an error, and where it panicked if it did.
func appendError(attributes []slog.Attr, err error) []slog.Attr {
	if err == nil {
		return attributes
	}
	attributes = append(attributes, slog.Any("error", err))
	if panicked := (*PanicError)(nil); errors.As(err, &panicked) {
		attributes = append(attributes, slog.String("stack", panicked.Stack.String()))
	}
	return attributes
}

// durationAttr is a duration as people read it: from a second on without what is below a millisecond.
func durationAttr(key string, d time.Duration) slog.Attr {
	if d >= time.Second {
		d = d.Round(time.Millisecond)
	}
	return slog.String(key, d.String())
}

// LogValue returns the status as a group, with the keys that records have.
func (t TaskStatus) LogValue() slog.Value { return slog.GroupValue(t.attributes("task", t.Name)...) }

// LogValue returns the status as a group, with the task's path.
func (n TreeNode) LogValue() slog.Value { return slog.GroupValue(n.attributes("path", n.Path)...) }

// attributes returns the attributes of a status, beginning with what the task is called.
func (t *TaskStatus) attributes(key, name string) []slog.Attr {
	attributes := []slog.Attr{
		slog.String(key, name), slog.Uint64("run", uint64(t.Run)), slog.String("status", t.Status.String()), slog.String("why", t.Why.String()),
	}
	if t.Wait != WaitNone {
		attributes = append(attributes, slog.String("wait", t.Wait.String()))
	}
	if t.WaitsFor != "" {
		attributes = append(attributes, slog.String("waits_for", t.WaitsFor))
	}
	if t.HeldBy != nil {
		attributes = append(attributes, slog.String("held", t.held()))
	}
	if t.LastExit != ExitNone {
		attributes = append(attributes, slog.String("exit", t.LastExit.String()))
	}
	if t.Attempts > 0 {
		attributes = append(attributes, slog.Uint64("attempts", uint64(t.Attempts)))
	}
	if d, ok := t.RestartIn(); ok {
		attributes = append(attributes, durationAttr("restart_in", d))
	}
	return appendError(attributes, t.LastError)
}

// LogValue returns the problem as a group: for a task, that of its status.
func (p Problem) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("problem", p.Kind.String())}
	if p.Task.Status != StatusNone {
		attributes = append(attributes, p.Task.attributes("path", p.Path)...)
	} else {
		attributes = appendError(append(attributes, slog.String("path", p.Path)), p.Err)
	}
	return slog.GroupValue(attributes...)
}

// LogValue returns "ok", or the problems that count, as text.
func (h Health) LogValue() slog.Value { return slog.StringValue(h.String()) }

// LogValue returns the totals as a group.
func (t Totals) LogValue() slog.Value {
	return slog.GroupValue(slog.Uint64("starts", t.Starts), slog.Uint64("failures", t.Failures), durationAttr("down", t.Downtime))
}

// LogValue returns the cause as a group.
func (c StopCause) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("why", c.Why.String())}
	if c.Task != "" {
		attributes = append(attributes, slog.String("task", c.Task), slog.Uint64("run", uint64(c.Run)))
	}
	return slog.GroupValue(appendError(attributes, c.Err)...)
}

// LogValue returns the report in brief, as a group.
func (r Report) LogValue() slog.Value {
	attributes := []slog.Attr{
		slog.String("supervisor", r.Path), slog.String("phase", r.Phase.String()),
		slog.Uint64("started", r.Runs.Started), slog.Uint64("ended", r.Runs.Ended), slog.Int("left_behind", len(r.LeftBehind)),
		slog.Uint64("failed_stops", r.Runs.FailedStops),
	}
	return slog.GroupValue(appendError(attributes, r.Err)...)
}
