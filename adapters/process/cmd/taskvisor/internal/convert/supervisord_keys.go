package convert

import (
	"slices"
	"strings"
)

// supervisordKeys are the keys of supervisord.conf by the kinds of its sections, and why they are refused. Without a reason
// something is made of them.
var supervisordKeys = map[string]map[string]string{
	"unix_http_server": {
		"file":     isServer,
		"chmod":    isServer,
		"chown":    isServer,
		"username": isServer,
		"password": isServer,
	},
	"inet_http_server": {
		"port":     "taskvisor run has a page over HTTP, which a flag asks for: who can reach it is up to its address",
		"username": "the page has no users of its own: put a proxy before it that does",
		"password": "the page has no users of its own: put a proxy before it that does",
	},
	"supervisord": {
		"logfile":          isOwnLog,
		"logfile_maxbytes": isOwnLog,
		"logfile_backups":  isOwnLog,
		"loglevel":         isOwnLog,
		"pidfile":          "taskvisor stays in the foreground: what starts it knows its process",
		"umask":            "tasks have the umask with which taskvisor is started",
		"nodaemon":         "",
		"silent":           isOwnLog,
		"minfds":           isUlimit,
		"minprocs":         isUlimit,
		"nocleanup":        isAuto,
		"childlogdir":      isAuto,
		"user":             "start taskvisor as that user",
		"directory":        "",
		"strip_ansi":       "log files have what was printed: most programs print no colours unless they are on a terminal, or heed NO_COLOR",
		"environment":      "",
		"identifier":       "the socket of taskvisor run has its place by the file that it runs",
	},
	"supervisorctl": {
		"serverurl":    isServer,
		"username":     isServer,
		"password":     isServer,
		"prompt":       "taskvisor has no prompt: its commands are typed in the shell, which completes the names of tasks",
		"history_file": "taskvisor has no prompt: the shell has a history",
	},
	"program": {
		"command":                 "",
		"process_name":            "",
		"numprocs":                "",
		"numprocs_start":          "",
		"priority":                "",
		"autostart":               "",
		"startsecs":               "",
		"startretries":            "",
		"autorestart":             "",
		"exitcodes":               "",
		"stopsignal":              "",
		"stopwaitsecs":            "",
		"stopasgroup":             "",
		"killasgroup":             "",
		"user":                    "",
		"redirect_stderr":         "",
		"stdout_logfile":          "",
		"stdout_logfile_maxbytes": "",
		"stdout_logfile_backups":  "",
		"stdout_capture_maxbytes": isEvents,
		"stdout_events_enabled":   isEvents,
		"stdout_syslog":           isSyslog,
		"stderr_logfile":          "",
		"stderr_logfile_maxbytes": "",
		"stderr_logfile_backups":  "",
		"stderr_capture_maxbytes": isEvents,
		"stderr_events_enabled":   isEvents,
		"stderr_syslog":           isSyslog,
		"environment":             "",
		"directory":               "",
		"umask":                   "",
		"serverurl":               "programs cannot ask supervisord's server for anything: there is none",
	},
	"include": {"files": ""},
	"group":   {"programs": "", "priority": ""},
	"fcgi-program": {
		"socket":         isSocket,
		"socket_backlog": isSocket,
		"socket_owner":   isSocket,
		"socket_mode":    isSocket,
	},
	"eventlistener": {
		"buffer_size":    isEvents,
		"events":         isEvents,
		"result_handler": isEvents,
	},
	"rpcinterface": {"supervisor.rpcinterface_factory": isPlugin},
	"ctlplugin":    {"supervisor.ctl_factory": isPlugin},
}

const (
	isServer = "taskvisor run has a socket that only its user can reach, and finds it by itself"
	isOwnLog = "taskvisor run writes its log to standard error: send it where it belongs"
	isUlimit = "set it with ulimit before taskvisor starts: it and its tasks have what they are started with"
	isAuto   = "there are no log files but those that output.log names"
	isEvents = "there are no events on standard input and output: a program can follow taskvisor's log, or its page"
	isSyslog = "let the program log to syslog, or run it below logger"
	isSocket = "a task is given no socket: let the program listen itself"
	isPlugin = "taskvisor takes no plugins in Python"
)

// kindOf returns what kind of section a name is of, and what comes after the colon.
func kindOf(section string) (kind, name string) {
	kind, name, _ = strings.Cut(section, ":")
	return strings.TrimSpace(kind), strings.TrimSpace(name)
}

// supervisordRule returns why a key is refused, and whether supervisord has it at all.
func supervisordRule(kind, key string) (reason string, known bool) {
	keys := supervisordKeys[kind]
	if reason, known = keys[key]; known {
		return reason, true
	}
	switch kind {
	case "fcgi-program", "eventlistener": // they have what programs have
		_, known = supervisordKeys["program"][key]
		return "the section is refused", known
	case "rpcinterface", "ctlplugin": // what a plugin is told is its own affair
		return isPlugin, true
	}
	return "", false
}

func supervisordSiblings(kind string) []string {
	var names []string
	for name := range supervisordKeys[kind] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
