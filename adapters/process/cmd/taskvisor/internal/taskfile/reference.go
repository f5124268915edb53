package taskfile

import (
	"fmt"
	"reflect"
	"strings"
)

// explained is what the reference says of one key: what it is, and what holds without it.
type explained struct{ is, without string }

// reference explains every key, by the table that it is in. The schema and docs/taskfile.md are made of it.
var reference = map[string]map[string]explained{
	"group": {
		"description":      {"What the group is for, for people.", "none"},
		"strategy":         {"Which tasks of the group are restarted with one that fails: no others, all, or those that come after it. With the latter two, tasks start one after another, each when the one before it is up.", `"one-for-one"`},
		"stop_order":       {"In which order the tasks of the group stop: as the strategy wants it, all at once, or one after another from the last. Whatever it says, a task stops only when those that need it have stopped.", `"by-strategy"`},
		"intensity":        {"How many failures there may be: one more within that time stops the group, which then has failed itself. That of the file as a whole ends taskvisor.", "no limit"},
		"restart_rate":     {"How many restarts there are at most within that time. The others wait in order, so that what fails together does not come back together.", "no limit"},
		"dead_threshold":   {"Which share of the tasks may be dead, from 0 to 1: a larger one stops the group.", "no limit"},
		"auto_shutdown":    {"Stops the group when all significant tasks have ended, or when any has. That of the file as a whole ends taskvisor.", `"never"`},
		"shutdown_timeout": {"How long a stop of the group may take as a whole. What runs then gets SIGKILL.", "as long as its tasks may take"},
		"defaults":         {"What holds for the tasks of the group, and of the groups in it, unless they or a nearer `defaults` say otherwise: any key of a task but `description`, `command`, `exec`, `instances`, `port`, `listen`, `needs` and `bound_to`. Environments are merged variable by variable, `output` key by key.", "none"},
		"tasks":            {"The tasks of the group: `[tasks.NAME]`.", "none"},
		"groups":           {"The groups in the group: `[groups.NAME]`. Each is a supervisor of its own.", "none"},
	},
	"task": {
		"description":      {"What the task is for, for people.", "none"},
		"command":          {"A line for `/bin/sh -c`. A plain command replaces the shell, so that no shell stands between it and its signals.", "`exec`"},
		"exec":             {"A program and its arguments, without a shell: nothing in them is expanded. A program without a slash is looked for in PATH.", "`command`"},
		"dir":              {"Where it runs. A relative path begins at the folder of the file.", "the folder of the file"},
		"user":             {"The user that it runs as: a name or a number, perhaps with a group, such as `\"www-data:adm\"`. Only root can do that.", "the user of taskvisor"},
		"env":              {"Variables of its environment. They win over those of `env_file`, and these over those of taskvisor.", "none"},
		"env_file":         {"Files with more variables, as in `.env` files: `NAME=value`, with `export`, quotes, `#` comments, and `$NAME` for a variable of the same file. Later files win.", "none"},
		"clear_env":        {"Whether it gets no variables but those of `env` and `env_file`, and not those of taskvisor.", "`false`"},
		"instances":        {"How many of it there are: `NAME.1`, `NAME.2` and so on. What needs `NAME` needs all of them.", "one, called `NAME`"},
		"port":             {"The port of its first instance; the others have the next ones. Each has its own as PORT in its environment, and in place of `$PORT` in `listen`, `ready` and `health`.", "none"},
		"listen":           {"Addresses that must be free before it starts, such as `\":8080\"`, `\"udp://:53\"` or `\"/run/web.sock\"`. Until then it is held, and its status says who has the port.", "none"},
		"tty":              {"Whether it has a terminal of its own: it prints lines when they are whole, and in colours. `taskvisor attach` reaches it.", "`false`"},
		"stdin":            {"Whether its standard input stays open for `taskvisor attach`.", "`false`: it reads from `/dev/null`"},
		"ready":            {"How it is found out when it is up. What needs it waits for that.", "it is up as soon as it has started"},
		"health":           {"How it is found out whether it is well while it runs. One that is not is restarted.", "it is not asked"},
		"watchdog":         {"How often it has to send `WATCHDOG=1` by the notify protocol of systemd; it finds WATCHDOG_USEC in its environment. One that does not is restarted. A task has `watchdog` or `health`.", "it need not"},
		"notify":           {"Whether it has a socket of the notify protocol (NOTIFY_SOCKET), also if neither `ready` nor `watchdog` needs it.", "`false`"},
		"on_miss":          {"What follows when it misses its watchdog or is not well: a restart, or a report and nothing else.", `"restart"`},
		"stop_signal":      {"What it gets first when it has to stop, and all that it has started.", `"TERM"`},
		"stop_main_only":   {"Whether its own process gets that signal alone, because it stops what it has started in its own way, as PostgreSQL does. What is left of it when it has ended gets the signal then.", "`false`"},
		"leftover_timeout": {"When it has ended by itself, how long what it leaves behind has to end before it gets SIGKILL.", `"5s"`},
		"reload_signal":    {"What `taskvisor reload` sends.", `"HUP"`},
		"success":          {"Exit codes that are good ends, besides 0.", "none"},
		"done":             {"Exit codes that say that its work is done: it is not started again, whatever `restart` says.", "none"},
		"fatal":            {"Exit codes that say that starting it again is of no use: its group stops.", "none"},
		"output":           {"What becomes of what it prints.", "it is printed with the name of the task"},
	},
	"policy": {
		"needs":             {"Names of tasks and groups beside it. It starts when they are up, and stops before they do. When one of them fails, it runs on.", "none"},
		"bound_to":          {"As `needs`; and when one of them goes down, it is stopped, and started again when they are up.", "none"},
		"restart":           {"After which ends it is restarted.", `"on-failure"`},
		"base_delay":        {"The n-th restart in a row waits `base_delay` × `factor`ⁿ, at most `max_delay`: with the defaults 2, 4, 8, 16, 32 and then 60 seconds. `\"0s\"`: it is restarted at once.", `"1s"`},
		"factor":            {"By which the delay grows with each restart in a row. With 1 all are the same.", "2"},
		"max_exponent":      {"After how many restarts in a row the delay stops growing.", "32"},
		"max_delay":         {"The longest delay.", `"1m"`},
		"jitter":            {"By which share of it a delay is shortened at most, by chance, from 0 to 1: what fails together does not come back together.", "0.2"},
		"attempts":          {"How many restarts in a row it has. A failure after the last leaves it dead (see `on_exhausted`).", `"unlimited"`},
		"stable_after":      {"How long a run must have been up for the count of restarts in a row to begin anew.", `"2m"`},
		"min_uptime":        {"With `restart = \"always\"`: a run that ends well before it has been up for so long has failed.", "each good end is one"},
		"start_timeout":     {"How long it may take to be up. A run that takes longer has failed.", "`\"1m30s\"`; for a group, and with `ready = { end = true }`, `\"forever\"`"},
		"stop_timeout":      {"How long it may take to stop before it gets SIGKILL, with all that it has started.", "`\"10s\"`; for a group, as long as its tasks may take"},
		"hung_stop_timeout": {"The same for a run that is stopped because it hangs: it was not up in time, missed its watchdog, or was not well.", "`stop_timeout`"},
		"on_exhausted":      {"What follows when it has no attempts left: it is dead, and the others go on; or its group stops, which then has failed itself.", `"dead"`},
		"on_abandon":        {"What follows when even SIGKILL does not end it: its restart waits, or does not, or its group stops.", `"wait"`},
		"significant":       {"Whether it counts for `auto_shutdown`, and for whether taskvisor is healthy and ready.", "`true`"},
		"suspended":         {"Whether it waits for `taskvisor resume` before its first start.", "`false`"},
	},
	"ready": {
		"port":     {"It is up when a TCP connection to that address can be made: `\"localhost:6379\"`.", ""},
		"http":     {"It is up when a GET of that address is answered with a status from 200 to 399.", ""},
		"line":     {"It is up when it prints a line that matches this regular expression.", ""},
		"file":     {"It is up when that file exists and is of this run. A relative path begins at `dir`.", ""},
		"command":  {"It is up when that line for the shell ends with 0.", ""},
		"exec":     {"It is up when that program, with its arguments, ends with 0.", ""},
		"notify":   {"It is up when it sends `READY=1` by the notify protocol of systemd.", ""},
		"end":      {"It is up when it has ended well: what needs it waits for that. It keeps nothing up from then on: what needs it names what that needed, too.", ""},
		"status":   {"Statuses that count for `http`, in place of 200 to 399.", "200 to 399"},
		"interval": {"How often it is asked.", `"100ms"`},
	},
	"health": {
		"port":     {"It is well when a TCP connection to that address can be made.", ""},
		"http":     {"It is well when a GET of that address is answered with a status from 200 to 399.", ""},
		"command":  {"It is well when that line for the shell ends with 0.", ""},
		"exec":     {"It is well when that program, with its arguments, ends with 0.", ""},
		"status":   {"Statuses that count for `http`, in place of 200 to 399.", "200 to 399"},
		"interval": {"From one answer to the next question.", `"10s"`},
		"timeout":  {"How long an answer may take.", `"5s"`},
		"failures": {"After how many bad answers in a row it is restarted.", "3"},
	},
	"output": {
		"hidden":    {"Whether it is not printed. Logs, `taskvisor logs` and the page have it all the same.", "`false`"},
		"buffer":    {"How much may wait to be printed.", `"1MiB"`},
		"when_full": {"What happens when that is full: lines are left out and counted, or the task waits with what it prints.", `"drop"`},
		"max_line":  {"How long a line may be. A longer one comes in marked pieces.", `"64KiB"`},
		"tail":      {"How many of its last lines are kept for its status.", "200"},
		"log":       {"A file for it, or with a slash at the end a folder with a file for each task, such as `logs/`. A relative path begins at the folder of the file. Tasks can share a file: its lines have names then.", "none"},
		"max_size":  {"How large that file grows before it is renamed to FILE.1 and a new one is begun.", `"10MB"`},
		"keep":      {"How many renamed files are kept.", "5"},
	},
	"rate": {
		"count":  {"How many.", ""},
		"within": {"Within which time.", ""},
	},
}

