package process

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Check is a way to find out how a run is: whether it is ready ([Command.Ready]), or well ([Command.Probe]). [Port], [HTTP], [File]
// and [Exec] ask, again and again, and can be both. [Prints] and [Notified] wait to be told, and say only when a run is ready.
type Check interface {
	fmt.Stringer
	valid() error
}

// asking is a check that asks. An error says what is missing.
type asking interface {
	Check
	ask(ctx context.Context, of *process) error
}

// Port checks that a TCP connection to an address can be made: "localhost:6379", ":8080".
func Port(address string) Check { return port(address) }

type port string

func (p port) String() string { return "port " + string(p) }

func (p port) valid() error {
	_, _, err := net.SplitHostPort(string(p))
	return err
}

func (p port) ask(ctx context.Context, _ *process) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", string(p))
	if err != nil {
		return err
	}
	return conn.Close()
}

// HTTP checks that a GET of a URL is answered by a status from 200 to 399. Redirects are not followed. See [HTTPCheck] for more.
func HTTP(url string) Check { return HTTPCheck{URL: url} }

// HTTPCheck is [HTTP] with everything that can be said about it.
type HTTPCheck struct {
	URL    string      // with scheme http or https
	Method string      // default GET
	Header http.Header // of the request
	Status []int       // the statuses that are well. Default: 200 to 399
	TLS    *tls.Config // for https: other roots, a client's certificate. Default: as for any client
}

func (h HTTPCheck) String() string { return "http " + h.URL }

func (h HTTPCheck) valid() error {
	parsed, err := url.Parse(h.URL)
	switch {
	case err != nil:
		return err
	case parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "":
		return fmt.Errorf("%q is not an address that begins with http:// or https://", h.URL)
	}
	for _, status := range h.Status {
		if status < 100 || status > 999 {
			return fmt.Errorf("%d is not a status", status)
		}
	}
	_, err = http.NewRequest(h.Method, h.URL, nil)
	return err
}

func (h HTTPCheck) ask(ctx context.Context, _ *process) error {
	request, err := http.NewRequestWithContext(ctx, h.Method, h.URL, nil)
	if err != nil {
		return err
	}
	for name, values := range h.Header {
		request.Header[name] = values
		if name == "Host" && len(values) > 0 {
			request.Host = values[0]
		}
	}
	transport := &http.Transport{TLSClientConfig: h.TLS, DisableKeepAlives: true, Proxy: nil}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10)
	_ = response.Body.Close()
	well := response.StatusCode >= 200 && response.StatusCode < 400
	if len(h.Status) > 0 {
		well = slices.Contains(h.Status, response.StatusCode)
	}
	if !well {
		return fmt.Errorf("%s answered %s", h.URL, response.Status)
	}
	return nil
}

// File checks that a file exists which the run has made or written to: one that is older is left from another. A path that is not
// absolute begins at [Command.Dir].
func File(path string) Check { return file(path) }

type file string

func (f file) String() string { return "file " + string(f) }

func (f file) valid() error {
	if f == "" {
		return errors.New("the path is empty")
	}
	return nil
}

func (f file) ask(_ context.Context, of *process) error {
	path := of.command.pathOf(string(f))
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.ModTime().Before(of.since.Add(-fileSlack)):
		return fmt.Errorf("%s is older than the run", path)
	}
	return nil
}

// fileSlack is how far behind the clock the times of a file system can be.
const fileSlack = 20 * time.Millisecond

// Exec checks that a command ends well: with exit code 0. It runs with the directory, the environment and the user of the command
// that is checked, and nothing of it is left when the check is over.
func Exec(args ...string) Check { return execCheck(strings.Join(args, "\x00")) }

type execCheck string

func (e execCheck) args() []string { return strings.Split(string(e), "\x00") }

func (e execCheck) String() string { return "command " + Command{Args: e.args()}.String() }

func (e execCheck) valid() error {
	if e.args()[0] == "" {
		return errors.New("the command is empty")
	}
	return nil
}

func (e execCheck) ask(ctx context.Context, of *process) error { return of.exec(ctx, e.args()) }

// Prints checks that a line which the run prints matches a regular expression, see package regexp. Colours and other escape
// sequences are taken out before. It needs no [Output.Lines].
func Prints(pattern string) Check { return prints(pattern) }

type prints string

func (p prints) String() string { return "line " + string(p) }

func (p prints) valid() error {
	_, err := regexp.Compile(string(p))
	return err
}

// Notified waits for the run to send READY=1 by the notify protocol of systemd, as programs do that are made for Type=notify. It is
// supported on Linux.
func Notified() Check { return notified{} }

type notified struct{}

func (notified) String() string { return "notify" }

func (notified) valid() error { return nil }

// escapes are the sequences by which terminals are told of colours, cursors and titles.
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[@-Z\\\\-_])")

// plain returns a text without escape sequences.
func plain(text []byte) []byte {
	if !slices.Contains(text, 0x1b) {
		return text
	}
	return escapes.ReplaceAll(text, nil)
}
