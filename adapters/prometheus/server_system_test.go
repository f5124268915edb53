//go:build system

package prometheus

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// server is a Prometheus that runs.
type server struct{ address string }

// serve runs Prometheus on a configuration, and on what is in a directory already, until the test ends.
func serve(t *testing.T, directory, configuration string) *server {
	t.Helper()
	config := filepath.Join(directory, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, []byte(configuration), 0o600))
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, "prometheus", "--config.file="+config, "--storage.tsdb.path="+filepath.Join(directory, "data"),
		"--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:0")
	log, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(log); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	s, ready, all := &server{}, false, ""
	listening := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	for line := range lines {
		all += line + "\n"
		if found := listening.FindStringSubmatch(line); found != nil {
			s.address = found[1]
		}
		if ready = strings.Contains(line, "Server is ready"); ready {
			break
		}
	}
	t.Cleanup(func() {
		stop()
		for range lines { // until it has ended
		}
		_ = command.Wait()
	})
	require.True(t, ready && s.address != "", all)
	return s
}

// get asks the server's interface, and fills in the data of the answer.
func (s *server) get(t *testing.T, path string, parameters url.Values, data any) {
	t.Helper()
	response, err := http.Get("http://" + s.address + path + "?" + parameters.Encode())
	require.NoError(t, err)
	defer response.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	require.Equal(t, "success", answer.Status, "%s: %s", parameters, answer.Error)
	require.NoError(t, json.Unmarshal(answer.Data, data))
}

// result is the answer to a query.
type result struct {
	Result []struct {
		Metric map[string]string
		Value  []any   // of one instant
		Values [][]any // of a range
	}
}

func (s *server) query(t *testing.T, expression string) (r result) {
	t.Helper()
	s.get(t, "/api/v1/query", url.Values{"query": {expression}}, &r)
	return r
}

// firing returns the alerts that fire.
func (s *server) firing(t *testing.T) (names []string) {
	t.Helper()
	var answer struct {
		Alerts []struct {
			State  string
			Labels map[string]string
		}
	}
	s.get(t, "/api/v1/alerts", nil, &answer)
	for _, alert := range answer.Alerts {
		if name := alert.Labels["alertname"]; alert.State == "firing" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// eventually waits for what another program has to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, time.Minute, 100*time.Millisecond, what)
}

// A Prometheus scrapes a program that runs: the rules load, the alerts that wait for nothing fire, and of a task that was removed nothing
// is left at the next scrape.
func TestSystemScrape(t *testing.T) {
	deaf := supervisor.TaskFunc(func(context.Context) error {
		<-t.Context().Done()
		return nil
	})
	sup := made(t, supervisor.WithName("shop"), supervisor.ForService(),
		supervisor.WithTask("api", waits),
		supervisor.WithTask("flaps", failsAfter(50*time.Millisecond), supervisor.WithBackoff(supervisor.Backoff{Base: time.Millisecond, Max: time.Millisecond})),
		supervisor.WithTask("deaf", deaf, supervisor.WithStopTimeout(10*time.Millisecond)),
		supervisor.WithTask("bank", made(t, supervisor.WithIntensity(0, time.Minute), supervisor.WithTask("line", failsAfter(100*time.Millisecond))),
			supervisor.WithBackoff(supervisor.Backoff{Base: time.Millisecond, Max: time.Millisecond})),
	)
	runs(t, sup)
	program := httptest.NewServer(Handler(sup))
	t.Cleanup(program.Close)
	rules, err := filepath.Abs(rulesFile)
	require.NoError(t, err)
	prom := serve(t, t.TempDir(), fmt.Sprintf(`
global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}
rule_files: [%q]
scrape_configs:
  - job_name: shop
    static_configs: [{targets: [%q]}]
`, rules, strings.TrimPrefix(program.URL, "http://")))

	eventually(t, "it is scraped", func() bool { return len(prom.query(t, `tasksupervisor_task_up{task="api"} == 1`).Result) == 1 })
	require.NoError(t, sup.Restart("deaf")) // which it does not heed
	eventually(t, "what happens at once is told at once", func() bool {
		firing := prom.firing(t)
		return slices.Contains(firing, "TaskFlapping") && slices.Contains(firing, "SupervisorEscalated") && slices.Contains(firing, "RunAbandoned")
	})
	require.Len(t, prom.query(t, `tasksupervisor_runs_abandoned{supervisor="shop"} == 1`).Result, 1)
	require.NotEmpty(t, prom.query(t, `histogram_quantile(0.5, rate(tasksupervisor_run_duration_seconds_bucket{supervisor="shop/bank"}[1m])) < 60`).Result)
	require.NotEmpty(t, prom.query(t, `go_goroutines`).Result)

	var loaded struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	prom.get(t, "/api/v1/rules", nil, &loaded)
	require.Len(t, loaded.Groups, 1)
	require.Len(t, loaded.Groups[0].Rules, 12)
	for _, rule := range loaded.Groups[0].Rules {
		require.Equal(t, "ok", rule.Health, "%s: %s", rule.Name, rule.LastError)
	}

	require.NoError(t, sup.Remove("api"))
	eventually(t, "nothing stale is left", func() bool { return len(prom.query(t, `{task="api"}`).Result) == 0 })
}

// What the handler writes passes promtool's linter.
func TestSystemMetricsAreWellFormed(t *testing.T) {
	sup := made(t, supervisor.WithIntensity(3, time.Minute), supervisor.WithTask("api", waits), supervisor.WithTask("fails", failsAfter(0)))
	runs(t, sup)
	require.NoError(t, sup.WaitFor(t.Context(), "api", supervisor.UntilHealthy))
	page := httptest.NewRecorder()
	Handler(sup).ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, page.Code)
	require.Contains(t, page.Body.String(), `tasksupervisor_task_up{supervisor="",task="api"} 1`)
	var own []string // what the Go runtime calls its metrics is its own affair
	for line := range strings.Lines(page.Body.String()) {
		if strings.Contains(line, prefix) {
			own = append(own, line)
		}
	}
	require.Greater(t, len(own), 100)
	require.Empty(t, promtool(t, []byte(strings.Join(own, "")), "check", "metrics"))
}
