// Package otel shows a tree of supervisors to OpenTelemetry: metrics that are read from the tree when they are collected
// ([RegisterMetrics]), and a span of every run ([Tracing]). It uses the API alone; where metrics and spans go is up to the SDK that the
// program sets up.
package otel
