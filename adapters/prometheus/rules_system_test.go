//go:build system

package prometheus

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const rulesFile = "rules/tasksupervisor.rules.yml"

func promtool(t *testing.T, input []byte, arguments ...string) string {
	t.Helper()
	command := exec.Command("promtool", arguments...)
	command.Stdin = bytes.NewReader(input)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "promtool %v:\n%s", arguments, output)
	return string(output)
}

// The rules are valid, and their unit tests pass.
func TestSystemRules(t *testing.T) {
	require.Contains(t, promtool(t, nil, "check", "rules", rulesFile), "12 rules found")
	promtool(t, nil, "test", "rules", "rules/tasksupervisor_test.yml")
}

// Every alert is provoked by supervisors that run, and no other alert fires with it. In a calm hour none does. The crash loop
// goes on being told with ten minutes between restarts, and the count of failures, which counts too few in a window, does not.
func TestSystemEveryAlertFires(t *testing.T) {
	path, err := filepath.Abs(rulesFile)
	require.NoError(t, err)
	rules, err := os.ReadFile(path)
	require.NoError(t, err)
	var tests bytes.Buffer
	fmt.Fprintf(&tests, "rule_files: [%q]\nevaluation_interval: %v\ntests:\n", path, step)
	provoked := map[string]bool{}
	for _, s := range scenes() {
		fmt.Fprintf(&tests, "  - name: %s\n    interval: %v\n    input_series:\n", s.name, step)
		s.play(t).unitTest(&tests, string(rules))
		fmt.Fprintf(&tests, "    promql_expr_test:\n      - expr: group by (alertname) (max_over_time(ALERTS{alertstate=\"firing\"}[1h]))\n"+
			"        eval_time: 59m\n        exp_samples:\n")
		for _, alert := range s.alerts {
			fmt.Fprintf(&tests, "          - {labels: '{alertname=%q}', value: 1}\n", alert)
			provoked[alert] = true
		}
		if len(s.alerts) == 1 && s.alerts[0] == "TaskCrashLooping" {
			fmt.Fprintf(&tests, "      - expr: sum by (alertname, task) (count_over_time(ALERTS{alertstate=\"firing\"}[39m]))\n"+
				"        eval_time: 59m\n        exp_samples:\n          - {labels: '{alertname=\"TaskCrashLooping\",task=\"crashes\"}', value: %d}\n",
				39*time.Minute/step+1)
		}
	}
	file := filepath.Join(t.TempDir(), "provoked.yml")
	require.NoError(t, os.WriteFile(file, tests.Bytes(), 0o600))
	promtool(t, nil, "test", "rules", file)
	require.Len(t, provoked, 12, "an alert for each rule")
}

// The same with a real server, over an hour that it remembers: in a calm hour no alert's expression holds for as long as the alert
// waits, and with ten minutes between restarts that of the crash loop does, to the end of the hour.
func TestSystemAlertsOverRememberedHours(t *testing.T) {
	rules, err := filepath.Abs(rulesFile)
	require.NoError(t, err)
	for _, s := range scenes()[:2] {
		h := s.play(t)
		prom := h.remembered(t, fmt.Sprintf("rule_files: [%q]\n", rules))
		var loaded struct {
			Groups []struct {
				Rules []struct {
					Name, Query string
					Duration    float64 // in seconds
				}
			}
		}
		prom.get(t, "/api/v1/rules", nil, &loaded)
		require.Len(t, loaded.Groups[0].Rules, 12)
		var told []string
		for _, rule := range loaded.Groups[0].Rules {
			var r result
			prom.get(t, "/api/v1/query_range", url.Values{
				"query": {rule.Query}, "start": {unixText(h.began)}, "end": {unixText(h.ended())}, "step": {fmt.Sprint(step.Seconds())},
			}, &r)
			for _, series := range r.Result {
				longest, current, before := 0.0, 0.0, 0.0
				for i, value := range series.Values {
					at := value[0].(float64)
					if i > 0 && at-before == step.Seconds() {
						current += step.Seconds()
					} else {
						current = 0
					}
					longest, before = max(longest, current), at
				}
				if longest >= rule.Duration {
					told = append(told, rule.Name)
					require.Equal(t, float64(h.ended().Unix()), before, "it is still told")
				}
			}
		}
		require.Equal(t, s.alerts, told, s.name)
	}
}
