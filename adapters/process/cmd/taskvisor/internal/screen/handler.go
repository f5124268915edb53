package screen

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// Handler returns a handler that prints log records as lines of the supervisor's own: the message, and what else the record says.
func (p *Printer) Handler(least slog.Level) slog.Handler { return &handler{printer: p, least: least} }

type handler struct {
	printer    *Printer
	least      slog.Level
	group      string
	attributes []slog.Attr
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.least }

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	other := *h
	other.attributes = h.attributes[:len(h.attributes):len(h.attributes)]
	for _, a := range attributes {
		a.Key = h.group + a.Key
		other.attributes = append(other.attributes, a)
	}
	return &other
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	other := *h
	if name != "" {
		other.group = h.group + name + "."
	}
	return &other
}

// Handle implements slog.Handler.
func (h *handler) Handle(_ context.Context, r slog.Record) error {
	var line strings.Builder
	line.WriteString(r.Message)
	for _, a := range h.attributes {
		appendAttribute(&line, "", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		appendAttribute(&line, h.group, a)
		return true
	})
	at, mood := r.Time, calmMood
	if at.IsZero() {
		at = time.Now()
	}
	switch {
	case r.Level >= slog.LevelError:
		mood = worstMood
	case r.Level >= slog.LevelWarn:
		mood = badMood
	}
	h.printer.say(at, mood, line.String())
	return nil
}

func appendAttribute(line *strings.Builder, group string, a slog.Attr) {
	value := a.Value.Resolve()
	switch {
	case a.Equal(slog.Attr{}):
	case value.Kind() == slog.KindGroup:
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, inner := range value.Group() {
			appendAttribute(line, group, inner)
		}
	default:
		line.WriteString(", " + strings.ReplaceAll(group+a.Key, "_", " ") + ": " + value.String())
	}
}
