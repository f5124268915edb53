package convert

import (
	"slices"
	"strings"
)

// keyRule is a key of process-compose.yaml: where it stands, and why it is refused. Without a reason something is made of it.
type keyRule struct {
	path   string // "*" stands for a name, "[]" for the items of a list, "**" for whatever is below
	reason string
}

const (
	isOutside  = "it is about process-compose itself"
	isComputed = "process-compose sets it itself, whatever the file says"
	isScreen   = "it is about the screen of process-compose; taskvisor top has one of its own"
	isMCP      = "taskvisor is not a server for AI assistants; its tasks can be asked and commanded by taskvisor's commands and its HTTP page"
	isWatching = "taskvisor does not watch files: run watchexec -- taskvisor restart NAME beside it, or in a task"
	isSchedule = "taskvisor keeps long-lived tasks running and has no schedule: leave this to cron or a systemd timer"
	isOfAll    = "it is about the one file with the lines of all tasks, and there is no such file"
	isFormat   = "log files have the lines as they were printed; for a time or fields in each line, let the program print them"
)

// composeKeys are the keys of process-compose.yaml, those of its documentation and those of its schema.
var composeKeys = []keyRule{
	{"version", "it is the version of the other format"},
	{"name", "it names the project in the screen of process-compose"},
	{"log_location", "there is no file with the lines of all tasks: write taskvisor run > FILE, or give each task an output.log"},
	{"log_level", isOutside + ": taskvisor run has flags for its own log"},
	{"log_length", isScreen},
	{"log_format", isFormat},
	{"log_configuration", ""},
	{"log_configuration.rotation", ""},
	{"log_configuration.rotation.directory", isOfAll},
	{"log_configuration.rotation.filename", isOfAll},
	{"log_configuration.rotation.max_size_mb", isOfAll},
	{"log_configuration.rotation.max_backups", isOfAll},
	{"log_configuration.rotation.max_age_days", isOfAll},
	{"log_configuration.rotation.compress", isOfAll},
	{"log_configuration.fields_order", isFormat},
	{"log_configuration.disable_json", isFormat},
	{"log_configuration.timestamp_format", isFormat},
	{"log_configuration.no_color", isFormat},
	{"log_configuration.no_metadata", isFormat},
	{"log_configuration.add_timestamp", isFormat},
	{"log_configuration.flush_each_line", "each line is written to the file when it is printed"},
	{"processes", ""},
	{"processes.*", ""},
	{"environment", ""},
	{"environment.*", ""},
	{"shell", ""},
	{"shell.shell_command", ""},
	{"shell.shell_argument", ""},
	{"shell.elevated_shell_command", ""},
	{"shell.elevated_shell_argument", ""},
	{"is_strict", ""},
	{"vars", ""},
	{"vars.**", ""},
	{"disable_env_expansion", ""},
	{"is_tui_disabled", isScreen},
	{"extends", ""},
	{"env_cmds", ""},
	{"env_cmds.*", ""},
	{"ordered_shutdown", ""},
	{"file_names", isComputed},
	{"env_file_names", isComputed},
	{"dot_env_vars", isComputed},
	{"dot_env_vars.**", isComputed},
	{"mcp_server", isMCP},
	{"mcp_server.host", isMCP},
	{"mcp_server.port", isMCP},
	{"mcp_server.transport", isMCP},
	{"mcp_server.timeout", isMCP},
	{"mcp_server.expose_control_tools", isMCP},
	{"mcp_server.trusted_hosts", isMCP},
	{"processes.*.name", "the name of a process is its key"},
	{"processes.*.extends", ""},
	{"processes.*.disabled", ""},
	{"processes.*.is_disabled", ""},
	{"processes.*.is_daemon", ""},
	{"processes.*.command", ""},
	{"processes.*.entrypoint", ""},
	{"processes.*.log_location", ""},
	{"processes.*.log_configuration", ""},
	{"processes.*.log_configuration.rotation", ""},
	{"processes.*.log_configuration.rotation.directory", "the log file is where output.log says"},
	{"processes.*.log_configuration.rotation.filename", "the log file is called what output.log says"},
	{"processes.*.log_configuration.rotation.max_size_mb", ""},
	{"processes.*.log_configuration.rotation.max_backups", ""},
	{"processes.*.log_configuration.rotation.max_age_days", "log files are kept by their number, not by their age"},
	{"processes.*.log_configuration.rotation.compress", "log files that are kept are not compressed"},
	{"processes.*.log_configuration.fields_order", isFormat},
	{"processes.*.log_configuration.disable_json", isFormat},
	{"processes.*.log_configuration.timestamp_format", isFormat},
	{"processes.*.log_configuration.no_color", isFormat},
	{"processes.*.log_configuration.no_metadata", isFormat},
	{"processes.*.log_configuration.add_timestamp", isFormat},
	{"processes.*.log_configuration.flush_each_line", "each line is written to the file when it is printed"},
	{"processes.*.environment", ""},
	{"processes.*.environment.*", ""},
	{"processes.*.env_file", ""},
	{"processes.*.is_dotenv_disabled", ""},
	{"processes.*.availability", ""},
	{"processes.*.availability.restart", ""},
	{"processes.*.availability.backoff_seconds", ""},
	{"processes.*.availability.max_restarts", ""},
	{"processes.*.availability.exit_on_end", ""},
	{"processes.*.availability.exit_on_skipped", ""},
	{"processes.*.depends_on", ""},
	{"processes.*.depends_on.*", ""},
	{"processes.*.depends_on.*.condition", ""},
	{"processes.*.liveness_probe", ""},
	{"processes.*.liveness_probe.exec", ""},
	{"processes.*.liveness_probe.exec.command", ""},
	{"processes.*.liveness_probe.exec.working_dir", ""},
	{"processes.*.liveness_probe.http_get", ""},
	{"processes.*.liveness_probe.http_get.host", ""},
	{"processes.*.liveness_probe.http_get.path", ""},
	{"processes.*.liveness_probe.http_get.scheme", ""},
	{"processes.*.liveness_probe.http_get.port", ""},
	{"processes.*.liveness_probe.http_get.num_port", "process-compose makes it of port"},
	{"processes.*.liveness_probe.http_get.headers", ""},
	{"processes.*.liveness_probe.http_get.headers.*", ""},
	{"processes.*.liveness_probe.http_get.status_code", ""},
	{"processes.*.liveness_probe.initial_delay_seconds", ""},
	{"processes.*.liveness_probe.period_seconds", ""},
	{"processes.*.liveness_probe.timeout_seconds", ""},
	{"processes.*.liveness_probe.success_threshold", ""},
	{"processes.*.liveness_probe.failure_threshold", ""},
	{"processes.*.readiness_probe", ""},
	{"processes.*.readiness_probe.exec", ""},
	{"processes.*.readiness_probe.exec.command", ""},
	{"processes.*.readiness_probe.exec.working_dir", ""},
	{"processes.*.readiness_probe.http_get", ""},
	{"processes.*.readiness_probe.http_get.host", ""},
	{"processes.*.readiness_probe.http_get.path", ""},
	{"processes.*.readiness_probe.http_get.scheme", ""},
	{"processes.*.readiness_probe.http_get.port", ""},
	{"processes.*.readiness_probe.http_get.num_port", "process-compose makes it of port"},
	{"processes.*.readiness_probe.http_get.headers", ""},
	{"processes.*.readiness_probe.http_get.headers.*", ""},
	{"processes.*.readiness_probe.http_get.status_code", ""},
	{"processes.*.readiness_probe.initial_delay_seconds", ""},
	{"processes.*.readiness_probe.period_seconds", ""},
	{"processes.*.readiness_probe.timeout_seconds", ""},
	{"processes.*.readiness_probe.success_threshold", ""},
	{"processes.*.readiness_probe.failure_threshold", ""},
	{"processes.*.ready_log_line", ""},
	{"processes.*.shutdown", ""},
	{"processes.*.shutdown.command", ""},
	{"processes.*.shutdown.timeout_seconds", ""},
	{"processes.*.shutdown.signal", ""},
	{"processes.*.shutdown.parent_only", ""},
	{"processes.*.shutdown.send_keys", ""},
	{"processes.*.disable_ansi_colors", isScreen},
	{"processes.*.working_dir", ""},
	{"processes.*.namespace", ""},
	{"processes.*.replicas", ""},
	{"processes.*.description", ""},
	{"processes.*.vars", ""},
	{"processes.*.vars.**", ""},
	{"processes.*.is_foreground", ""},
	{"processes.*.is_tty", ""},
	{"processes.*.is_elevated", ""},
	{"processes.*.is_interactive", ""},
	{"processes.*.launch_timeout_seconds", "it is for is_daemon, which is refused"},
	{"processes.*.original_config", isComputed},
	{"processes.*.replica_num", isComputed},
	{"processes.*.replica_name", isComputed},
	{"processes.*.executable", isComputed},
	{"processes.*.args", "process-compose makes it of command or entrypoint"},
	{"processes.*.schedule", ""},
	{"processes.*.schedule.cron", isSchedule},
	{"processes.*.schedule.timezone", isSchedule},
	{"processes.*.schedule.interval", isSchedule},
	{"processes.*.schedule.run_on_start", isSchedule},
	{"processes.*.schedule.max_concurrent", isSchedule},
	{"processes.*.watch", isWatching},
	{"processes.*.watch.paths", isWatching},
	{"processes.*.watch.paths.[].path", isWatching},
	{"processes.*.watch.paths.[].include", isWatching},
	{"processes.*.watch.paths.[].exclude", isWatching},
	{"processes.*.watch.cascade", isWatching},
	{"processes.*.watch.debounce", isWatching},
	{"processes.*.watch.max_entries", isWatching},
	{"processes.*.watch.buffer_size", isWatching},
	{"processes.*.watch.disable_default_excludes", isWatching},
	{"processes.*.mcp", ""},
	{"processes.*.mcp.type", isMCP},
	{"processes.*.mcp.arguments", isMCP},
	{"processes.*.mcp.arguments.[].name", isMCP},
	{"processes.*.mcp.arguments.[].type", isMCP},
	{"processes.*.mcp.arguments.[].description", isMCP},
	{"processes.*.mcp.arguments.[].required", isMCP},
	{"processes.*.mcp.arguments.[].default", isMCP},
	{"processes.*.mcp.timeout", isMCP},
	{"processes.*.truncate_log", "what is kept of a task's output in memory goes on over its restarts"},
	{"processes.*.is_template_disabled", ""},
	{"processes.*.monitor_for", isScreen},
	{"processes.*.monitor_silence_threshold", isScreen},
	{"processes.*.success_exit_codes", ""},
}

// composeRule returns the rule for a path, or nil if process-compose has no such key.
func composeRule(path []string) *keyRule {
	for i := range composeKeys {
		if matches(strings.Split(composeKeys[i].path, "."), path) {
			return &composeKeys[i]
		}
	}
	return nil
}

func matches(pattern, path []string) bool {
	for i, part := range pattern {
		switch {
		case part == "**":
			return len(path) > i
		case i >= len(path) || part != "*" && part != path[i]:
			return false
		}
	}
	return len(pattern) == len(path)
}

// siblings returns the keys that process-compose has where a key stands.
func siblings(path []string) []string {
	var names []string
	for _, rule := range composeKeys {
		pattern := strings.Split(rule.path, ".")
		last := len(pattern) - 1
		if last == len(path)-1 && pattern[last] != "*" && matches(pattern[:last], path[:last]) {
			names = append(names, pattern[last])
		}
	}
	slices.Sort(names)
	return names
}
