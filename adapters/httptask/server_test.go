package httptask_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
	"github.com/tasksupervisor/tasksupervisor/internal/pipes"
)

// The same server, handed out again, is refused: it would end at once in every run after the first.
func TestTheSameServerIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		same := &http.Server{Handler: hello}
		listener := pipes.New()
		defer func() { _ = listener.Close() }()
		w := &world{listener: listener, client: listener.Client(t)}
		w.sup = start(t, httptask.Serve(listener, func() *http.Server { return same }), supervisor.WithMaxAttempts(2))
		w.requireAnswer(t)
		require.NoError(t, w.sup.Restart("http"))
		bubble.Pass(time.Hour)
		w.requireStatus(t, supervisor.StatusDead)
		require.EqualValues(t, 4, w.status(t).Run)
		require.Equal(t, httptask.ErrReused, w.status(t).LastError)
		require.ErrorIs(t, same.Serve(listener), http.ErrServerClosed, "it serves no more")
	})
}

func TestNilIsRefused(t *testing.T) {
	for name, task := range map[string]supervisor.Task{
		"ListenAndServe": httptask.ListenAndServe(nil),
		"Serve":          httptask.Serve(pipes.New(), nil),
		"no listener":    httptask.Serve(nil, func() *http.Server { return new(http.Server) }),
	} {
		_, err := supervisor.New(supervisor.WithTask(name, task))
		require.ErrorIs(t, err, supervisor.ErrNilTask, name)
	}
	err := httptask.Serve(pipes.New(), func() *http.Server { return nil }).Run(t.Context())
	require.Equal(t, httptask.ErrNoServer, err)
}

// A run that is to stop before it serves ends, and has not taken the listener away.
func TestStopBeforeItServes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		listener := pipes.New()
		defer func() { _ = listener.Close() }()
		ctx, cancel := context.WithCancel(t.Context())
		task := httptask.Serve(listener, func() *http.Server {
			cancel()
			return &http.Server{Handler: hello}
		})
		require.NoError(t, task.Run(ctx))
		w := &world{listener: listener, client: listener.Client(t), sup: start(t, task)}
		w.requireAnswer(t)
	})
}

// A BaseContext of the server's own is kept.
func TestABaseContextIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		type key struct{}
		listener := pipes.New()
		defer func() { _ = listener.Close() }()
		w := &world{listener: listener, client: listener.Client(t)}
		w.sup = start(t, httptask.Serve(listener, func() *http.Server {
			return &http.Server{
				BaseContext: func(net.Listener) context.Context { return context.WithValue(context.Background(), key{}, "hello") },
				Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.WriteString(w, r.Context().Value(key{}).(string))
				}),
			}
		}))
		w.requireAnswer(t)
	})
}

// A handler that has taken over its connection is told when the requests are answered, and waited for.
func TestAConnectionThatWasTakenOver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told error
		w := supervise(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
			<-r.Context().Done()
			told = context.Cause(r.Context())
			time.Sleep(time.Second)
		}))
		conn, err := w.listener.Dial(t.Context(), "", "")
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: server\r\n\r\n")
		require.NoError(t, err)
		line, err := bufio.NewReader(conn).ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, "101")
		require.NoError(t, w.sup.Kill("http"))
		bubble.Pass(500 * time.Millisecond)
		require.ErrorIs(t, told, supervisor.ErrKilled)
		w.requireStatus(t, supervisor.StatusStopping)
		bubble.Pass(time.Second)
		w.requireStatus(t, supervisor.StatusDead)
		require.Empty(t, w.sup.Report().FailedStops)
	})
}

// It listens at its address, with TLS if it has certificates, and each run listens anew.
func TestListenAndServe(t *testing.T) {
	certificates := httptest.NewUnstartedServer(nil)
	certificates.StartTLS()
	certificates.Close()
	for name, config := range map[string]*tls.Config{"plain": nil, "tls": {Certificates: certificates.TLS.Certificates}} {
		t.Run(name, func(t *testing.T) {
			reserved, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			address := reserved.Addr().String()
			require.NoError(t, reserved.Close())

			sup := start(t, httptask.ListenAndServe(func() *http.Server {
				return &http.Server{Addr: address, Handler: hello, TLSConfig: config.Clone()}
			}), supervisor.WithReadiness(true))
			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			defer transport.CloseIdleConnections()
			scheme := "http"
			if config != nil {
				scheme = "https"
			}
			for range 3 {
				require.NoError(t, sup.WaitFor(t.Context(), "http", supervisor.UntilReady))
				response, err := (&http.Client{Transport: transport}).Get(scheme + "://" + address)
				require.NoError(t, err)
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, "hello", string(body))
				require.NoError(t, response.Body.Close())
				require.NoError(t, sup.Restart("http"))
			}
		})
	}
}

