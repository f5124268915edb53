package process

import "fmt"

// Tightness is how well a [Host] keeps hold of what runs start.
type Tightness uint8

const (
	// TightnessGroup holds what is in the session or process group of a run, has its token in the environment, or is below one of
	// these. When this process is killed, what runs goes on, until the next [Open] sweeps it.
	TightnessGroup Tightness = iota

	// TightnessGuard does as well, and a guard process (see [Guard]) sweeps everything that is left when this process has ended, in
	// whatever way.
	TightnessGuard

	// TightnessCgroup has a control group for each run, which nothing leaves.
	TightnessCgroup
)

func (t Tightness) String() string {
	switch t {
	case TightnessGroup:
		return "process group"
	case TightnessGuard:
		return "guard"
	case TightnessCgroup:
		return "control group"
	default:
		return fmt.Sprintf("Tightness(%d)", uint8(t))
	}
}