// tables are the tables of the reference, with the structs that have their keys.
var tables = []struct {
	name string
	of   reflect.Type
}{
	{"group", reflect.TypeFor[Group]()}, {"task", reflect.TypeFor[Task]()}, {"policy", reflect.TypeFor[Policy]()},
	{"ready", reflect.TypeFor[Ready]()}, {"health", reflect.TypeFor[Health]()}, {"output", reflect.TypeFor[Output]()},
	{"rate", reflect.TypeFor[Rate]()},
}

// ownKeys returns the fields of a struct that have keys, those of embedded structs aside.
func ownKeys(of reflect.Type) (fields []reflect.StructField) {
	for i := range of.NumField() {
		if field := of.Field(i); !field.Anonymous && field.Tag.Get("toml") != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

// Reference returns the table of the keys of "group", "task", "policy", "ready", "health", "output" or "rate" in Markdown.
func Reference(table string) string {
	var text strings.Builder
	text.WriteString("| key | value | what it says | without it |\n|---|---|---|---|\n")
	for _, t := range tables {
		if t.name != table {
			continue
		}
		for _, field := range ownKeys(t.of) {
			key := field.Tag.Get("toml")
			about := reference[table][key]
			without := about.without
			if strings.HasPrefix(without, `"`) || strings.Trim(without, "0123456789.") == "" && without != "" {
				without = "`" + without + "`"
			}
			fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", key, valueOf(field.Type), about.is, without)
		}
	}
	return text.String()
}

// valueOf says what a field is written as.
func valueOf(of reflect.Type) string {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch value := reflect.New(of).Interface().(type) {
	case *Duration:
		return "duration"
	case *Size:
		return "size"
	case *Signal:
		return "signal"
	case *Attempts:
		return "number or `\"unlimited\"`"
	case *Strings:
		return "string or list"
	case *[]string:
		return "list of strings"
	case *[]int:
		return "list of numbers"
	case word:
		return "`\"" + strings.Join(value.words(), "\"`, `\"") + "\"`"
	}
	switch of.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "number"
	case reflect.Int, reflect.Uint32:
		return "whole number"
	case reflect.Struct:
		if of == reflect.TypeFor[Rate]() {
			return "`{ count, within }`"
		}
		return "table"
	default:
		return "table"
	}
}
