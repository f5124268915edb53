package convert

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// program is a [program:x].
type program struct {
	*supervisord

	name, group string
	section     *section
	priority    int
	processes   []processOf
	first       bool // notes are made for the first process only
}

// processOf is one of the processes of a program.
type processOf struct {
	name   string
	values map[string]string // of its expressions
	env    []taskfile.Variable
}

func (s *supervisord) program(section *section, name, group string) *program {
	p := &program{supervisord: s, name: name, group: group, section: section, priority: usualPriority, first: true}
	if o := p.get("priority"); o != nil {
		p.priority = s.priority(o)
	}
	count, start := p.number("numprocs", 1), p.number("numprocs_start", 0)
	const most = 1000
	if o := p.get("numprocs"); o != nil && (count < 1 || count > most) {
		s.wrong(o, "%d must be from 1 to %d", count, most)
		count = 1
	}
	pattern := p.get("process_name")
	named := "%(program_name)s"
	if pattern != nil {
		named = pattern.value
	}
	if count > 1 && !strings.Contains(named, "%(process_num)") {
		s.problem(section.at, "["+section.name+"]", "with numprocs = %d, process_name must have %%(process_num)", count)
		count = 1
	}
	for number := start; number < start+count; number++ {
		values := s.common(&option{at: section.at})
		values["program_name"], values["group_name"] = name, group
		values["process_num"], values["numprocs"] = strconv.Itoa(number), strconv.Itoa(count)
		process := processOf{values: values}
		if o := p.get("environment"); o != nil {
			process.env = p.environment(o, values)
			for _, variable := range process.env {
				values["ENV_"+variable.Name] = variable.Value
			}
		}
		processName, _, err := interpolate(named, values)
		if err != nil {
			s.wrong(pattern, "%s", err)
		}
		process.name = processName
		p.processes = append(p.processes, process)
	}
	for _, key := range []string{"numprocs", "numprocs_start", "process_name"} {
		if o := p.get(key); o != nil && !o.noted {
			names := p.processes[0].name
			if count > 1 {
				names += " to " + p.processes[count-1].name
			}
			s.tell(o, Carried, "%s", names)
		}
	}
	return p
}

// get returns an option of the program, perhaps from [DEFAULT].
func (p *program) get(key string) *option {
	if o := p.section.get(key); o != nil {
		return o
	}
	return p.file.section("DEFAULT").get(key)
}

// text returns the value of an option for a process, or "".
func (p *program) text(o *option, process *processOf) string {
	if o == nil {
		return ""
	}
	text, _, err := interpolate(o.value, process.values)
	if err != nil {
		p.wrong(o, "%s", err)
	}
	return text
}

// carried tells what was made of an option, and which variables are in it as they are now. Of several processes the first tells.
func (p *program) told(o *option, verdict Verdict, format string, arguments ...any) {
	o.noted = true
	if p.first {
		p.tell(o, verdict, format, arguments...)
	}
}

func (p *program) number(key string, otherwise int) int {
	o := p.get(key)
	if o == nil {
		return otherwise
	}
	values := p.common(o)
	values["program_name"], values["group_name"] = p.name, p.group
	text, _, err := interpolate(o.value, values)
	if err != nil {
		p.wrong(o, "%s", err)
		return otherwise
	}
	n, ok := whole(text)
	if !ok || n < 0 {
		p.wrong(o, "%q must be a whole number", text)
		return otherwise
	}
	return n
}

// flag reads a truth value as supervisord does.
func (p *program) flag(o *option, process *processOf) bool {
	switch text := strings.ToLower(p.text(o, process)); text {
	case "yes", "true", "on", "1":
		return true
	case "no", "false", "off", "0":
	default:
		p.wrong(o, "%q must be true or false", text)
	}
	return false
}

func (p *program) environment(o *option, values map[string]string) []taskfile.Variable {
	text, _, err := interpolate(o.value, values)
	if err != nil {
		p.wrong(o, "%s", err)
		return nil
	}
	pairs, err := keyValues(text)
	if err != nil {
		p.wrong(o, "%s", err)
	}
	return pairs
}

// write makes the task of a process.
func (p *program) write(t *taskfile.Task, process *processOf) {
	p.runs(t, process)
	p.restarts(t, process)
	p.stops(t, process)
	p.logs(t, process)
	p.first = false
}

