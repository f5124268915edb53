package web

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Option configures a page, see [New]. The zero Option changes nothing.
type Option struct{ apply func(*settings) }

// settings is what the options say.
type settings struct {
	title     string
	hosts     []string
	controls  bool
	authorise func(r *http.Request, action Action, path string) error
	recording func(io.Writer) error
	tail      func(path string) []string
}

// WithTitle sets the heading of the page. Default: the name of the supervisor, or "tasks".
func WithTitle(title string) Option { return Option{func(s *settings) { s.title = title }} }

// WithHosts names the hosts by which the page may be asked for, without ports, such as "ops.example.com". A request with another
// Host header is refused with 403; that foils DNS rebinding, where a foreign page gives its own name the page's address. On a
// connection to a loopback address "localhost", names that end in ".localhost", and loopback addresses are always accepted, and without
// this option nothing else is: a reverse proxy on the same machine that passes on the Host header needs it. Default: any host,
// except on loopback.
func WithHosts(hosts ...string) Option {
	return Option{func(s *settings) { s.hosts = append(s.hosts, hosts...) }}
}

// WithControls lets whoever may see the page restart, stop, suspend and resume tasks, by POST requests that a page of another
// origin cannot make (see [http.CrossOriginProtection]). authorise is asked before each, and may be called from several goroutines; an
// error of it refuses the request with 403 and is shown. If it is nil, all are allowed: then something in front of the page has to
// say who may use it. Default: the page can only be read, and anything but GET and HEAD is answered with 405.
func WithControls(authorise func(r *http.Request, action Action, path string) error) Option {
	return Option{func(s *settings) { s.controls, s.authorise = true, authorise }}
}

// WithRecording offers what the function writes as a file to download, in place of what the supervisor's flight recorder keeps. It is
// called once for each download, by several goroutines at a time if need be; nil offers nothing. A recording holds the names of
// tasks, and how their runs ended. Default: [supervisor.Supervisor.DumpRecording], if there is a flight recorder when the page is made.
func WithRecording(dump func(io.Writer) error) Option {
	return Option{func(s *settings) { s.recording = dump }}
}

// WithTail shows what a task has written last, on its page: the lines that the function returns for the task's path, the oldest first.
// For what writes nothing, such as a supervisor, it returns nil. It is called for each look at a task, by several goroutines at
// a time if need be, and must not wait for the task. Of the lines the last 100 are shown, and of each the first 1,000 bytes. They are
// shown as text, whatever is in them, and are part of task.json. Default: nothing is shown.
func WithTail(tail func(path string) []string) Option {
	return Option{func(s *settings) { s.tail = tail }}
}

// defaults returns the settings without any option.
func defaults(sup *supervisor.Supervisor) (s settings) {
	if err := sup.DumpRecording(nowhere{}); !errors.Is(err, supervisor.ErrNotRecording) && !errors.Is(err, supervisor.ErrNotMade) {
		s.recording = sup.DumpRecording
	}
	return s
}

// nowhere takes nothing.
type nowhere struct{}

func (nowhere) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// Times that do not depend on options.
const (
	lookEvery    = 250 * time.Millisecond // while there are events
	lookAnyway   = 5 * time.Second        // while there are none, and someone looks
	writeWithin  = 10 * time.Second       // a client that takes longer to take in an event is cut off
	streamFor    = 5 * time.Minute        // after that a stream ends, and the client comes back
	streamsAtAll = 64                     // at one time; those beyond poll
	streamsOfOne = 4                      // of one browser, by HTTP/1, which has six connections
)
