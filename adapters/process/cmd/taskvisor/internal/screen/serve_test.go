package screen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// answering has a hub answer on a control socket, and returns a client. end ends the taskvisor.
func answering(t *testing.T, hub *Hub) (client *control.Client, end func()) {
	t.Helper()
	folder, err := os.MkdirTemp("", "log")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	listener, err := control.Listen(filepath.Join(folder, "socket"))
	require.NoError(t, err)
	sup, err := supervisor.New()
	require.NoError(t, err)
	mux := control.NewHandler(control.Visor{Supervisor: sup})
	hub.AddRoutes(mux)
	server := &http.Server{Handler: mux}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	end = func() {
		_ = server.Close()
		<-served
	}
	t.Cleanup(end)
	client, err = control.Dial(t.Context(), listener.Path())
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client, end
}

func logged(t *testing.T, client *control.Client, q LogQuery) []string {
	t.Helper()
	var all []string
	require.NoError(t, Log(t.Context(), client, q, func(r *Record) error {
		all = append(all, r.Task+": "+r.Text)
		return nil
	}))
	return all
}

func TestLog(t *testing.T) {
	hub := NewHub()
	client, _ := answering(t, hub)
	mail, web := hub.Sink("workers/mail", nil, nil), hub.Sink("web", nil, nil)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 3 {
		mail.Line(process.Line{Time: at.Add(time.Duration(i) * time.Minute), Run: 7, Text: fmt.Sprint("mail\x1b[2J ", i), Stream: process.Stderr, Cut: true})
		web.Line(process.Line{Time: at.Add(time.Duration(i) * time.Minute), Text: fmt.Sprint("web ", i)})
	}
	require.Equal(t, []string{"workers/mail: mail\x1b[2J 2", "web: web 2"}, logged(t, client, LogQuery{Lines: 2}), "as it was written")
	require.Equal(t, []string{"web: web 1", "web: web 2"}, logged(t, client, LogQuery{Lines: 2, Tasks: []string{"web"}}))
	require.Len(t, logged(t, client, LogQuery{Lines: 100, Tasks: []string{"workers"}}), 3)
	require.Len(t, logged(t, client, LogQuery{Lines: 100, Tasks: []string{"workers/mail", "web"}}), 6)
	require.Equal(t, []string{"web: web 2"}, logged(t, client, LogQuery{Lines: 100, Since: at.Add(90 * time.Second), Tasks: []string{"web"}}))
	require.NoError(t, Log(t.Context(), client, LogQuery{Lines: 1, Tasks: []string{"workers/mail"}}, func(r *Record) error {
		require.Equal(t, process.Line{Time: at.Add(2 * time.Minute), Run: 7, Text: "mail\x1b[2J 2", Stream: process.Stderr, Cut: true}, r.Line())
		return nil
	}))

	hub.Sink("api.1", nil, nil).Line(process.Line{Time: at.Add(time.Hour), Text: "api"})
	require.Equal(t, []string{"api.1: api"}, logged(t, client, LogQuery{Lines: 100, Tasks: []string{"api"}}))

	err := Log(t.Context(), client, LogQuery{Tasks: []string{"worker"}}, nil)
	var refused *control.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, control.CodeUnknownTask, refused.Code)
	require.Equal(t, `there is no task "worker"; did you mean "workers"?`, refused.Message)
	require.ErrorContains(t, Log(t.Context(), client, LogQuery{Tasks: []string{"mail"}}, nil), `did you mean "workers/mail"?`)
	for query, problem := range map[string]string{
		"": `lines cannot be ""`, "lines=x": `lines cannot be "x"`, "lines=1&since=now": `since cannot be "now"`, "lines=1&follow=perhaps": `follow cannot be "perhaps"`,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://taskvisor/v1/log?"+query, nil)
		require.NoError(t, err)
		_, err = client.Do(request)
		require.ErrorAs(t, err, &refused, query)
		require.Equal(t, control.CodeBadRequest, refused.Code)
		require.Equal(t, problem, refused.Message)
	}
}

// Whoever follows is given each line, until the taskvisor ends, or until they have enough.
func TestFollowTheLog(t *testing.T) {
	hub := NewHub()
	client, end := answering(t, hub)
	web := hub.Sink("web", nil, nil)
	web.Line(whole("line 0"))
	var all []string
	require.NoError(t, Log(t.Context(), client, LogQuery{Lines: 10, Follow: true}, func(r *Record) error {
		all = append(all, r.Text)
		if n := len(all); n < 100 {
			web.Line(whole(fmt.Sprint("line ", n)))
		} else {
			go end()
		}
		return nil
	}))
	require.Len(t, all, 100)
	require.Equal(t, "line 99", all[99])

	client, _ = answering(t, hub)
	enough := errors.New("enough")
	require.ErrorIs(t, Log(t.Context(), client, LogQuery{Lines: 1, Follow: true}, func(*Record) error { return enough }), enough)
	ctx, cancel := context.WithCancelCause(t.Context())
	require.ErrorIs(t, Log(ctx, client, LogQuery{Lines: 1, Follow: true}, func(*Record) error {
		cancel(enough)
		return nil
	}), enough)
}

// Whoever reads too slowly is told how much is missing.
func TestFollowTheLogSlowly(t *testing.T) {
	hub := NewHub()
	client, end := answering(t, hub)
	web := hub.Sink("web", nil, nil)
	web.Line(whole("begin"))
	const lines = 40_000
	seen, told := 0, ""
	text := strings.Repeat("x", 1000)
	require.NoError(t, Log(t.Context(), client, LogQuery{Lines: 1, Follow: true}, func(r *Record) error {
		switch {
		case r.Text == "begin":
			for range lines {
				web.Line(whole(text))
			}
			web.Line(whole("end"))
		case r.Stream == process.Notice.String():
			told += r.Text
			go end()
		case r.Text == text:
			seen++
		}
		return nil
	}))
	require.Less(t, seen, lines)
	require.Regexp(t, `^\(\d+ lines left out here: not read in time\)`, told)
}
