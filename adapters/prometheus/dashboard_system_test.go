//go:build system

package prometheus

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// panel is what a test has to know of a panel of the dashboard.
type panel struct {
	Title   string
	Targets []struct {
		Expr    string
		Instant bool
	}
}

type dashboard struct {
	Panels     []panel
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("dashboard/tasksupervisor.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &d))
	return d
}

// busy is an hour in which there is something to see in every panel.
var busy = scene{
	tasks: func(t *testing.T) []supervisor.Option {
		return append(backoff(t),
			supervisor.WithTask("dies", failsAfter(10*time.Minute), supervisor.WithMaxAttempts(0)),
			supervisor.WithTask("flaps", failsAfter(4*time.Minute), supervisor.WithBaseDelay(time.Second)),
		)
	},
	minutes: map[int]func(*testing.T, *supervisor.Supervisor){
		59: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Restart("api")) },
	},
}

// Every expression of the dashboard, as Grafana would ask for it, has data after an hour in which things happen. So has every
// variable.
func TestSystemDashboard(t *testing.T) {
	h := busy.play(t)
	prom := h.remembered(t, "global: {}\n")
	end := h.ended()

	d := readDashboard(t)
	asked, variables := 0, 0
	replace := []string{"$__rate_interval", "2m"}
	for _, v := range d.Templating.List {
		replace = append(replace, "$"+v.Name, ".*")
		if v.Type != "query" {
			continue
		}
		found := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`).FindStringSubmatch(v.Definition)
		require.NotNil(t, found, v.Definition)
		var values []string
		prom.get(t, "/api/v1/label/"+found[2]+"/values", url.Values{
			"match[]": {strings.NewReplacer(replace...).Replace(found[1])}, "start": {unixText(h.began)}, "end": {unixText(end)},
		}, &values)
		require.NotEmpty(t, values, v.Name)
		variables++
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			expression := strings.NewReplacer(replace...).Replace(target.Expr)
			require.NotContains(t, expression, "$")
			var r result
			if target.Instant {
				prom.get(t, "/api/v1/query", url.Values{"query": {expression}, "time": {unixText(end)}}, &r)
			} else {
				prom.get(t, "/api/v1/query_range", url.Values{
					"query": {expression}, "start": {unixText(h.began)}, "end": {unixText(end)}, "step": {"60"},
				}, &r)
			}
			require.NotEmpty(t, numbers(t, r), "panel %q: %s", p.Title, expression)
			asked++
		}
	}
	require.Equal(t, 3, variables)
	require.Greater(t, asked, 20)
}

// remembered returns a server that has scraped the history.
func (h *history) remembered(t *testing.T, configuration string) *server {
	t.Helper()
	directory := t.TempDir()
	text, err := os.Create(filepath.Join(directory, "history.txt"))
	require.NoError(t, err)
	h.openMetrics(text)
	require.NoError(t, text.Close())
	promtool(t, nil, "tsdb", "create-blocks-from", "openmetrics", text.Name(), filepath.Join(directory, "data"))
	return serve(t, directory, configuration)
}

// ended returns when the last scrape was.
func (h *history) ended() time.Time { return h.began.Add(time.Duration(len(h.scrapes)-1) * step) }

// numbers returns the values of a result that are numbers.
func numbers(t *testing.T, r result) (all []float64) {
	t.Helper()
	for _, series := range r.Result {
		values := series.Values
		if series.Value != nil {
			values = append(values, series.Value)
		}
		for _, value := range values {
			number, err := strconv.ParseFloat(value[1].(string), 64)
			require.NoError(t, err)
			if number == number { // a quantile of nothing is not a number
				all = append(all, number)
			}
		}
	}
	return all
}

func unixText(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
