package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/prometheus"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// services says what is served by HTTP, and at which addresses. Those that have one address share a server.
type services struct {
	page, health, metrics string
	all                   string // for those of the three that have none
	controls              bool
}

func (s *services) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.all, "listen", "", "serve the live page, /livez, /readyz and /metrics at an `ADDRESS`, such as :8080, or a port of this machine alone, such as 8080")
	flags.StringVar(&s.page, "page", "", "serve the live page at an `ADDRESS`")
	flags.StringVar(&s.health, "health", "", "serve /livez and /readyz at an `ADDRESS`")
	flags.StringVar(&s.metrics, "metrics", "", "serve /metrics for Prometheus at an `ADDRESS`")
	flags.BoolVar(&s.controls, "controls", false, "let whoever can open the page restart and stop tasks there")
}

// served is what is served.
type served struct {
	servers []*server
	lines   []string // that tell of it
	urls    []string
}

// open begins to serve. What one of the addresses is refused for ends all.
func (s *services) open(root *supervisor.Supervisor, tail func(path string) []string) (*served, error) {
	var addresses []string
	muxes, what := map[string]*http.ServeMux{}, map[string][]string{}
	offer := func(own, name string, routes map[string]http.Handler) {
		address := addressOf(own)
		if own == "" {
			address = addressOf(s.all)
		}
		if address == "" {
			return
		}
		if muxes[address] == nil {
			muxes[address] = http.NewServeMux()
			addresses = append(addresses, address)
		}
		for route, handler := range routes {
			muxes[address].Handle(route, handler)
		}
		what[address] = append(what[address], name)
	}
	options := []web.Option{web.WithTail(tail)}
	if s.controls {
		options = append(options, web.WithControls(nil))
	}
	health := web.Health(root)
	offer(s.page, "the live page", map[string]http.Handler{"/": web.New(root, options...)})
	offer(s.health, "/livez and /readyz", map[string]http.Handler{"/livez": health, "/readyz": health})
	offer(s.metrics, "/metrics", map[string]http.Handler{"/metrics": prometheus.Handler(root)})
	if s.controls && addressOf(s.page) == "" && addressOf(s.all) == "" {
		return nil, errors.New("--controls is for the page, and there is none: give --page or --listen")
	}

	all := new(served)
	for _, address := range addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			all.close()
			return nil, fmt.Errorf("cannot serve %s: %w", listed(what[address]), err)
		}
		url := "http://" + hostOf(listener.Addr()) + "/"
		all.lines = append(all.lines, "serves "+listed(what[address])+" at "+url)
		all.urls = append(all.urls, url)
		all.servers = append(all.servers, serve(listener, muxes[address]))
	}
	return all, nil
}

func (s *served) close() {
	for _, one := range s.servers {
		one.close()
	}
}

// addressOf returns an address to listen at. A port alone is one of this machine alone.
func addressOf(text string) string {
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return "127.0.0.1:" + text
	}
	return text
}

// hostOf returns a name for an address that a browser on this machine can open.
func hostOf(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return "localhost:" + strconv.Itoa(tcp.Port)
	}
	return address.String()
}

func listed(names []string) string {
	if last := len(names) - 1; last > 0 {
		return strings.Join(slices.Concat([]string{strings.Join(names[:last], ", ")}, names[last:]), " and ")
	}
	return strings.Join(names, "")
}

// server answers on a listener until it is closed.
type server struct {
	address string
	http    *http.Server
	done    chan struct{}
}

func serve(listener net.Listener, handler http.Handler) *server {
	s := &server{address: listener.Addr().String(), http: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener)
	}()
	return s
}

func (s *server) close() {
	_ = s.http.Close()
	<-s.done
}
