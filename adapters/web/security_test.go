package web_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// routes are all there are, and some that do not exist.
func routes() []string {
	return []string{"", "task", "tasks.json", "task.json", "events", "view", "recording", "act", "page.css", "page.js", "good.svg", "nothing", "page.html"}
}

func methods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "BREW"}
}

// on says to which address of this machine a request came.
func on(address string) func(*http.Request) {
	return func(r *http.Request) {
		at := net.TCPAddrFromAddrPort(netAddr(address))
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, at))
	}
}

// over ends a request at once, so that a stream ends.
func over(r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	*r = *r.WithContext(ctx)
}

// Without WithControls no request of any kind changes anything, and all but GET and HEAD are refused.
func TestThePageCanOnlyBeRead(t *testing.T) {
	sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
	require.NoError(t, sup.Start(t.Context()))
	page := newPage(t, sup)
	before, err := sup.Status("task")
	require.NoError(t, err)
	rapid.Check(t, func(r *rapid.T) {
		method := rapid.SampledFrom(methods()).Draw(r, "method")
		route := rapid.SampledFrom(routes()).Draw(r, "route")
		prefix := rapid.SampledFrom([]string{"/", "/debug/tasks/", "//", "/%2e%2e/", "/a/act/"}).Draw(r, "prefix")
		query := rapid.SampledFrom([]string{"", "?path=task&action=stop", "?action=restart&path=task&_method=POST"}).Draw(r, "query")
		request := httptest.NewRequest(method, "http://example.com/", nil)
		request.URL, _ = url.Parse("http://example.com" + prefix + route + query)
		form("action=stop&path=task")(request)
		for name, values := range headers() {
			if value := rapid.SampledFrom(values).Draw(r, name); value != "" {
				request.Header.Set(name, value)
			}
		}
		over(request)
		answer := httptest.NewRecorder()
		page.ServeHTTP(answer, request)
		switch {
		case method != "GET" && method != "HEAD":
			if answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != "GET, HEAD" {
				r.Fatalf("%s %s: %d", method, request.URL, answer.Code)
			}
		case answer.Code >= 500:
			r.Fatalf("%s %s: %d %s", method, request.URL, answer.Code, answer.Body)
		case method == "HEAD" && answer.Body.Len() > 0:
			r.Fatalf("%s %s: %q", method, request.URL, answer.Body)
		}
		checkHeaders(r, answer.Header())
		after, err := sup.Status("task")
		if err != nil || after.Run != before.Run || after.Status != before.Status || after.Since != before.Since {
			r.Fatalf("%s %s has changed something: %v", method, request.URL, after)
		}
	})
	require.NoError(t, sup.Shutdown(t.Context()))
}

// headers are what a request may say of itself.
func headers() map[string][]string {
	return map[string][]string{
		"Origin":                 {"", "null", "http://example.com", "https://evil.example", "http://example.com.evil.example"},
		"Sec-Fetch-Site":         {"", "same-origin", "same-site", "cross-site", "none"},
		"X-Http-Method-Override": {"", "POST"},
		"Accept":                 {"", "application/json", "text/html"},
	}
}

// checkHeaders checks what all answers say.
func checkHeaders(t interface{ Fatalf(string, ...any) }, h http.Header) {
	policy := map[string]string{}
	for rule := range strings.SplitSeq(h.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(rule), " ")
		policy[name] = value
	}
	for name, value := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
		"base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
	} {
		if policy[name] != value {
			t.Fatalf("the policy says %s %q", name, policy[name])
		}
	}
	for name, value := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if h.Get(name) != value {
			t.Fatalf("%s is %q", name, h.Get(name))
		}
	}
	if referrer := h.Get("Referrer-Policy"); referrer != "no-referrer" && referrer != "same-origin" {
		t.Fatalf("Referrer-Policy is %q", referrer)
	}
	if h.Get("Access-Control-Allow-Origin") != "" {
		t.Fatalf("it can be read by other origins")
	}
}

