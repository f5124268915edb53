package httptask_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
	"github.com/tasksupervisor/tasksupervisor/internal/pipes"
)

// How often the server is restarted under load, and how many requests each of its runs answers before that.
const (
	restarts = 50
	perRun   = 20
)

// With the listener kept, no request fails while the server is restarted fifty times, with requests in flight each time.
func TestNoRequestFailsWhileTheServerIsRestarted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	requireNoFailures(t, listener, "http://"+listener.Addr().String(), nil)
}

// The same with a listener that has no deadlines, on virtual time.
func TestNoRequestFailsWithAnyListener(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		listener := pipes.New()
		defer func() { _ = listener.Close() }()
		requireNoFailures(t, listener, "http://server", listener.Dial)
	})
}

// The same with HTTP/2, whose connections are told to go away.
func TestNoRequestFailsWithHTTP2(t *testing.T) {
	certificates := httptest.NewUnstartedServer(nil)
	certificates.StartTLS()
	certificates.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	var answered atomic.Int64
	var sup *supervisor.Supervisor
	restart := func() error { return sup.Restart("http") }
	sup = start(t, httptask.Serve(listener, func() *http.Server {
		return &http.Server{Handler: restarting(restart, &answered), TLSConfig: &tls.Config{
			Certificates: certificates.TLS.Certificates, NextProtos: []string{"h2"},
		}, ErrorLog: log.New(io.Discard, "", 0)} // a client that gives a connection up is not a failure
	}), supervisor.WithSuspended(true))
	require.NoError(t, sup.Resume("http"))
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, MaxConnsPerHost: 1}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get("https://" + listener.Addr().String())
	require.NoError(t, err)
	require.Equal(t, 2, response.ProtoMajor)
	require.NoError(t, response.Body.Close())
	load := startLoad(t, "https://"+listener.Addr().String(), false, func(int) *http.Client { return &http.Client{Transport: transport} })
	require.NoError(t, sup.WaitUntil(t.Context(), "http", func(s supervisor.TaskStatus) bool { return s.Run > restarts }))
	require.Empty(t, load.end())
	require.EqualValues(t, restarts+1, sup.Report().Runs.Started)
	require.Empty(t, sup.Report().FailedStops)
}

func requireNoFailures(t *testing.T, listener net.Listener, url string, dial dialer) {
	t.Helper()
	var sup *supervisor.Supervisor
	var answered atomic.Int64
	restart := func() error { return sup.Restart("http") }
	sup = start(t, httptask.Serve(listener, func() *http.Server { return &http.Server{Handler: restarting(restart, &answered)} }),
		supervisor.WithSuspended(true))
	require.NoError(t, sup.Resume("http"))
	load := loadOf(t, url, dial)
	require.NoError(t, sup.WaitUntil(t.Context(), "http", func(s supervisor.TaskStatus) bool { return s.Run > restarts }))
	require.Empty(t, load.end())
	require.GreaterOrEqual(t, answered.Load(), int64(restarts*perRun))
	report := sup.Report()
	require.EqualValues(t, restarts+1, report.Runs.Started)
	require.Empty(t, report.FailedStops)
	require.Zero(t, report.Runs.Abandoned)
}

// Whoever made the listener can go on with it when the supervisor has stopped.
func TestTheListenerIsLeftAsItWas(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	sup := start(t, httptask.Serve(listener, func() *http.Server { return &http.Server{Handler: hello} }), supervisor.WithReadiness(true))
	require.NoError(t, sup.WaitFor(t.Context(), "http", supervisor.UntilReady))
	require.NoError(t, sup.Shutdown(t.Context()))
	client, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = client.Close() }()
	conn, err := listener.Accept()
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}

// Where the listener is closed between two runs, clients are refused.
func TestRequestsFailWhereNoOneListens(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, hello)
		w.requireAnswer(t)
		require.NoError(t, w.listener.Close())
		bubble.Pass(0)
		_, err := w.get("/")
		require.ErrorContains(t, err, "connection refused")
	})
}

// restarting is the handler of one run. It answers in two steps. A request that is in flight restarts the server.
func restarting(restart func() error, answered *atomic.Int64) http.Handler {
	var requests atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if info, _ := supervisor.Current(r.Context()); requests.Add(1) == perRun && info.Run <= restarts {
			err = errors.Join(err, restart())
		}
		if err = errors.Join(err, r.Context().Err()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "hello ")
		_ = http.NewResponseController(w).Flush()
		_, _ = w.Write(body)
		answered.Add(1)
	})
}

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// load are clients that make one request after the other.
type load struct {
	stop     chan struct{}
	clients  sync.WaitGroup
	mu       sync.Mutex
	failures []error
}

// loadOf starts clients: half of them keep their connection, and get; the others make a connection for each request, and post.
func loadOf(t *testing.T, url string, dial dialer) *load {
	return startLoad(t, url, dial != nil, func(i int) *http.Client {
		transport := &http.Transport{DialContext: dial, DisableKeepAlives: i%2 == 1, MaxConnsPerHost: 1} // none is made that is not used
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	})
}

func startLoad(t *testing.T, url string, virtual bool, newClient func(i int) *http.Client) *load {
	t.Helper()
	l := &load{stop: make(chan struct{})}
	for i := range 8 {
		client := newClient(i)
		l.clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.stop:
					return
				default:
				}
				if virtual {
					time.Sleep(time.Microsecond) // time passes only while all sleep
				}
				if err := request(client, url, fmt.Sprint(i, "-", n), i%2 == 1); err != nil {
					l.mu.Lock()
					l.failures = append(l.failures, err)
					l.mu.Unlock()
				}
			}
		})
	}
	return l
}

func request(client *http.Client, url, text string, post bool) error {
	method, body, want := http.MethodGet, io.Reader(nil), "hello "
	if post {
		method, body, want = http.MethodPost, strings.NewReader(text), "hello "+text
	}
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && string(answer) != want {
		err = fmt.Errorf("%s: %q instead of %q", response.Status, answer, want)
	}
	return err
}

// end ends the load, and returns all that failed.
func (l *load) end() []error {
	close(l.stop)
	l.clients.Wait()
	return l.failures
}
