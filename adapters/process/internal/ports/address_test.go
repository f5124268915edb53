package ports

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"8080":               "port 8080",
		":8080":              "port 8080",
		":http":              "port http",
		"localhost:6379":     "address localhost:6379",
		"[::1]:80":           "address [::1]:80",
		"tcp4://:80":         "port 80",
		"udp://:53":          "udp port 53",
		"udp6://[::1]:53":    "udp address [::1]:53",
		"/run/web.sock":      "socket /run/web.sock",
		"./web.sock":         "socket ./web.sock",
		"@web":               "socket @web",
		"unix:web.sock":      "socket web.sock",
		"unix:///run/a.sock": "socket /run/a.sock",
	} {
		a, err := Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, a.String(), text)
	}
	for text, problem := range map[string]string{
		"":                "has no port",
		":":               "has no port",
		"localhost:":      "has no port",
		"0":               "has a port that is not from 1 to 65535",
		":65536":          "has a port that is not from 1 to 65535",
		":nothing-here":   "has a port that is neither a number nor the name of a service",
		"1:2:3":           "is not a host and port, such as localhost:8080 or [::1]:8080",
		"sctp://:80":      "is of a network that is none of tcp, tcp4, tcp6, udp, udp4, udp6 and unix",
		"http://:80":      "is of a network that is none of tcp, tcp4, tcp6, udp, udp4, udp6 and unix",
		"unix:":           "has no path",
		"@":               "has no path",
		"unix:a\x00b":     "has no path",
		"tcp://[::1]":     "is not a host and port, such as localhost:8080 or [::1]:8080",
		"localhost:8080x": "has a port that is neither a number nor the name of a service",
	} {
		_, err := Parse(text)
		require.EqualError(t, err, problem, text)
	}
}

func TestAPathIsThatOfTheProgramsDirectory(t *testing.T) {
	a, err := Parse("./run/web.sock")
	require.NoError(t, err)
	require.Equal(t, "socket /srv/run/web.sock", a.In("/srv").String())
	for _, text := range []string{"/run/web.sock", "@web", ":80"} {
		a, err := Parse(text)
		require.NoError(t, err)
		require.Equal(t, a, a.In("/srv"))
	}
}

func TestMeets(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"80", ":80"}:                          true,
		{"80", ":81"}:                          false,
		{"80", "udp://80"}:                     false,
		{"tcp4://:80", "tcp6://[::1]:80"}:      true, // some systems give both by one socket
		{"127.0.0.1:80", "127.0.0.2:80"}:       false,
		{"127.0.0.1:80", "[::ffff:7f00:1]:80"}: true,
		{"[::]:80", "127.0.0.1:80"}:            true,
		{"example.com:80", "127.0.0.1:80"}:     true,
		{"/a", "unix:///a"}:                    true,
		{"/a", "/b"}:                           false,
		{"/a", ":80"}:                          false,
	} {
		a, err := Parse(pair[0])
		require.NoError(t, err)
		b, err := Parse(pair[1])
		require.NoError(t, err)
		require.Equal(t, want, a.Meets(b), pair)
		require.Equal(t, want, b.Meets(a), pair)
	}
}