// With WithControls a command is carried out if, and only if, it is a POST of the page's own origin, or of no page at all, and the
// caller's hook lets it pass.
func TestOnlyThePageItselfGivesCommands(t *testing.T) {
	sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
	require.NoError(t, sup.Start(t.Context()))
	allowed := true
	page := newPage(t, sup, web.WithControls(func(r *http.Request, action web.Action, path string) error {
		if r == nil || action != web.ActionRestart || path != "task" {
			return fmt.Errorf("asked for %s of %s", action, path)
		}
		if !allowed {
			return errors.New("not you\x1b")
		}
		return nil
	}))
	run := func() supervisor.RunNumber {
		status, err := sup.Status("task")
		require.NoError(t, err)
		return status.Run
	}
	rapid.Check(t, func(r *rapid.T) {
		method := rapid.SampledFrom(methods()).Draw(r, "method")
		route := rapid.SampledFrom(routes()).Draw(r, "route")
		request := httptest.NewRequest(method, "http://example.com/debug/tasks/"+route, nil)
		form("action=restart&path=task")(request)
		for name, values := range headers() {
			if value := rapid.SampledFrom(values).Draw(r, name); value != "" {
				request.Header.Set(name, value)
			}
		}
		if method != "POST" {
			over(request)
		}
		allowed = rapid.Bool().Draw(r, "allowed")
		site, origin := request.Header.Get("Sec-Fetch-Site"), request.Header.Get("Origin")
		own := site == "same-origin" || site == "none" || site == "" && (origin == "" || origin == "http://example.com")
		before := run()
		answer := httptest.NewRecorder()
		page.ServeHTTP(answer, request)
		want := before
		switch {
		case method == "POST" && route == "act" && own && allowed:
			want++
			if answer.Code != http.StatusSeeOther && answer.Code != http.StatusOK {
				r.Fatalf("%d %s", answer.Code, answer.Body)
			}
			if err := sup.WaitUntil(t.Context(), "task", func(s supervisor.TaskStatus) bool { return s.Run == want }); err != nil {
				r.Fatal(err)
			}
		case method == "POST" && route == "act":
			if answer.Code != http.StatusForbidden {
				r.Fatalf("%d %s", answer.Code, answer.Body)
			}
			if strings.Contains(answer.Body.String(), "\x1b") {
				r.Fatalf("%q", answer.Body)
			}
		case method != "GET" && method != "HEAD" || route == "act":
			if answer.Code != http.StatusMethodNotAllowed {
				r.Fatalf("%d %s", answer.Code, answer.Body)
			}
		}
		if after := run(); after != want {
			r.Fatalf("%s %s, site %q, origin %q, allowed %v: run %d", method, route, site, origin, allowed, after)
		}
		checkHeaders(r, answer.Header())
	})
	require.NoError(t, sup.Shutdown(t.Context()))
}

// Each action does what it says, and a command that is refused says why.
func TestCommands(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("a & b", untilStopped))
		page := newPage(t, sup, web.WithControls(nil))
		start(t, sup)
		post := func(values string, change ...func(*http.Request)) *httptest.ResponseRecorder {
			answer := ask(t, page, http.MethodPost, "/debug/tasks/act", append(change, form(values))...)
			wait(0)
			return answer
		}
		status := func() string { return tasks(t, page, "/tasks.json").Tasks[0].Status }
		buttons := func() (all []string) {
			text := get(t, page, "/task?path=a+%26+b")
			for _, action := range []string{"restart", "stop", "suspend", "resume"} {
				if strings.Contains(text, `value="`+action+`"`) {
					all = append(all, action)
				}
			}
			return all
		}
		require.Equal(t, []string{"restart", "stop", "suspend"}, buttons())
		answer := post("action=suspend&path=a+%26+b")
		require.Equal(t, http.StatusSeeOther, answer.Code)
		require.Equal(t, "task?path=a+%26+b&said=suspend", answer.Header().Get("Location"))
		require.Contains(t, get(t, page, "/task?path=a+%26+b&said=suspend"), "Suspend: done.")
		require.Equal(t, "created", status())
		require.Equal(t, []string{"restart", "stop", "resume"}, buttons())
		require.JSONEq(t, `{"action":"resume","path":"a & b"}`, post("action=resume&path=a+%26+b", header("Accept", "application/json")).Body.String())
		require.Equal(t, "healthy", status())
		require.Equal(t, http.StatusSeeOther, post("action=stop&path=a+%26+b").Code)
		require.Equal(t, "dead", status())
		require.Equal(t, []string{"restart"}, buttons())
		answer = post("action=stop&path=a+%26+b")
		require.Equal(t, http.StatusConflict, answer.Code)
		require.Contains(t, answer.Body.String(), "kill task")
		require.Equal(t, http.StatusSeeOther, post("action=restart&path=a+%26+b").Code)
		require.Equal(t, "healthy", status())
		require.Equal(t, http.StatusNotFound, post("action=restart&path=none").Code)
		require.Equal(t, http.StatusBadRequest, post("action=%1b&path=a+%26+b").Code)
		require.Equal(t, http.StatusBadRequest, post("path="+strings.Repeat("x", 100_000)).Code)
		require.Equal(t, http.StatusBadRequest, ask(t, page, http.MethodPost, "/act?action=restart&path=a+%26+b", form("")).Code, "an address is no command")
		stop(t, sup)
	})
}

