package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// secure sets the headers that all answers have. Nothing but the page's own script, style and icon is ever loaded, nothing is
// embedded or remembered.
func (p *Page) secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	if p.set.controls {
		// With no-referrer a form says that its origin is null, and is refused where the browser does not say more: by plain HTTP. Other
		// sites are told nothing either way.
		h.Set("Referrer-Policy", "same-origin")
	}
}

// refusesHost says why a request is refused for the host it asks for, or returns "". See WithHosts.
func (s *settings) refusesHost(r *http.Request) string {
	host := hostname(r.Host)
	local := onLoopback(r)
	switch {
	case slices.ContainsFunc(s.hosts, func(known string) bool { return strings.EqualFold(hostname(known), host) }):
		return ""
	case local && isLocal(host):
		return ""
	case local || len(s.hosts) > 0:
		return fmt.Sprintf("This page is not to be asked for as host %q. If it is: see WithHosts.", shown(host))
	}
	return ""
}

// onLoopback reports whether the connection was made to a loopback address.
func onLoopback(r *http.Request) bool {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if address == nil {
		return false
	}
	at, err := netip.ParseAddrPort(address.String())
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// isLocal reports whether a host can only mean this machine.
func isLocal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// hostname returns a host without its port and brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// fail answers with a status and a text.
func fail(w http.ResponseWriter, r *http.Request, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		fmt.Fprintln(w, text)
	}
}

// shown returns a text as it can be put before people: characters that are not seen, or that change how others are seen, are
// written out.
func shown(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if !strings.ContainsFunc(text, isHidden) {
		return text
	}
	var plain strings.Builder
	for _, c := range text {
		switch {
		case !isHidden(c):
			plain.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&plain, `\x%02x`, c)
		default:
			fmt.Fprintf(&plain, `\u%04x`, c)
		}
	}
	return plain.String()
}

// isHidden reports whether a character is a control, or steers the direction or the joining of others: terminal escapes, bidi
// overrides, and what has no width.
func isHidden(c rune) bool {
	switch {
	case c == '\n' || c == '\t':
		return false
	case c < 0x20, c >= 0x7f && c < 0xa0:
		return true
	case c == 0xad, c == 0x61c, c >= 0x200b && c <= 0x200f, c >= 0x2028 && c <= 0x202e, c >= 0x2060 && c <= 0x206f, c == 0xfeff:
		return true
	case c >= 0xfff9 && c <= 0xfffb, c >= 0xe0000 && c <= 0xe0fff:
		return true
	}
	return false
}
