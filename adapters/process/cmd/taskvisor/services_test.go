package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// serving runs a supervisor with one task that prints, and serves what the services say.
func serving(t *testing.T, s services) (*served, error) {
	t.Helper()
	sup, err := supervisor.New(supervisor.WithTask("web", supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})))
	require.NoError(t, err)
	require.NoError(t, sup.Start(context.Background()))
	require.NoError(t, sup.WaitForAll(t.Context(), "", supervisor.UntilHealthy))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	all, err := s.open(sup, func(string) []string { return []string{"it printed this"} })
	if err == nil {
		t.Cleanup(all.close)
	}
	return all, err
}

func get(t *testing.T, url string) (body string, status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(text), response.StatusCode
}

func TestOneAddressForAll(t *testing.T) {
	all, err := serving(t, services{all: "0"})
	require.NoError(t, err)
	require.Equal(t, []string{"serves the live page, /livez and /readyz and /metrics at " + all.urls[0]}, all.lines)
	for path, has := range map[string]string{
		"": "<html", "task?path=web": "it printed this", "livez": "ok", "readyz": "ok", "metrics": `tasksupervisor_task_up`,
	} {
		body, status := get(t, all.urls[0]+path)
		require.Equal(t, http.StatusOK, status, path)
		require.True(t, strings.Contains(body, has), "%s has no %q", path, has)
	}
	response, err := http.PostForm(all.urls[0]+"act", map[string][]string{"action": {"restart"}, "path": {"web"}})
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode, "the page can only be read")
}

func TestAddressesOfTheirOwn(t *testing.T) {
	all, err := serving(t, services{page: "0", health: ":0", metrics: "localhost:0", controls: true})
	require.NoError(t, err)
	require.Len(t, all.urls, 3)
	_, status := get(t, all.urls[1]+"livez")
	require.Equal(t, http.StatusOK, status)
	_, status = get(t, all.urls[1]+"metrics")
	require.Equal(t, http.StatusNotFound, status)
	response, err := http.PostForm(all.urls[0]+"act", map[string][]string{"action": {"restart"}, "path": {"web"}})
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode, "it is shown what was done")
}

func TestAddressesThatCannotBe(t *testing.T) {
	for _, s := range []services{{all: "nonsense"}, {page: "99999"}, {health: ":x"}} {
		_, err := serving(t, s)
		require.ErrorContains(t, err, "cannot serve")
	}
	_, err := serving(t, services{controls: true, health: "0"})
	require.ErrorContains(t, err, "--controls is for the page")
	taken, err := serving(t, services{page: "0"})
	require.NoError(t, err)
	_, err = serving(t, services{metrics: taken.servers[0].address})
	require.ErrorContains(t, err, "cannot serve /metrics: ")
	all, err := serving(t, services{})
	require.NoError(t, err)
	require.Empty(t, all.urls, "nothing is served unless it is asked for")
}
