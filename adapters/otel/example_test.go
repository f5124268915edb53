package otel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	taskotel "github.com/tasksupervisor/tasksupervisor/adapters/otel"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A span of each run, the second of which is linked to the first. What the runs of a wrapped task do is part of their traces.
func ExampleTracing() {
	spans := tracetest.NewSpanRecorder() // a program has an exporter here
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	tracing := taskotel.NewTracing(taskotel.WithTracerProvider(provider))

	run := 0
	download := supervisor.TaskFunc(func(ctx context.Context) error {
		_, request := provider.Tracer("download").Start(ctx, "GET /file")
		defer request.End()
		if run++; run == 1 {
			return errors.New("connection lost")
		}
		return nil
	})
	sup, err := supervisor.New(
		tracing.Option(),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithTask("download", tracing.Task(download), supervisor.WithBaseDelay(time.Millisecond), supervisor.WithSignificant(true)),
	)
	if err != nil {
		panic(err)
	}
	if err := sup.Run(context.Background()); err != nil {
		panic(err)
	}
	for _, span := range spans.Ended() {
		fmt.Printf("%s: %v %s, %d links, child of another: %v\n",
			span.Name(), span.Status().Code, span.Status().Description, len(span.Links()), span.Parent().IsValid())
	}
	// Output:
	// GET /file: Unset , 0 links, child of another: true
	// run download: Error connection lost, 0 links, child of another: false
	// GET /file: Unset , 0 links, child of another: true
	// run download: Unset , 1 links, child of another: false
}

// A run that goes on for weeks has no span until it ends. A record at its start says under which trace it will be.
func ExampleTracingOption() {
	provider := sdktrace.NewTracerProvider()
	records := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ // a program has otelslog here, which adds the trace
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	tracing := taskotel.NewTracing(taskotel.WithTracerProvider(provider), taskotel.WithStartRecord(records))
	job := supervisor.TaskFunc(func(context.Context) error { return nil })
	sup, err := supervisor.New(
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithTask("job", tracing.Task(job), supervisor.WithSignificant(true)),
	)
	if err != nil {
		panic(err)
	}
	if err := sup.Run(context.Background()); err != nil {
		panic(err)
	}
	// Output:
	// level=INFO msg="run started" supervisor="" task=job run=1 why=supervisor-start
}

// Metrics are read from the tree when a reader collects them.
func ExampleMetrics() {
	reader := sdkmetric.NewManualReader() // a program has a periodic one, with an exporter
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))

	sup, err := supervisor.New(supervisor.WithName("root"), supervisor.WithTask("job",
		supervisor.TaskFunc(func(context.Context) error { return nil }), supervisor.WithSignificant(true)),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll))
	if err != nil {
		panic(err)
	}
	metrics, err := taskotel.RegisterMetrics(sup)
	if err != nil {
		panic(err)
	}
	defer func() { _ = metrics.Unregister() }()
	if err := sup.Run(context.Background()); err != nil {
		panic(err)
	}
	print(reader, "tasksupervisor.task.exits")
	// Output:
	// tasksupervisor.task.exits {run}
	//   tasksupervisor.exit.kind=ok tasksupervisor.supervisor.path=root tasksupervisor.task.name=job: 1
}

// The status is nine series a task, and the run duration needs an observer. Both can be left out.
func ExampleMetricsOption() {
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	sup, err := supervisor.New(supervisor.WithTask("job", supervisor.TaskFunc(func(context.Context) error { return nil })))
	if err != nil {
		panic(err)
	}
	metrics, err := taskotel.RegisterMetrics(sup,
		taskotel.WithMeterProvider(provider), taskotel.WithStatusUpTo(0), taskotel.WithoutRunDuration())
	if err != nil {
		panic(err)
	}
	defer func() { _ = metrics.Unregister() }()
	print(reader, "tasksupervisor.task.starts")
	print(reader, "tasksupervisor.task.status")
	// Output:
	// tasksupervisor.task.starts {run}
	//   tasksupervisor.supervisor.path= tasksupervisor.task.name=job: 0
}

// print prints a counter that a reader collects.
func print(reader *sdkmetric.ManualReader, name string) {
	var collected metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &collected); err != nil {
		panic(err)
	}
	for _, m := range collected.ScopeMetrics[0].Metrics {
		if m.Name != name {
			continue
		}
		fmt.Println(m.Name, m.Unit)
		for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
			fmt.Print(" ")
			for _, a := range point.Attributes.ToSlice() {
				fmt.Printf(" %s=%s", a.Key, a.Value.String())
			}
			fmt.Printf(": %d\n", point.Value)
		}
	}
}
