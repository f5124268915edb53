package grpctask

import (
	"context"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// RegisterHealth gives a server the health service of gRPC (grpc.health.v1.Health), which follows the tree of supervisors that the run
// is in, from its root. ctx is the run's, as the function of [Serve] gets it.
//
// The service "" is serving while the root is ready, see [supervisor.Supervisor.Ready]. services says which tasks each other service
// needs, by their paths from the root: it is serving while all of them are up, and what is in them. A path that leads to no task is not
// up. Nothing is serving as soon as the root is to stop, or the run.
//
// Each check looks at the tree. Those that watch are told of changes: at once where a supervisor decides something, and otherwise
// within a second, which is how they learn that the root is to stop after a delay (see [supervisor.WithShutdownDelay]). A watch ends
// with the run, so that it does not hold up the stop.
//
// Without a run that ctx belongs to, nothing is serving.
func RegisterHealth(ctx context.Context, server *grpc.Server, services map[string][]string) {
	h := &healthService{Server: health.NewServer(), stopping: ctx, root: rootOf(ctx), services: services}
	h.set(nil)
	grpc_health_v1.RegisterHealthServer(server, h)
	if h.root != nil {
		go h.follow()
	}
}

// healthService is the health service of one run.
type healthService struct {
	*health.Server
	stopping context.Context        // ends when the run has to stop
	root     *supervisor.Supervisor // nil: there is no run
	services map[string][]string

	looking sync.Mutex // a later look comes later
}

// Check implements grpc_health_v1.HealthServer.
func (h *healthService) Check(ctx context.Context, request *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if h.root != nil {
		h.look()
	}
	return h.Server.Check(ctx, request)
}

// Watch implements grpc_health_v1.HealthServer.
func (h *healthService) Watch(request *grpc_health_v1.HealthCheckRequest, stream grpc_health_v1.Health_WatchServer) error {
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(h.stopping, cancel)()
	return h.Server.Watch(request, watch{stream, ctx})
}

// watch is a stream whose context ends with the run.
type watch struct {
	grpc_health_v1.Health_WatchServer
	ctx context.Context
}

func (w watch) Context() context.Context { return w.ctx }

// lookAnyway is after how long the tree is looked at although nothing has been decided.
const lookAnyway = time.Second

// follow keeps the statuses up to date until the run has to stop.
func (h *healthService) follow() {
	defer h.Shutdown()
	changed := make(chan struct{}, 1)
	stop, err := h.root.Observe(func(supervisor.Transition) {
		select {
		case changed <- struct{}{}:
		default: // it will look anyway
		}
	})
	if err != nil {
		return
	}
	defer stop()
	ticker := time.NewTicker(lookAnyway)
	defer ticker.Stop()
	for {
		h.look()
		select {
		case <-changed:
		case <-ticker.C:
		case <-h.stopping.Done():
			return
		}
	}
}

// look brings all statuses up to date.
func (h *healthService) look() {
	h.looking.Lock()
	defer h.looking.Unlock()
	ready := h.root.Ready()
	h.set(func(paths []string) bool { return serves(h.root, &ready, paths) })
}

// set sets all statuses. nil: nothing is serving.
func (h *healthService) set(serves func(paths []string) bool) {
	set := func(service string, paths []string) {
		status := grpc_health_v1.HealthCheckResponse_NOT_SERVING
		if serves != nil && serves(paths) {
			status = grpc_health_v1.HealthCheckResponse_SERVING
		}
		h.SetServingStatus(service, status)
	}
	set("", nil)
	for service, paths := range h.services {
		set(service, paths)
	}
}

// serves reports whether the root is ready, as far as it concerns some tasks; nil: as a whole.
func serves(root *supervisor.Supervisor, ready *supervisor.Health, paths []string) bool {
	if paths == nil {
		return ready.OK
	}
	name := root.Path()
	for _, path := range paths {
		if _, err := root.Status(path); err != nil {
			return false
		}
	}
	for _, problem := range ready.Problems {
		where := strings.TrimPrefix(strings.TrimPrefix(problem.Path, name), "/")
		for _, path := range paths {
			path = strings.TrimPrefix(path, name+"/")
			if where == "" || where == path || strings.HasPrefix(where, path+"/") {
				return false
			}
		}
	}
	return true
}

// rootOf returns the root of the tree that a run is in, or nil.
func rootOf(ctx context.Context) *supervisor.Supervisor {
	info, ok := supervisor.Current(ctx)
	if !ok {
		return nil
	}
	for {
		parent, ok := info.Parent()
		if !ok {
			return info.Supervisor
		}
		info = parent
	}
}
