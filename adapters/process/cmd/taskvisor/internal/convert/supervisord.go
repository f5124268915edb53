package convert

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// supervisord converts a supervisord.conf.
type supervisord struct {
	books
	document

	path    string
	environ map[string]string // what %(ENV_X)s is, by ENV_X
	host    string
	file    ini
	units   []*unit
	ordered bool // some priority is given
}

// unit is what supervisord starts and stops as one: a program, or a group of programs.
type unit struct {
	at       Place
	name     string
	isGroup  bool
	priority int
	members  []*program
	comments []string
}

func convertSupervisord(path string, text []byte, environ []string) (*Result, error) {
	s := &supervisord{path: path, environ: map[string]string{}}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		s.environ["ENV_"+name] = value
	}
	s.host, _ = os.Hostname()
	s.files = []string{path}
	s.file.read(path, string(text), &s.books)
	s.include()
	s.lookIntoKeys()
	s.global(s.begin(path))
	s.collect()
	s.write()
	s.lookForTheLost()
	notes, err := s.close()
	return &Result{Text: s.document.file.TOML(), Notes: notes}, err
}

// include reads the files that [include] names. Those in files that are included are not followed.
func (s *supervisord) include() {
	o := s.file.section("include").get("files")
	if o == nil {
		return
	}
	o.noted = true
	patterns, ok := s.interpolated(o, s.common(o))
	if !ok {
		return
	}
	var found []string
	for _, pattern := range strings.Fields(patterns) {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(filepath.Dir(s.path), pattern)
		}
		matches, err := filepath.Glob(pattern)
		if err != nil {
			s.wrong(o, "%q: %s", pattern, err)
		}
		slices.Sort(matches)
		for _, match := range matches {
			if isHidden(match) && !isHidden(pattern) { // Python's glob leaves these out
				continue
			}
			text, err := os.ReadFile(match)
			if err == nil {
				err = readable(match, text)
			}
			if err != nil {
				s.wrong(o, "%s", err)
				continue
			}
			found = append(found, match)
			s.files = append(s.files, match)
			s.file.read(match, string(text), &s.books)
		}
	}
	if len(found) == 0 {
		s.tell(o, Changed, "no file matches")
		return
	}
	s.tell(o, Changed, "what they say is in the new file, too: %s", strings.Join(found, ", "))
}

func isHidden(path string) bool { return strings.HasPrefix(filepath.Base(path), ".") }

// lookIntoKeys tells which sections and keys are unknown, and refuses those that have a reason for it.
func (s *supervisord) lookIntoKeys() {
	for _, section := range s.file.sections {
		kind, _ := kindOf(section.name)
		if kind == "DEFAULT" {
			continue // they count in every section
		}
		if _, known := supervisordKeys[kind]; !known {
			s.note(section.at, "["+section.name+"]", Unknown, "supervisord has no such section")
			for _, o := range section.options {
				s.tell(o, Unknown, "the section is unknown")
			}
			continue
		}
		switch kind {
		case "eventlistener":
			s.note(section.at, "["+section.name+"]", Refused, "%s", isEvents)
		case "fcgi-program":
			s.note(section.at, "["+section.name+"]", Refused, "%s", isSocket)
		}
		for _, o := range section.options {
			switch reason, known := supervisordRule(kind, o.key); {
			case !known:
				s.tell(o, Unknown, "supervisord has no such key%s", taskfile.DidYouMean(o.key, supervisordSiblings(kind)))
			case reason != "":
				s.tell(o, Refused, "%s", reason)
			}
		}
	}
}

func (s *supervisord) lookForTheLost() {
	for _, section := range s.file.sections {
		for _, o := range section.options {
			reason, known := supervisordRule("program", o.key)
			switch {
			case o.noted:
			case section.name != "DEFAULT":
				s.tell(o, Refused, lost)
			case known:
				s.tell(o, Refused, "%s", cmp.Or(reason, "no program heeds it"))
			default:
				s.tell(o, Unknown, "programs have no such key%s", taskfile.DidYouMean(o.key, supervisordSiblings("program")))
			}
		}
	}
}

func (s *supervisord) tell(o *option, verdict Verdict, format string, arguments ...any) {
	o.noted = true
	s.note(o.at, o.name(), verdict, format, arguments...)
}

func (s *supervisord) wrong(o *option, format string, arguments ...any) {
	o.noted = true
	s.problem(o.at, o.name(), format, arguments...)
}

// common are the expressions that count everywhere in a file.
func (s *supervisord) common(o *option) map[string]string {
	here, err := filepath.Abs(filepath.Dir(o.at.File))
	if err != nil {
		here = filepath.Dir(o.at.File)
	}
	values := map[string]string{"here": here, "host_node_name": s.host}
	for name, value := range s.environ {
		values[name] = value
	}
	return values
}

func (s *supervisord) interpolated(o *option, values map[string]string) (string, bool) {
	text, _, err := interpolate(o.value, values)
	if err != nil {
		s.wrong(o, "%s", err)
		return "", false
	}
	return text, true
}

