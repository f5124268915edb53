//go:build linux

package process

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asksOnce asks a check about a run that has begun just now.
func asksOnce(t *testing.T, check Check, dir string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return asksWithin(ctx, t, check, dir)
}

func asksWithin(ctx context.Context, t *testing.T, check Check, dir string) error {
	t.Helper()
	require.NoError(t, check.valid())
	host, err := Open(WithTightness(TightnessGroup))
	require.NoError(t, err)
	defer func() { require.NoError(t, host.Close()) }()
	task, err := host.Task(Command{Args: []string{"true"}, Dir: dir})
	require.NoError(t, err)
	p := task.begin(context.Background())
	defer p.kills()
	p.since = time.Now()
	p.env, err = p.command.environment("")
	require.NoError(t, err)
	return check.(asking).ask(ctx, p)
}

func TestPortCheck(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	check := Port(listener.Addr().String())
	require.NoError(t, asksOnce(t, check, ""))
	require.NoError(t, listener.Close())
	require.ErrorContains(t, asksOnce(t, check, ""), "connection refused")
}

func TestHTTPChecks(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.Host == "other":
			w.WriteHeader(http.StatusTeapot)
		case r.URL.Path == "/redirect":
			http.Redirect(w, r, "/broken", http.StatusFound)
		case r.URL.Path == "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	require.NoError(t, asksOnce(t, HTTP(server.URL), ""))
	require.NoError(t, asksOnce(t, HTTP(server.URL+"/redirect"), ""))
	require.ErrorContains(t, asksOnce(t, HTTP(server.URL+"/broken"), ""), "answered 500 Internal Server Error")
	require.NoError(t, asksOnce(t, HTTPCheck{URL: server.URL + "/broken", Status: []int{500}}, ""))
	require.Error(t, asksOnce(t, HTTPCheck{URL: server.URL, Status: []int{500}}, ""))
	require.NoError(t, asksOnce(t, HTTPCheck{URL: server.URL, Method: http.MethodHead, Status: []int{405}}, ""))
	require.NoError(t, asksOnce(t, HTTPCheck{URL: server.URL, Header: http.Header{"Host": {"other"}}, Status: []int{http.StatusTeapot}}, ""))
}

func TestHTTPSCheck(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	require.ErrorContains(t, asksOnce(t, HTTP(server.URL), ""), "certificate")
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	require.NoError(t, asksOnce(t, HTTPCheck{URL: server.URL, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}, ""))
}

// A file that is older than the run is that of another.
func TestFileCheck(t *testing.T) {
	dir := t.TempDir()
	require.ErrorIs(t, asksOnce(t, File("ready"), dir), os.ErrNotExist)
	path := filepath.Join(dir, "ready")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	soon := time.Now().Add(time.Minute)
	require.NoError(t, os.Chtimes(path, soon, soon))
	require.NoError(t, asksOnce(t, File("ready"), dir))
	require.NoError(t, asksOnce(t, File(path), ""))
	before := time.Now().Add(-time.Minute)
	require.NoError(t, os.Chtimes(path, before, before))
	require.ErrorContains(t, asksOnce(t, File("ready"), dir), "is older than the run")
}

// A command that checks ends well or not, and leaves nothing behind.
func TestExecCheck(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, asksOnce(t, Exec("true"), ""))
	require.ErrorContains(t, asksOnce(t, Exec("false"), ""), "false: exit code 1")
	require.ErrorContains(t, asksOnce(t, Exec("no-such-program"), ""), "there is no program")
	require.NoError(t, asksOnce(t, Exec("sh", "-c", `test "$PWD" = "`+dir+`"`), dir))
	require.NoError(t, asksOnce(t, Exec("sh", "-c", "sleep 1000 & echo $! > pid"), dir))
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	require.NoError(t, err)
	child, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	require.NoError(t, err)
	require.False(t, alive(child))
}

// A command that checks and takes too long is killed, with all that it has started.
func TestExecCheckThatTakesTooLong(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	path := filepath.Join(dir, "pid")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	said := make(chan string, 1)
	go func() {
		text, _ := os.ReadFile(path) // waits until the command says who it is
		said <- string(text)
		cancel()
	}()
	require.ErrorIs(t, asksWithin(ctx, t, Exec("sh", "-c", "sleep 1000 & echo $! > pid; wait"), dir), context.Canceled)
	pid, err := strconv.Atoi(strings.TrimSpace(<-said))
	require.NoError(t, err)
	require.False(t, alive(pid))
}
