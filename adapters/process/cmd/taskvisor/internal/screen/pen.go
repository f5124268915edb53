package screen

import (
	"strconv"
)

// pen is how a task writes: its colours, and whether it is bold, underlined and so on. Concealed text it never writes.
type pen struct {
	marks  uint16 // of 1, bold, to 9, struck through: a bit for each
	ground [2]tint
}

// tint is a colour, of the text or of what is behind it; the zero tint is the terminal's own.
type tint struct {
	kind    tintKind
	a, b, c uint8
}

type tintKind uint8

const (
	noTint     tintKind = iota
	basicTint           // a is from 0 to 15
	numberTint          // a is from 0 to 255
	exactTint           // red, green and blue
)

const penOff = "\x1b[0m"

// read changes the pen as the parameters of a sequence say. What it does not know it passes over.
func (p *pen) read(parameters string) {
	numbers := numbersOf(parameters)
	for len(numbers) > 0 {
		n := numbers[0]
		numbers = numbers[1:]
		switch {
		case n == 0:
			*p = pen{}
		case n == 8: // concealed
		case n >= 1 && n <= 9:
			p.marks |= 1 << n
		case n == 21: // underlined twice
			p.marks |= 1 << 4
		case n == 22:
			p.marks &^= 1<<1 | 1<<2
		case n == 25:
			p.marks &^= 1<<5 | 1<<6
		case n >= 23 && n <= 29:
			p.marks &^= 1 << (n - 20)
		case n >= 30 && n <= 37, n >= 40 && n <= 47:
			p.ground[(n-30)/10] = tint{kind: basicTint, a: uint8(n % 10)}
		case n >= 90 && n <= 97, n >= 100 && n <= 107:
			p.ground[(n-90)/10] = tint{kind: basicTint, a: uint8(n%10) + 8}
		case n == 39, n == 49:
			p.ground[(n-30)/10] = tint{}
		case n == 38, n == 48:
			numbers = p.ground[(n-30)/10].read(numbers)
		}
	}
}

// read reads a colour that is not one of the sixteen, and returns the numbers after it.
func (t *tint) read(numbers []int) []int {
	switch {
	case len(numbers) >= 2 && numbers[0] == 5:
		*t = tint{kind: numberTint, a: uint8(numbers[1])}
		return numbers[2:]
	case len(numbers) >= 4 && numbers[0] == 2:
		*t = tint{exactTint, uint8(numbers[1]), uint8(numbers[2]), uint8(numbers[3])}
		return numbers[4:]
	}
	return nil // it is not whole: nothing after it can be understood
}

// mostNumbers is how many parameters of a sequence are looked at.
const mostNumbers = 32

// numbersOf returns the parameters of a sequence. One that is left out is 0.
func numbersOf(parameters string) []int {
	numbers, n := make([]int, 0, 8), 0
	for i := range len(parameters) {
		switch b := parameters[i]; {
		case len(numbers) == mostNumbers:
			return numbers
		case b == ';', b == ':':
			numbers = append(numbers, n)
			n = 0
		default:
			n = min(n*10+int(b-'0'), 1<<16)
		}
	}
	return append(numbers, n)
}

// append appends the sequence that has the terminal go over to this pen from another.
func (p pen) append(dst []byte, from pen) []byte {
	dst = append(dst, "\x1b["...)
	if from != (pen{}) {
		dst = append(dst, '0')
	}
	for n := 1; n <= 9; n++ {
		if p.marks&(1<<n) != 0 {
			dst = appendParameter(dst, n)
		}
	}
	for i, t := range p.ground {
		first := 30 + 10*i
		switch t.kind {
		case noTint:
		case basicTint:
			if t.a >= 8 {
				dst = appendParameter(dst, first+60+int(t.a)-8)
			} else {
				dst = appendParameter(dst, first+int(t.a))
			}
		case numberTint:
			dst = appendParameter(dst, first+8, 5, int(t.a))
		case exactTint:
			dst = appendParameter(dst, first+8, 2, int(t.a), int(t.b), int(t.c))
		}
	}
	return append(dst, 'm')
}

// appendParameter appends parameters to a sequence.
func appendParameter(dst []byte, numbers ...int) []byte {
	for _, n := range numbers {
		if dst[len(dst)-1] != '[' {
			dst = append(dst, ';')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	return dst
}