// On a loopback address a page answers only by names that mean this machine, or that it was told.
func TestAForeignHostIsRefusedOnLoopback(t *testing.T) {
	sup := newSupervisor(t)
	plain, told := newPage(t, sup), newPage(t, sup, web.WithHosts("ops.example.com", "[2001:db8::1]"))
	for _, c := range []struct {
		address, host string
		plain, told   bool
	}{
		{"127.0.0.1:80", "localhost", true, true},
		{"127.0.0.1:80", "LOCALHOST:8080", true, true},
		{"127.0.0.1:80", "shop.localhost", true, true},
		{"127.0.0.1:80", "localhost.", true, true},
		{"127.0.0.1:80", "127.0.0.1:80", true, true},
		{"127.0.0.1:80", "127.1.2.3", true, true},
		{"[::1]:80", "[::1]:80", true, true},
		{"[::1]:80", "[::1]", true, true},
		{"[::ffff:127.0.0.1]:80", "evil.example", false, false},
		{"127.0.0.1:80", "evil.example", false, false},
		{"127.0.0.1:80", "localhost.evil.example", false, false},
		{"127.0.0.1:80", "127.0.0.1.evil.example", false, false},
		{"127.0.0.1:80", "10.0.0.1", false, false},
		{"127.0.0.1:80", "", false, false},
		{"127.0.0.1:80", "ops.example.com", false, true},
		{"127.0.0.1:80", "OPS.example.com:443", false, true},
		{"10.0.0.1:80", "ops.example.com", true, true},
		{"10.0.0.1:80", "evil.example", true, false},
		{"10.0.0.1:80", "[2001:db8::1]:80", true, true},
		{"10.0.0.1:80", "localhost", true, false},
	} {
		for page, allowed := range map[*web.Page]bool{plain: c.plain, told: c.told} {
			for _, route := range routes() {
				answer := ask(t, page, http.MethodGet, "/"+route, on(c.address), over, func(r *http.Request) { r.Host = c.host })
				if refused := answer.Code == http.StatusForbidden; refused == allowed {
					t.Errorf("%s asked for as %q at %s: %d", route, c.host, c.address, answer.Code)
				}
				checkHeaders(t, answer.Header())
			}
		}
	}
}

// By way of a real connection, too.
func TestAForeignHostIsRefusedByAServer(t *testing.T) {
	server := httptest.NewServer(newPage(t, newSupervisor(t)))
	defer server.Close()
	for host, code := range map[string]int{"": 200, "localhost": 200, "rebound.example": 403} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		require.NoError(t, err)
		if host != "" {
			request.Host = host
		}
		answer, err := server.Client().Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, code, answer.StatusCode, host)
	}
}

// Any prefix will do, with or without StripPrefix: all links are relative.
func TestAnyPrefixWillDo(t *testing.T) {
	page := newPage(t, newSupervisor(t, supervisor.WithTask("task", untilStopped)), web.WithControls(nil))
	mux := http.NewServeMux()
	mux.Handle("/debug/tasks/", page)
	mux.Handle("/ops/", http.StripPrefix("/ops", page))
	mux.Handle("/bare/", http.StripPrefix("/bare/", page))
	for _, prefix := range []string{"/debug/tasks/", "/ops/", "/bare/"} {
		text := get(t, mux, prefix) + get(t, mux, prefix+"task?path=task")
		require.Equal(t, http.StatusOK, ask(t, mux, http.MethodGet, prefix+"tasks.json").Code)
		for _, attribute := range []string{` href="`, ` src="`, ` action="`} {
			for i, rest := range strings.Split(text, attribute) {
				if i > 0 {
					require.NotContains(t, []string{"/", "h"}, rest[:1], "%s%.30s", attribute, rest)
				}
			}
		}
		answer := ask(t, mux, http.MethodPost, prefix+"act", form("action=restart&path=task"))
		require.Equal(t, http.StatusSeeOther, answer.Code)
		to, err := url.Parse("http://example.com" + prefix + "act")
		require.NoError(t, err)
		to, err = to.Parse(answer.Header().Get("Location"))
		require.NoError(t, err)
		require.Equal(t, prefix+"task", to.Path)
	}
	require.Equal(t, http.StatusMovedPermanently/100, ask(t, mux, http.MethodGet, "/debug/tasks").Code/100)
}

func netAddr(address string) netip.AddrPort { return netip.MustParseAddrPort(address) }
