package screen

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// LogQuery says which lines are asked for.
type LogQuery struct {
	Tasks  []string  // tasks, and groups for all tasks in them; none: all
	Lines  int       // how many of the last lines; they are kept up to a thousand a task
	Since  time.Time // none before that
	Follow bool      // and all that come after, until the taskvisor ends
}

// The route of the log, and its parameters.
const (
	logRoute    = "log"
	writeWithin = 10 * time.Second // how long one who follows may take to read
)

func (q *LogQuery) values() url.Values {
	values := url.Values{"task": q.Tasks, "lines": {strconv.Itoa(q.Lines)}}
	if !q.Since.IsZero() {
		values.Set("since", q.Since.UTC().Format(time.RFC3339Nano))
	}
	if q.Follow {
		values.Set("follow", "true")
	}
	return values
}

// queryOf reads a query. The error is a *control.Error.
func queryOf(values url.Values) (q LogQuery, err error) {
	bad := func(name string) error {
		return &control.Error{Code: control.CodeBadRequest, Message: fmt.Sprintf("%s cannot be %q", name, values.Get(name))}
	}
	q.Tasks = values["task"]
	if q.Lines, err = strconv.Atoi(values.Get("lines")); err != nil {
		return q, bad("lines")
	}
	if values.Has("since") {
		if q.Since, err = time.Parse(time.RFC3339Nano, values.Get("since")); err != nil {
			return q, bad("since")
		}
	}
	if values.Has("follow") {
		if q.Follow, err = strconv.ParseBool(values.Get("follow")); err != nil {
			return q, bad("follow")
		}
	}
	return q, nil
}

// AddRoutes adds what [Log] asks for to what answers on a control socket:
//
//	GET /v1/log   the last lines of tasks: ?task=, ?lines=, ?since=, ?follow=true, answered by a Record a line
func (h *Hub) AddRoutes(mux *http.ServeMux) { mux.HandleFunc("GET /v1/"+logRoute, h.serveLog) }

func (h *Hub) serveLog(w http.ResponseWriter, r *http.Request) {
	q, err := queryOf(r.URL.Query())
	if err == nil {
		q.Tasks, err = h.meant(q.Tasks)
	}
	if err != nil {
		control.Answer(w, nil, err)
		return
	}
	tail, follower := h.Follow(q.Lines, q.Tasks...)
	defer follower.Close()
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "application/x-ndjson")
	write := func(entries []Entry, lost int) error {
		var text []byte
		for i := range entries {
			if record := entries[i].Record(); !record.Time.Before(q.Since) {
				text = record.append(text)
			}
		}
		if lost > 0 {
			missing := Record{Time: time.Now(), Stream: process.Notice.String(), Text: fmt.Sprintf("(%s left out here: not read in time)", counted(uint64(lost), "line"))}
			text = missing.append(text)
		}
		_ = out.SetWriteDeadline(time.Now().Add(writeWithin))
		if _, err := w.Write(text); err != nil {
			return err
		}
		return out.Flush()
	}
	if err := write(tail, 0); err != nil || !q.Follow {
		return
	}
	for {
		entries, lost, err := follower.Next(r.Context())
		if err != nil {
			return
		}
		if write(entries, lost) != nil {
			return
		}
	}
}

// meant returns what some paths of tasks and groups stand for. The error is a *control.Error about one that does not exist.
func (h *Hub) meant(paths []string) (meant []string, err error) {
	var known []string // tasks, and the groups that they are in
	for _, task := range h.Tasks() {
		known = append(known, task)
		for i := range task {
			if task[i] == '/' {
				known = append(known, task[:i])
			}
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, path := range paths {
		found := taskfile.Meant(path, known)
		if len(found) == 0 {
			return nil, control.UnknownTask(path, known)
		}
		meant = append(meant, found...)
	}
	return meant, nil
}

// Log asks a taskvisor for lines, and calls for each, until there are no more, or the context ends. The error is one of
// [control.Client], or of the call.
func Log(ctx context.Context, client *control.Client, q LogQuery, call func(*Record) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://taskvisor/v1/"+logRoute+"?"+q.values().Encode(), nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	decoder := json.NewDecoder(answer.Body)
	for {
		var record Record
		switch err := decoder.Decode(&record); {
		case err == io.EOF, err == io.ErrUnexpectedEOF: // the taskvisor has ended
			return nil
		case err != nil && ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		if err := call(&record); err != nil {
			return err
		}
	}
}
