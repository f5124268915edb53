package grpctask_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/tasksupervisor/tasksupervisor/adapters/grpctask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A server with the health service, whose listener stays open when it is restarted.
func ExampleServe() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = listener.Close() }()
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithTask("api", grpctask.Serve(listener, func(ctx context.Context) *grpc.Server {
			server := grpc.NewServer(grpc.WaitForHandlers(true))
			grpctask.RegisterHealth(ctx, server, map[string][]string{"shop.Orders": {"orders"}})
			return server
		}), supervisor.WithReadiness(true)),
		supervisor.WithTask("orders", supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}), supervisor.WithSuspended(true)),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	_ = sup.Resume("orders")
	_ = sup.WaitForAll(context.Background(), "", supervisor.UntilReady)

	client, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	watch, err := grpc_health_v1.NewHealthClient(client).Watch(context.Background(), &grpc_health_v1.HealthCheckRequest{Service: "shop.Orders"})
	if err != nil {
		fmt.Println(err)
		return
	}
	status, err := watch.Recv()
	for err == nil && status.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		status, err = watch.Recv()
	}
	fmt.Println(status.GetStatus(), err)
	_ = client.Close()
	_ = sup.Shutdown(context.Background())
	fmt.Println(sup.Report())
	// Output:
	// SERVING <nil>
	// halted, 2 runs started, 2 ended
}

func ExampleListenAndServe() {
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithTask("api", grpctask.ListenAndServe("127.0.0.1:0", func(context.Context) *grpc.Server {
			return grpc.NewServer(grpc.WaitForHandlers(true))
		}), supervisor.WithReadiness(true)),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	fmt.Println(sup.WaitFor(context.Background(), "api", supervisor.UntilReady))
	fmt.Println(sup.Shutdown(context.Background()))
	// Output:
	// <nil>
	// <nil>
}
