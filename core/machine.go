package core

import "iter"

// Machine is the supervisor's state. It must be made by [New] or filled by [Machine.UnmarshalBinary] or
// [Machine.CopyFrom], and it is not safe for concurrent use: it has one owner.
type Machine struct{ now Instant }

// New returns a machine in PhaseCreated. The error is nil or a [*ConfigError] that names every bad field.
func New(cfg Config) (*Machine, error) { panic("sketch") }

// Define adds a policy at run time and returns its id; an equal policy that is known already keeps its id. The error is a *ConfigError or ErrTooManyPolicies. A policy that no task
// refers to may give its place to a later one: define right before the EventAdd.
func (m *Machine) Define(p Policy) (PolicyID, error) { panic("sketch") }

// Step decides what follows from one event and appends the decisions to dst.
func (m *Machine) Step(dst []Action, ev Event) []Action { panic("sketch") }

// NextDeadline returns the instant at which an EventTick is due; ok is false when nothing is scheduled.
func (m *Machine) NextDeadline() (at Instant, ok bool) { panic("sketch") }

// Now is the latest instant the machine has seen.
func (m *Machine) Now() Instant { return m.now }

func (m *Machine) Phase() Phase                        { panic("sketch") }
func (m *Machine) HaltReason() Reason                  { panic("sketch") } // why it is Halting/Halted
func (m *Machine) Config() Config                      { panic("sketch") } // Policies includes the defined ones
func (m *Machine) Policy(id PolicyID) (Policy, bool)   { panic("sketch") }
func (m *Machine) Status(id TaskID) (TaskStatus, bool) { panic("sketch") }
func (m *Machine) Counts() Counts                      { panic("sketch") }

// Tasks iterates in declared order: the order in which the tasks were added.
func (m *Machine) Tasks() iter.Seq[TaskStatus]           { panic("sketch") }
func (m *Machine) Digest() uint64                        { panic("sketch") }
func (m *Machine) AppendBinary(b []byte) ([]byte, error) { panic("sketch") }
func (m *Machine) UnmarshalBinary(b []byte) error        { panic("sketch") }
func (m *Machine) CopyFrom(src *Machine)                 { panic("sketch") }
func (m *Machine) Check() error                          { panic("sketch") }