// A stream that does not end by itself is told by the server that it is shut down.
func TestAStreamIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		listener := pipes.New()
		defer func() { _ = listener.Close() }()
		w := &world{listener: listener, client: listener.Client(t)}
		w.sup = start(t, httptask.Serve(listener, func() *http.Server {
			down := make(chan struct{})
			server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "hello")
				_ = http.NewResponseController(w).Flush()
				<-down
			})}
			server.RegisterOnShutdown(func() { close(down) })
			return server
		}))
		answered := make(chan string)
		go func() {
			answer, _ := w.get("/")
			answered <- answer
		}()
		bubble.Pass(0)
		require.NoError(t, w.sup.Kill("http"))
		require.Equal(t, "hello", <-answered)
		bubble.Pass(time.Second)
		w.requireStatus(t, supervisor.StatusDead)
		require.Empty(t, w.sup.Report().FailedStops)
	})
}

// A client that has connected and sends nothing holds up a stop, unless it did so five seconds ago, and not for long.
func TestAClientThatSendsNothing(t *testing.T) {
	for name, test := range map[string]struct{ since, timeout, stops time.Duration }{
		"in time":     {time.Second, 10 * time.Second, 4 * time.Second},
		"out of time": {time.Second, 2 * time.Second, 1800 * time.Millisecond},
		"long ago":    {time.Minute, 10 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := supervise(t, hello, supervisor.WithStopTimeout(test.timeout))
				conn, err := w.listener.Dial(t.Context(), "", "")
				require.NoError(t, err)
				defer func() { _ = conn.Close() }()
				bubble.Pass(test.since)
				require.NoError(t, w.sup.Kill("http"))
				if test.stops > 0 {
					time.Sleep(test.stops - 1)
					w.requireStatus(t, supervisor.StatusStopping)
				}
				bubble.Pass(5 * time.Millisecond)
				w.requireStatus(t, supervisor.StatusDead)
				_, err = conn.Read(make([]byte, 1))
				require.ErrorIs(t, err, io.EOF)
			})
		})
	}
}

// One that has begun to send is waited for.
func TestAClientThatSendsSlowly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, hello)
		conn, err := w.listener.Dial(t.Context(), "", "")
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		bubble.Pass(time.Second)
		require.NoError(t, w.sup.Kill("http"))
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\n")
		require.NoError(t, err)
		bubble.Pass(3 * time.Second)
		w.requireStatus(t, supervisor.StatusStopping)
		_, err = io.WriteString(conn, "Host: server\r\n\r\n")
		require.NoError(t, err)
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Contains(t, string(answer), "hello")
		bubble.Pass(time.Second)
		w.requireStatus(t, supervisor.StatusDead)
	})
}

// The hooks of the server are called as well.
func TestHooksAreKept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		type key struct{}
		var states []http.ConnState
		listener := pipes.New()
		defer func() { _ = listener.Close() }()
		w := &world{listener: listener, client: listener.Client(t)}
		w.sup = start(t, httptask.Serve(listener, func() *http.Server {
			return &http.Server{
				ConnState:   func(_ net.Conn, state http.ConnState) { states = append(states, state) },
				ConnContext: func(ctx context.Context, _ net.Conn) context.Context { return context.WithValue(ctx, key{}, "hello") },
				Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.WriteString(w, r.Context().Value(key{}).(string))
				}),
			}
		}))
		w.requireAnswer(t)
		require.NoError(t, w.sup.Kill("http"))
		bubble.Pass(time.Second)
		require.Equal(t, []http.ConnState{http.StateNew, http.StateActive, http.StateIdle, http.StateClosed}, states)
	})
}
