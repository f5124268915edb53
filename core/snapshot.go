package core

// ErrSnapshot is wrapped by the errors of [Machine.UnmarshalBinary].
const ErrSnapshot sentinel = "not a snapshot of this machine's format"

// SnapshotError says what is wrong with the bytes given to [Machine.UnmarshalBinary].
type SnapshotError struct {
	Problem string
}

func (e *SnapshotError) Error() string { return "invalid snapshot: " + e.Problem }

// Unwrap returns ErrSnapshot.
func (e *SnapshotError) Unwrap() error { return ErrSnapshot }

// snapshotMagic names the format and its version. A snapshot is this, the state, and the digest of the state.
const (
	snapshotMagic = "tsv\x03"
	digestSize    = 8
)

// Digest returns a hash of the whole state: machines of equal state have equal digests, on every GOARCH and in every
// process. It takes time in proportion to the number of tasks, and does not allocate.
func (m *Machine) Digest() uint64 {
	c := codec{mode: hashing}
	c.machine(m)
	return c.hash
}

// AppendBinary appends the whole state, configuration and policies included, to b. The format carries a version; a
// later version of this package reads what an earlier one wrote. The error is always nil.
func (m *Machine) AppendBinary(b []byte) ([]byte, error) {
	c := codec{mode: writing, data: append(b, snapshotMagic...)}
	c.machine(m)
	for i := range digestSize {
		c.data = append(c.data, byte(c.hash>>(8*i)))
	}
	return c.data, nil
}

// MarshalBinary returns the state in the form of [Machine.AppendBinary].
func (m *Machine) MarshalBinary() ([]byte, error) { return m.AppendBinary(nil) }

// UnmarshalBinary replaces the state by one that AppendBinary wrote. It refuses other, damaged and contradictory bytes
// with a [*SnapshotError], and then the machine is unchanged. It takes no more memory than a small multiple of the
// bytes given, and room for what the rates in them count.
func (m *Machine) UnmarshalBinary(data []byte) error {
	restored, problem := restore(data)
	if problem != "" {
		return &SnapshotError{problem}
	}
	*m = *restored
	return nil
}

// restore returns the machine that a snapshot holds, or says why there is none.
func restore(data []byte) (m *Machine, problem string) {
	const version = len(snapshotMagic) - 1
	switch {
	case len(data) < len(snapshotMagic)+digestSize:
		return nil, "it is too short"
	case string(data[:version]) != snapshotMagic[:version]:
		return nil, "its first bytes are not those of a snapshot"
	case data[version] != snapshotMagic[version]:
		return nil, "its version is unknown"
	}
	body, digest := data[len(snapshotMagic):len(data)-digestSize], data[len(data)-digestSize:]
	if m, problem = read(body); problem != "" {
		return nil, problem
	}
	cfg := m.Config()
	if err := cfg.validate(); err != nil {
		return nil, err.Error()
	}
	for id, p := range m.Policies() {
		if id < PolicyID(len(cfg.Policies)) {
			continue // it was validated with the configuration
		}
		var check validation
		if check.policy(&p, cfg.factorMax()); check.err() != nil {
			return nil, check.err().Error()
		}
	}
	if err := m.Check(); err != nil {
		return nil, err.Error()
	}
	expected := m.Digest()
	for i, b := range digest {
		if b != byte(expected>>(8*i)) {
			return nil, "its digest does not match"
		}
	}
	return m, ""
}

// read returns the machine whose state was written, if the bytes hold one; Check has yet to audit it.
func read(body []byte) (m *Machine, problem string) {
	c := codec{mode: reading, data: body}
	m = &Machine{scalars: scalars{first: noSlot, last: noSlot}}
	c.machine(m)
	switch {
	case c.bad:
		return nil, "a number in it is cut off or out of range"
	case len(c.data) > 0:
		return nil, "it is followed by other bytes"
	}
	m.lastTerminatingHint, m.firstNotUpHint = m.last, m.first
	return m, ""
}

// CopyFrom makes m an independent copy of src, in m's own memory as far as it reaches: copying into a machine that
// was as large before does not allocate.
func (m *Machine) CopyFrom(src *Machine) {
	m.scalars = src.scalars
	m.policies.CopyFrom(&src.policies)
	m.limits.CopyFrom(&src.limits)
	m.crashes.CopyFrom(&src.crashes)
	m.restarts.CopyFrom(&src.restarts)
	m.tasks = append(m.tasks[:0], src.tasks...)
	m.delays = append(m.delays[:0], src.delays...)
	m.fenced = append(m.fenced[:0], src.fenced...)
	m.free = append(m.free[:0], src.free...)
	m.timers.CopyFrom(&src.timers)
	m.rateQueue.CopyFrom(&src.rateQueue)
	m.graph.CopyFrom(&src.graph)
	m.stops, m.retries, m.starts = m.stops[:0], m.retries[:0], m.starts[:0]
	m.downs, m.planned = m.downs[:0], m.planned[:0]
}
