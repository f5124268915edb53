package core

// The text of a value of an enumeration is its name, in JSON too. A value without a name has no text, and of a text that is no
// name there is no value: both are an [*UnknownNameError].

// UnknownNameError says that an enumeration has no value of a name.
type UnknownNameError struct {
	Kind string // the enumeration, such as "Status"
	Name string
}

func (e *UnknownNameError) Error() string {
	return e.Kind + " has no value that is called \"" + e.Name + "\""
}

// named is what an enumeration can do.
type named interface {
	Enum
	String() string
}

func marshalText[E named](kind string, value E) ([]byte, error) {
	if value >= end[E]() {
		return nil, &UnknownNameError{kind, value.String()}
	}
	return []byte(value.String()), nil
}

func unmarshalText[E named](kind string, value *E, text []byte) error {
	for known := range ValuesFrom(E(0)) {
		if known.String() == string(text) {
			*value = known
			return nil
		}
	}
	return &UnknownNameError{kind, string(text)}
}

// MarshalText returns the name.
func (e EventKind) MarshalText() ([]byte, error) { return marshalText("EventKind", e) }

// UnmarshalText sets the value of a name.
func (e *EventKind) UnmarshalText(name []byte) error { return unmarshalText("EventKind", e, name) }

// MarshalText returns the name.
func (a ActionKind) MarshalText() ([]byte, error) { return marshalText("ActionKind", a) }

// UnmarshalText sets the value of a name.
func (a *ActionKind) UnmarshalText(name []byte) error { return unmarshalText("ActionKind", a, name) }

// MarshalText returns the name.
func (e ExitKind) MarshalText() ([]byte, error) { return marshalText("ExitKind", e) }

// UnmarshalText sets the value of a name.
func (e *ExitKind) UnmarshalText(name []byte) error { return unmarshalText("ExitKind", e, name) }

// MarshalText returns the name.
func (s Status) MarshalText() ([]byte, error) { return marshalText("Status", s) }

// UnmarshalText sets the value of a name.
func (s *Status) UnmarshalText(name []byte) error { return unmarshalText("Status", s, name) }

// MarshalText returns the name.
func (i Intent) MarshalText() ([]byte, error) { return marshalText("Intent", i) }

// UnmarshalText sets the value of a name.
func (i *Intent) UnmarshalText(name []byte) error { return unmarshalText("Intent", i, name) }

// MarshalText returns the name.
func (w Wait) MarshalText() ([]byte, error) { return marshalText("Wait", w) }

// UnmarshalText sets the value of a name.
func (w *Wait) UnmarshalText(name []byte) error { return unmarshalText("Wait", w, name) }

// MarshalText returns the name.
func (p Phase) MarshalText() ([]byte, error) { return marshalText("Phase", p) }

// UnmarshalText sets the value of a name.
func (p *Phase) UnmarshalText(name []byte) error { return unmarshalText("Phase", p, name) }

// MarshalText returns the name.
func (r Reason) MarshalText() ([]byte, error) { return marshalText("Reason", r) }

// UnmarshalText sets the value of a name.
func (r *Reason) UnmarshalText(name []byte) error { return unmarshalText("Reason", r, name) }

// MarshalText returns the name.
func (r Refusal) MarshalText() ([]byte, error) { return marshalText("Refusal", r) }

// UnmarshalText sets the value of a name.
func (r *Refusal) UnmarshalText(name []byte) error { return unmarshalText("Refusal", r, name) }

// MarshalText returns the name.
func (r Restart) MarshalText() ([]byte, error) { return marshalText("Restart", r) }

// UnmarshalText sets the value of a name.
func (r *Restart) UnmarshalText(name []byte) error { return unmarshalText("Restart", r, name) }

// MarshalText returns the name.
func (o OnAbandon) MarshalText() ([]byte, error) { return marshalText("OnAbandon", o) }

// UnmarshalText sets the value of a name.
func (o *OnAbandon) UnmarshalText(name []byte) error { return unmarshalText("OnAbandon", o, name) }

// MarshalText returns the name.
func (o OnExhausted) MarshalText() ([]byte, error) { return marshalText("OnExhausted", o) }

// UnmarshalText sets the value of a name.
func (o *OnExhausted) UnmarshalText(name []byte) error { return unmarshalText("OnExhausted", o, name) }

// MarshalText returns the name.
func (o OnMiss) MarshalText() ([]byte, error) { return marshalText("OnMiss", o) }

// UnmarshalText sets the value of a name.
func (o *OnMiss) UnmarshalText(name []byte) error { return unmarshalText("OnMiss", o, name) }

// MarshalText returns the name.
func (s Strategy) MarshalText() ([]byte, error) { return marshalText("Strategy", s) }

// UnmarshalText sets the value of a name.
func (s *Strategy) UnmarshalText(name []byte) error { return unmarshalText("Strategy", s, name) }

// MarshalText returns the name.
func (s StopOrder) MarshalText() ([]byte, error) { return marshalText("StopOrder", s) }

// UnmarshalText sets the value of a name.
func (s *StopOrder) UnmarshalText(name []byte) error { return unmarshalText("StopOrder", s, name) }

// MarshalText returns the name.
func (a AutoShutdown) MarshalText() ([]byte, error) { return marshalText("AutoShutdown", a) }

// UnmarshalText sets the value of a name.
func (a *AutoShutdown) UnmarshalText(name []byte) error {
	return unmarshalText("AutoShutdown", a, name)
}
