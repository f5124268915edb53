package grpctask_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/tasksupervisor/tasksupervisor/adapters/grpctask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

const (
	serving    = grpc_health_v1.HealthCheckResponse_SERVING
	notServing = grpc_health_v1.HealthCheckResponse_NOT_SERVING
)

// shop is a tree: a server, a task of the root, and one of a supervisor below it. Each fails once for every error it is sent.
type shop struct {
	*world
	orders, index chan error
}

func newShop(t *testing.T, services map[string][]string, options ...supervisor.Option) *shop {
	t.Helper()
	s := &shop{newWorld(t), make(chan error), make(chan error)}
	failing := func(errs chan error) supervisor.TaskFunc {
		return func(ctx context.Context) error {
			select {
			case err := <-errs:
				return err
			case <-ctx.Done():
				return nil
			}
		}
	}
	storage, err := supervisor.New(supervisor.WithBaseDelay(time.Second), supervisor.WithTask("index", failing(s.index)))
	require.NoError(t, err)
	s.sup, err = supervisor.New(append(options,
		supervisor.WithName("shop"),
		supervisor.WithBaseDelay(time.Second),
		supervisor.WithTask("grpc", grpctask.Serve(s.listener, func(ctx context.Context) *grpc.Server {
			server := grpc.NewServer()
			grpctask.RegisterHealth(ctx, server, services)
			return server
		})),
		supervisor.WithTask("orders", failing(s.orders)),
		supervisor.WithTask("storage", storage),
	)...)
	require.NoError(t, err)
	require.NoError(t, s.sup.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, s.sup.Shutdown(context.Background())) })
	bubble.Pass(0)
	return s
}

func (s *shop) requireStatus(t *testing.T, service string, want grpc_health_v1.HealthCheckResponse_ServingStatus) {
	t.Helper()
	response, err := grpc_health_v1.NewHealthClient(s.client).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service})
	require.NoError(t, err)
	require.Equal(t, want.String(), response.GetStatus().String(), service)
}

func TestHealthFollowsTheTree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShop(t, map[string][]string{
			"shop.Orders": {"orders"}, "shop.Search": {"shop/storage/index"}, "shop.All": {"orders", "storage"}, "shop.Typo": {"order"},
		})
		requireAll := func(whole, orders, search, all grpc_health_v1.HealthCheckResponse_ServingStatus) {
			t.Helper()
			s.requireStatus(t, "", whole)
			s.requireStatus(t, "shop.Orders", orders)
			s.requireStatus(t, "shop.Search", search)
			s.requireStatus(t, "shop.All", all)
			s.requireStatus(t, "shop.Typo", notServing)
		}
		requireAll(serving, serving, serving, serving)
		s.orders <- errors.New("it failed")
		bubble.Pass(0)
		requireAll(notServing, notServing, serving, notServing)
		bubble.Pass(2 * time.Second)
		requireAll(serving, serving, serving, serving)
		s.index <- errors.New("it failed")
		bubble.Pass(0)
		requireAll(notServing, serving, notServing, notServing)
		bubble.Pass(2 * time.Second)
		requireAll(serving, serving, serving, serving)

		_, err := grpc_health_v1.NewHealthClient(s.client).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "shop.Unknown"})
		require.Equal(t, codes.NotFound, status.Code(err))
	})
}

// Who watches is told of changes, and does not hold up a stop: the watch ends with the run.
func TestAWatch(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShop(t, nil)
		watch, err := grpc_health_v1.NewHealthClient(s.client).Watch(t.Context(), new(grpc_health_v1.HealthCheckRequest))
		require.NoError(t, err)
		requireNext := func(want grpc_health_v1.HealthCheckResponse_ServingStatus) {
			t.Helper()
			response, err := watch.Recv()
			require.NoError(t, err)
			require.Equal(t, want.String(), response.GetStatus().String())
		}
		requireNext(serving)
		s.orders <- errors.New("it failed")
		requireNext(notServing)
		requireNext(serving)
		began := time.Now()
		require.NoError(t, s.sup.Restart("grpc"))
		for err == nil {
			_, err = watch.Recv()
		}
		bubble.Pass(time.Millisecond)
		require.Less(t, time.Since(began), time.Second)
		s.requireStatus(t, "", serving)
		require.Empty(t, s.sup.Report().FailedStops)
	})
}

// Whoever asks while the tree stops learns that it does, as long as the server is there to answer.
func TestHealthWhileTheTreeStops(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShop(t, map[string][]string{"shop.Orders": {"orders"}})
		require.NoError(t, s.sup.Add("slow", supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(5 * time.Second)
			return nil
		}), supervisor.WithNeeds("grpc"))) // so the server stops after it
		bubble.Pass(0)
		s.requireStatus(t, "", serving)
		go func() { _ = s.sup.Shutdown(context.Background()) }()
		bubble.Pass(time.Second)
		s.requireStatus(t, "", notServing)
		s.requireStatus(t, "shop.Orders", notServing)
		require.NoError(t, s.sup.Wait())
	})
}

// A root that is to stop after a delay decides nothing until then. Nothing is serving all the same, or the delay would be for nothing.
func TestHealthWhileTheTreeIsAboutToStop(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShop(t, nil, supervisor.WithShutdownDelay(5*time.Second))
		watch, err := grpc_health_v1.NewHealthClient(s.client).Watch(t.Context(), new(grpc_health_v1.HealthCheckRequest))
		require.NoError(t, err)
		response, err := watch.Recv()
		require.NoError(t, err)
		require.Equal(t, serving, response.GetStatus())
		bubble.Pass(time.Hour + time.Millisecond)

		began := time.Now()
		go func() { _ = s.sup.Shutdown(context.Background()) }()
		bubble.Pass(0)
		response, err = watch.Recv()
		require.NoError(t, err)
		require.Equal(t, notServing, response.GetStatus())
		require.Less(t, time.Since(began), time.Second)
		require.Equal(t, supervisor.PhaseRunning, s.sup.Phase())
		require.NoError(t, s.sup.Wait())
	})
}

// Whoever checks need not wait for the next look.
func TestACheckLooks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShop(t, nil, supervisor.WithShutdownDelay(5*time.Second))
		bubble.Pass(time.Hour + time.Millisecond)
		s.requireStatus(t, "", serving)
		go func() { _ = s.sup.Shutdown(context.Background()) }()
		bubble.Pass(0)
		s.requireStatus(t, "", notServing)
		require.NoError(t, s.sup.Wait())
	})
}

func TestWithoutARunNothingIsServing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t)
		server := grpc.NewServer()
		grpctask.RegisterHealth(t.Context(), server, nil)
		go func() { _ = server.Serve(w.listener) }()
		defer server.Stop()
		(&shop{world: w}).requireStatus(t, "", notServing)
	})
}