func (p *program) runs(t *taskfile.Task, process *processOf) {
	o := p.get("command")
	if o == nil {
		p.problem(p.section.at, "["+p.section.name+"]", "has no command")
		return
	}
	words, err := shellWords(p.text(o, process))
	switch {
	case err != nil:
		p.wrong(o, "%s", err)
	case len(words) == 0 || words[0] == "":
		p.wrong(o, "names no program")
	default:
		p.told(o, asNow(o), "exec%s", variablesOf(o))
	}
	if o := p.get("umask"); o != nil {
		mask := strings.TrimSpace(p.text(o, process))
		if _, err := strconv.ParseUint(mask, 8, 12); err != nil {
			p.wrong(o, "%q must be an octal number", mask)
		}
		words = append([]string{"sh", "-c", "umask " + mask + `; exec "$@"`, "sh"}, words...)
		p.told(o, Changed, "a shell sets it and then is the program")
	}
	t.Exec = words
	if o := p.get("user"); o != nil {
		t.User = p.text(o, process)
		p.told(o, Changed, "user; HOME, USER and LOGNAME are those of the user, too")
	}
	if o := p.get("directory"); o != nil {
		t.Dir = p.text(o, process)
		p.told(o, asNow(o), "dir%s", variablesOf(o))
	}
	if o := p.get("environment"); o != nil {
		for _, variable := range process.env {
			setEnv(t, variable.Name, variable.Value)
		}
		p.told(o, asNow(o), "env%s", variablesOf(o))
	}
	if o := p.get("autostart"); o != nil {
		if p.flag(o, process) {
			p.told(o, Carried, "true is the default")
		} else {
			t.Suspended = of(true)
			p.told(o, Carried, "suspended: it starts with taskvisor resume")
		}
	}
}

