package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// Visor is what a handler asks and commands. Each function may be nil, and may be called from several goroutines at a time.
type Visor struct {
	Supervisor *supervisor.Supervisor
	Info       Info
	PID        func(path string) int // of a task's process; 0: it has none
	Reload     func(path string) error
	Apply      func(ctx context.Context, order ApplyOrder) (Applied, error)
	Shutdown   func(now bool)

	// Settle is how long a task without readiness has to stay up before a command says that it is up: it is healthy as soon as it
	// starts, and what cannot work fails soon after.
	Settle time.Duration

	Reserve time.Duration // see [KillIn]
}

// NewHandler returns what answers on a control socket. Others may add routes to it before it serves.
func NewHandler(v Visor) *http.ServeMux {
	h := &handler{Visor: v}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/info", func(w http.ResponseWriter, _ *http.Request) { Answer(w, v.Info, nil) })
	mux.HandleFunc("GET /v1/tree", h.tree)
	mux.HandleFunc("POST /v1/tasks/{action}", h.order)
	mux.HandleFunc("POST /v1/apply", h.apply)
	mux.HandleFunc("POST /v1/shutdown", h.shutdown)
	mux.HandleFunc("GET /v1/ended", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	page := web.New(v.Supervisor)
	for _, route := range []string{"tasks.json", "task.json", "events", "recording"} {
		mux.Handle("GET /v1/"+route, page)
	}
	return mux
}

// Answer writes a value, or a refusal.
func Answer(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	if err != nil {
		refusal := refusalOf(err)
		status, value = statusFor(refusal.Code), refusal
	}
	text, err := json.Marshal(value)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"code":"failed","message":"the answer cannot be written"}`)
	}
	text = append(text, '\n')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// Read reads the body of a request, which may be empty. What it does not know it refuses, because it would not do it.
func Read(w http.ResponseWriter, r *http.Request, into any) error {
	const atMost = 1 << 20
	if r.ContentLength == 0 {
		return nil
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, atMost))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &Error{CodeBadRequest, "the request cannot be read: " + err.Error()}
	}
	return nil
}

func refusalOf(err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	message := err.Error()
	if task := (*supervisor.TaskError)(nil); errors.As(err, &task) {
		message = task.Err.Error() // the client knows what it asked for
	}
	return &Error{codeOf(err), message}
}

func codeOf(err error) Code {
	for _, known := range []struct {
		err  error
		code Code
	}{
		{supervisor.ErrUnknownTask, CodeUnknownTask}, {supervisor.ErrAlreadyEnded, CodeAlreadyEnded},
		{supervisor.ErrNotSuspended, CodeNotSuspended}, {supervisor.ErrBeingRemoved, CodeBeingRemoved},
		{supervisor.ErrShuttingDown, CodeShuttingDown}, {supervisor.ErrStopped, CodeShuttingDown},
		{context.DeadlineExceeded, CodeTimeout},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return CodeFailed
}

func statusFor(code Code) int {
	switch code {
	case CodeBadRequest, CodeBadFile:
		return http.StatusBadRequest
	case CodeUnknownTask:
		return http.StatusNotFound
	case CodeFailed:
		return http.StatusInternalServerError
	case CodeUnsupported:
		return http.StatusNotImplemented
	case CodeAlreadyEnded, CodeNotSuspended, CodeBeingRemoved, CodeShuttingDown, CodeNotUp, CodeTimeout:
	}
	return http.StatusConflict
}

type handler struct{ Visor }

func (h *handler) pid(path string) int {
	if h.PID == nil {
		return 0
	}
	return h.PID(path)
}

// tree writes the nodes as the supervisor does, each with its process number.
func (h *handler) tree(w http.ResponseWriter, _ *http.Request) {
	nodes := h.Supervisor.Tree()
	tree := struct {
		At    time.Time         `json:"at"`
		Phase supervisor.Phase  `json:"phase"`
		Cause string            `json:"cause,omitempty"`
		Tasks []json.RawMessage `json:"tasks"`
	}{At: time.Now().UTC(), Phase: h.Supervisor.Phase(), Tasks: make([]json.RawMessage, len(nodes))}
	if cause := h.Supervisor.Report().Cause; cause != (supervisor.StopCause{}) {
		tree.Cause = cause.String()
	}
	for i := range nodes {
		text, err := json.Marshal(&nodes[i])
		if err != nil {
			Answer(w, nil, err)
			return
		}
		if pid := h.pid(nodes[i].Path); pid > 0 {
			text = fmt.Appendf(text[:len(text)-1], `,"pid":%d}`, pid)
		}
		if left, ok := KillIn(&nodes[i].TaskStatus, h.Reserve); ok && nodes[i].Inside == nil {
			text = fmt.Appendf(text[:len(text)-1], `,"kill_seconds":%g}`, left.Seconds())
		}
		tree.Tasks[i] = text
	}
	Answer(w, tree, nil)
}

func (h *handler) apply(w http.ResponseWriter, r *http.Request) {
	var order ApplyOrder
	if err := Read(w, r, &order); err != nil {
		Answer(w, nil, err)
		return
	}
	if h.Apply == nil {
		Answer(w, nil, &Error{CodeUnsupported, "there is no file to read again"})
		return
	}
	// What has begun to be applied is applied, whether or not the client waits.
	applied, err := h.Apply(context.WithoutCancel(r.Context()), order)
	Answer(w, applied, err)
}

func (h *handler) shutdown(w http.ResponseWriter, r *http.Request) {
	var order ShutdownOrder
	if err := Read(w, r, &order); err != nil {
		Answer(w, nil, err)
		return
	}
	if h.Shutdown == nil {
		Answer(w, nil, &Error{CodeUnsupported, "it cannot be shut down from here"})
		return
	}
	Answer(w, struct{}{}, nil)
	_ = http.NewResponseController(w).Flush() // before there may be nothing left to answer with
	h.Shutdown(order.Now)
}

// order carries out a command about tasks.
func (h *handler) order(w http.ResponseWriter, r *http.Request) {
	var order Order
	if err := Read(w, r, &order); err != nil {
		Answer(w, nil, err)
		return
	}
	command := h.command(Action(r.PathValue("action")), &order)
	if command == nil {
		Answer(w, nil, &Error{CodeBadRequest, fmt.Sprintf("there is no action %q", r.PathValue("action"))})
		return
	}
	paths, err := h.paths(&order)
	if err != nil {
		Answer(w, nil, err)
		return
	}
	done := make([]DoneTask, len(paths))
	waits := make([]func(context.Context) error, len(paths))
	for i, path := range paths {
		done[i].Path = path
		wait, text, err := command(path)
		done[i].Text, waits[i] = text, wait
		if err != nil {
			done[i].Error = refusalOf(err)
		}
	}
	if order.Wait > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), time.Duration(order.Wait*float64(time.Second)))
		defer cancel()
		for i := range done {
			if waits[i] == nil || done[i].Error != nil {
				continue
			}
			if err := waits[i](ctx); err != nil {
				done[i].Error = refusalOf(err)
			}
		}
	}
	for i := range done {
		if status, err := h.Supervisor.Status(paths[i]); err == nil {
			done[i].Status, done[i].Run, done[i].PID = status.Status.String(), uint64(status.Run), h.pid(paths[i])
		}
	}
	Answer(w, Done{done}, nil)
}

// paths returns the tasks that an order is about. A task with instances stands for all of them.
func (h *handler) paths(order *Order) (paths []string, err error) {
	switch {
	case order.All && len(order.Paths) > 0:
		return nil, &Error{CodeBadRequest, "all tasks or some are meant, not both"}
	case order.All:
		for _, status := range h.Supervisor.Statuses() {
			paths = append(paths, status.Name)
		}
		return paths, nil
	case len(order.Paths) == 0:
		return nil, &Error{CodeBadRequest, "no task is named"}
	}
	var known []string
	for _, node := range h.Supervisor.Tree() {
		known = append(known, node.Path)
	}
	for _, path := range order.Paths {
		meant := taskfile.Meant(path, known)
		if len(meant) == 0 {
			return nil, UnknownTask(path, known)
		}
		for _, other := range meant {
			if !slices.Contains(paths, other) {
				paths = append(paths, other)
			}
		}
	}
	return paths, nil
}