// global reads [supervisord].
func (s *supervisord) global(defaults *taskfile.Task) {
	comment(&defaults.Comment, "What supervisord does unless it is told otherwise: three more tries, after 1s, 2s and 4s, and as many again after a run of 1s.")
	defaults.Attempts, defaults.BaseDelay, defaults.StableAfter = of(taskfile.Attempts(3)), of(taskfile.Duration(500*time.Millisecond)), seconds(1)
	section := s.file.section("supervisord")
	if o := section.get("nodaemon"); o != nil {
		s.tell(o, Carried, "taskvisor always stays in the foreground")
	}
	if o := section.get("directory"); o != nil {
		if dir, ok := s.interpolated(o, s.common(o)); ok {
			defaults.Dir = fromHome(dir)
			s.tell(o, asNow(o), "dir of defaults%s", variablesOf(o))
		}
	}
	if o := section.get("environment"); o != nil {
		text, ok := s.interpolated(o, s.common(o))
		if !ok {
			return
		}
		pairs, err := keyValues(text)
		if err != nil {
			s.wrong(o, "%s", err)
			return
		}
		for _, p := range pairs {
			setEnv(defaults, p.Name, p.Value)
			s.environ["ENV_"+p.Name] = p.Value
		}
		s.tell(o, asNow(o), "env of defaults%s", variablesOf(o))
	}
}

// collect finds the units, in the order in which supervisord starts them.
func (s *supervisord) collect() {
	grouped := map[string]bool{}
	for _, section := range s.file.sections {
		if kind, name := kindOf(section.name); kind == "group" {
			s.units = append(s.units, s.groupOf(section, name, grouped))
		}
	}
	for _, section := range s.file.sections {
		kind, name := kindOf(section.name)
		if kind != "program" || grouped[name] {
			continue
		}
		p := s.program(section, name, name)
		alone := len(p.processes) == 1 && p.processes[0].name == name
		s.units = append(s.units, &unit{at: section.at, name: name, isGroup: !alone, priority: p.priority, members: []*program{p}})
	}
	s.names()
	if len(s.units) == 0 && len(s.problems) == 0 {
		s.problem(Place{s.path, 1, 1}, "", "the file has no programs")
	}
	slices.SortStableFunc(s.units, func(a, b *unit) int {
		return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.name, b.name))
	})
}

// names complains about names that are there twice, or that no task can have.
func (s *supervisord) names() {
	units := map[string]bool{}
	for _, u := range s.units {
		s.name(u.at, u.name, u.name)
		if units[u.name] {
			s.problem(u.at, "", "the name %q is taken by another program or group", u.name)
		}
		units[u.name] = true
		processes := map[string]bool{}
		for _, p := range u.members {
			for _, process := range p.processes {
				s.name(p.section.at, "["+p.section.name+"]", process.name)
				if processes[process.name] {
					s.problem(p.section.at, "["+p.section.name+"]", "the group %s has another process %q", u.name, process.name)
				}
				processes[process.name] = true
			}
		}
	}
}

func (s *supervisord) groupOf(section *section, name string, grouped map[string]bool) *unit {
	u := &unit{at: section.at, name: name, isGroup: true, priority: usualPriority}
	if o := section.get("priority"); o != nil {
		u.priority = s.priority(o)
	}
	o := section.get("programs")
	if o == nil {
		s.problem(section.at, "["+section.name+"]", "names no programs")
		return u
	}
	text, _ := s.interpolated(o, s.common(o))
	for program := range strings.SplitSeq(text, ",") {
		program = strings.TrimSpace(program)
		switch of := s.file.section("program:" + program); {
		case program == "":
		case of != nil:
			grouped[program] = true
			u.members = append(u.members, s.program(of, program, name))
		case s.file.section("fcgi-program:"+program) != nil:
			u.comments = append(u.comments, "The fcgi-program "+program+" is refused.")
		default:
			s.wrong(o, "there is no program %q", program)
		}
	}
	slices.SortStableFunc(u.members, func(a, b *program) int {
		return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.name, b.name))
	})
	if !o.noted {
		s.tell(o, Carried, "[groups.%s]", name)
	}
	return u
}

// usualPriority is what a program or group has that says nothing.
const usualPriority = 999

func (s *supervisord) priority(o *option) int {
	text, _ := s.interpolated(o, s.common(o))
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		s.wrong(o, "%q must be a whole number", text)
		return usualPriority
	}
	if n != usualPriority {
		s.ordered = true
	}
	s.tell(o, Changed, `its place in the file, and stop_order = "reverse": what stands later starts later and stops first`)
	return n
}

// write makes the tasks and groups of the units.
func (s *supervisord) write() {
	if s.ordered {
		comment(&s.document.file.Comment, "What stands later in the file starts later and stops first, one by one, as priority said.")
		s.document.file.StopOrder = "reverse"
	}
	for _, u := range s.units {
		var in *taskfile.Group
		if u.isGroup {
			in = s.addGroup(u.name)
			comment(&in.Comment, "Commands that name the group mean all of its tasks.")
			for _, line := range u.comments {
				comment(&in.Comment, line)
			}
		}
		for _, p := range u.members {
			for i := range p.processes {
				p.write(s.add(in, p.processes[i].name), &p.processes[i])
			}
		}
	}
}
