package explore

import "math/bits"

// fingerprint is a 128-bit hash that stands for a state. Two states of one exploration share one with a probability of
// about n*n/2^129 for n states: below 10^-22 for a hundred million.
type fingerprint struct{ high, low uint64 }

// hash returns the fingerprint of a sequence of words: two lanes with different keys, each folding a word into what came
// before by a multiplication to 128 bits.
func hash(list []key) fingerprint {
	f := fingerprint{high: 0x9e3779b97f4a7c15 + uint64(len(list)), low: 0xd1b54a32d192ed03}
	for i := range list {
		for _, word := range list[i] {
			f.high = fold(f.high^word, 0xff51afd7ed558ccd)
			f.low = fold(f.low^word^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
		}
	}
	return f
}

// fold returns the two halves of the product, one folded onto the other.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// set is a set of fingerprints: open addressing with linear probing in one array, which is kept at most three quarters
// full. The zero fingerprint marks an empty place and stands in for by another one. A zero set is empty.
type set struct {
	places []fingerprint // a power of two
	count  int
}

// add puts f into the set and reports whether it was not there before.
func (s *set) add(f fingerprint) bool {
	if 4*(s.count+1) > 3*len(s.places) {
		s.grow()
	}
	if f == (fingerprint{}) {
		f.low = 1
	}
	place := s.find(f)
	if s.places[place] == f {
		return false
	}
	s.places[place] = f
	s.count++
	return true
}

// find returns the place where f is, or the empty one where it belongs.
func (s *set) find(f fingerprint) uint64 {
	mask := uint64(len(s.places) - 1)
	place := f.low & mask
	for s.places[place] != f && s.places[place] != (fingerprint{}) {
		place = (place + 1) & mask
	}
	return place
}

func (s *set) grow() {
	old := s.places
	s.places = make([]fingerprint, max(1024, 2*len(old)))
	for _, f := range old {
		if f != (fingerprint{}) {
			s.places[s.find(f)] = f
		}
	}
}
