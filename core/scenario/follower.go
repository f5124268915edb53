package scenario

// Follower writes what a [Ring] is told, a while after it was told, to one recording after the other: as a program does that keeps
// the latest in a few files. Whoever calls it decides how often: what the ring has dropped meanwhile is missing, and a new
// scenario begins behind it. It works out again what the machines have decided, and takes as long for an event as they did and a
// [Recorder] would; the machines and whoever uses them do not wait for it.
//
// It is not safe for concurrent use.
type Follower struct {
	ring    *Ring
	sequels map[*Track]*sequel
}

// Follow returns a follower that begins with all that the ring keeps.
func (r *Ring) Follow() *Follower {
	return &Follower{ring: r, sequels: map[*Track]*sequel{}}
}

// WriteTo writes what has come since the last call. If that wrote to another recording, everything that goes on begins with the
// state that it had there, so that each recording stands alone.
//
// The error is that of the recording's writer. What could not be written is missing.
func (f *Follower) WriteTo(to *Recording) (err error) {
	f.ring.reading(func(tracks []*Track) {
		known := make(map[*Track]*sequel, len(tracks))
		var sequels []*sequel
		for _, t := range tracks {
			s := f.sequels[t]
			if s == nil {
				s = &sequel{track: t}
			}
			known[t] = s
			s.look(false)
			sequels = append(sequels, s)
		}
		f.sequels = known
		err = writeSequels(sequels, to)
	})
	return err
}