// variablesOf says which variables of the environment are in a value as they are now.
func variablesOf(o *option) string {
	var names []string
	for _, m := range interpolation.FindAllStringSubmatch(o.value, -1) {
		if name, ok := strings.CutPrefix(m[1], "ENV_"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", with " + strings.Join(names, ", ") + " as it is now"
}

func asNow(o *option) Verdict {
	if variablesOf(o) != "" {
		return Changed
	}
	return Carried
}

// restarts says when a process is started again.
func (p *program) restarts(t *taskfile.Task, process *processOf) {
	startsecs, startretries := p.number("startsecs", 1), p.number("startretries", 3)
	word := "unexpected"
	restart := p.get("autorestart")
	if restart != nil {
		word = strings.ToLower(strings.TrimSpace(p.text(restart, process)))
	}
	switch word {
	case "unexpected":
		if restart != nil {
			p.told(restart, Changed, `restart = "on-failure", after 1s where supervisord does not wait`)
		}
	case "true", "yes", "on", "1":
		t.Restart, t.MinUptime = "always", seconds(startsecs)
		p.told(restart, Changed, `restart = "always", after a second where supervisord does not wait; an end within startsecs is a failure (min_uptime)`)
	case "false", "no", "off", "0":
		t.Restart = "never"
		p.told(restart, Changed, `restart = "never": it is not tried again either when it ends within startsecs`)
	default:
		p.wrong(restart, "%q must be true, false or unexpected", word)
	}
	never := t.Restart == "never"
	if o := p.get("startsecs"); o != nil {
		switch {
		case never:
			p.told(o, Refused, `with restart = "never" it has no meaning`)
		default:
			t.StableAfter = seconds(startsecs)
			if word == "unexpected" {
				p.told(o, Changed, "stable_after: a run of that length has all its tries again; a good end before it is a good end")
			} else {
				p.told(o, Carried, "stable_after and min_uptime: a run of that length has all its tries again")
			}
		}
	}
	if o := p.get("startretries"); o != nil {
		if never {
			p.told(o, Refused, `with restart = "never" there are none`)
		} else {
			t.Attempts = of(taskfile.Attempts(startretries))
			p.told(o, Changed, "attempts: the delays between them are 1s, 2s, 4s and so on up to a minute, where supervisord adds a second each time")
		}
	}
	if o := p.get("exitcodes"); o != nil {
		p.exitCodes(o, t, process)
	}
}

func (p *program) exitCodes(o *option, t *taskfile.Task, process *processOf) {
	var codes []int
	zero := false
	text := p.text(o, process)
	for field := range strings.SplitSeq(text, ",") {
		code, ok := whole(field)
		switch {
		case strings.TrimSpace(text) == "":
		case !ok || code < 0 || code > 255:
			p.wrong(o, "%q must be codes from 0 to 255", text)
		case code == 0:
			zero = true
		case !slices.Contains(codes, code):
			codes = append(codes, code)
		}
	}
	t.Success = codes
	if zero {
		p.told(o, Carried, "success: 0 is always among them")
	} else {
		p.told(o, Changed, "success: 0 is always among them, and is not expected here")
	}
}

// stops says how a process is stopped.
func (p *program) stops(t *taskfile.Task, process *processOf) {
	if o := p.get("stopsignal"); o != nil {
		text := strings.TrimSpace(p.text(o, process))
		name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
		if number, ok := whole(text); ok {
			name = signalNames[number]
		}
		known := false
		for _, n := range signalNames {
			known = known || n == name
		}
		switch {
		case name == usualSignal:
			p.told(o, Carried, "it is the default")
		case known:
			t.StopSignal = taskfile.Signal(name)
			p.told(o, Carried, "stop_signal = %q", name)
		default:
			p.told(o, Refused, "%q is not a signal that programs end on", text)
		}
	}
	if o := p.get("stopwaitsecs"); o != nil {
		if n := p.number("stopwaitsecs", 10); n > 0 {
			t.StopTimeout = seconds(n)
			p.told(o, Carried, "stop_timeout")
		} else {
			t.StopTimeout = seconds(1)
			p.told(o, Changed, "stop_timeout = 1s: supervisord looks once a second, too")
		}
	}
	if o := p.get("stopasgroup"); o != nil {
		if p.flag(o, process) {
			p.told(o, Carried, "all processes of a task get the signal")
		} else {
			t.StopMainOnly = of(true)
			p.told(o, Carried, "stop_main_only; what is left when it has ended gets the signal then")
		}
	}
	if o := p.get("killasgroup"); o != nil {
		if p.flag(o, process) {
			p.told(o, Carried, "SIGKILL is for all processes of a task")
		} else {
			p.told(o, Changed, "SIGKILL is for all processes of a task: nothing is left of it")
		}
	}
}

// logs says where the lines of a process are kept.
func (p *program) logs(t *taskfile.Task, process *processOf) {
	redirected := false
	if o := p.get("redirect_stderr"); o != nil {
		redirected = p.flag(o, process)
		if redirected {
			p.told(o, Carried, bothStreams)
		} else {
			p.told(o, Changed, bothStreams)
		}
	}
	kept := false
	for _, stream := range []string{"stdout", "stderr"} {
		size, backups := p.get(stream+"_logfile_maxbytes"), p.get(stream+"_logfile_backups")
		o := p.get(stream + "_logfile")
		file := ""
		if o != nil {
			file = p.text(o, process)
		}
		isFile := p.logFile(o, file, stream)
		switch {
		case !isFile:
			p.forNoFile(size, backups)
		case stream == "stderr" && redirected:
			p.told(o, Refused, "supervisord does not heed it with redirect_stderr")
			p.forNoFile(size, backups)
		case kept:
			p.told(o, Changed, "both streams are in output.log, which is the file of stdout")
			p.forNoFile(size, backups)
		default:
			kept = true
			p.keep(t, process, fromHome(file), size, backups)
			if redirected {
				p.told(o, asNow(o), "output.log%s", variablesOf(o))
			} else {
				p.told(o, Changed, "output.log%s: %s", variablesOf(o), bothStreams)
			}
		}
	}
}

const bothStreams = "both streams are in one log"

// fromHome replaces the ~ that a path begins with, as Python does.
func fromHome(path string) string {
	name, rest, _ := strings.Cut(path, "/")
	if !strings.HasPrefix(name, "~") {
		return path
	}
	home := os.Getenv("HOME")
	if name != "~" {
		is, err := user.Lookup(name[1:])
		if err != nil {
			return path
		}
		home = is.HomeDir
	}
	return filepath.Join(home, rest)
}

// logFile reports whether a value is the name of a file, and tells what becomes of the others.
func (p *program) logFile(o *option, file, stream string) bool {
	if o == nil {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(file)) {
	case "none", "off":
		p.told(o, Carried, "there is no log file")
	case "auto", "":
		p.told(o, Changed, "there is no log file: taskvisor logs has the last lines from memory")
	case "syslog":
		p.told(o, Refused, isSyslog)
	case "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2", "/proc/self/fd/1", "/proc/self/fd/2":
		p.told(o, Carried, "taskvisor run prints all lines, each with the name of its task")
	default:
		return true
	}
	return false
}

func (p *program) forNoFile(options ...*option) {
	for _, o := range options {
		if o != nil {
			p.told(o, Refused, "there is no such log file")
		}
	}
}

func (p *program) keep(t *taskfile.Task, process *processOf, file string, size, backups *option) {
	output := &taskfile.Output{Log: file, MaxSize: of(taskfile.Size(50 << 20)), Keep: of(10)}
	if size != nil {
		bytes, err := byteSize(p.text(size, process))
		switch {
		case err != nil:
			p.wrong(size, "%s", err)
		case bytes == 0:
			output.MaxSize = nil
			p.told(size, Refused, "a log file always has an end: max_size is 10MB unless it is set")
		default:
			output.MaxSize = of(taskfile.Size(bytes))
			p.told(size, Carried, "output.max_size")
		}
	}
	if backups != nil {
		n, ok := whole(p.text(backups, process))
		if !ok || n < 0 {
			p.wrong(backups, "%q must be a whole number", p.text(backups, process))
		}
		output.Keep = of(n)
		p.told(backups, Carried, "output.keep")
	}
	t.Output = output
}

// byteSize reads a number of bytes as supervisord does: KB is 1,024.
func byteSize(text string) (int64, error) {
	trimmed := strings.ToLower(strings.TrimSpace(text))
	factor := int64(1)
	for suffix, f := range map[string]int64{"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30} {
		if rest, ok := strings.CutSuffix(trimmed, suffix); ok {
			trimmed, factor = rest, f
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(trimmed), 10, 64)
	if err != nil || n < 0 || n > 1<<40/factor*1024 {
		return 0, fmt.Errorf("%q must be a size such as 512KB, 50MB or 1GB", text)
	}
	return n * factor, nil
}
