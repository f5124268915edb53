package supervisor

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// What users write can do anything when it is asked: an error can panic when it is printed, unwrap to itself, or print a
// gigabyte. So an error of theirs is examined where it comes in, by whoever made it and with no lock held, and one that
// does such a thing is replaced by one that stands for it. From there on everything that prints, wraps or searches it can
// take it for an ordinary error. The places where errors come in are the ends of runs, the answers of probes, panics of
// anything that is called, the causes of contexts, and the writer of a recording.
//
// What cannot be recovered from cannot be examined away: an Error method that calls itself without end overflows the stack.

const (
	depthMax     = 1 << 10 // how deep errors may wrap each other
	partsMax     = 1 << 13 // of how many errors one may consist
	textMax      = 16 << 10
	valuePartMax = 1 << 12 // how many parts of a value are printed
)

// sound returns an error of a user's, or what stands for it.
func sound(err error) error {
	_, err, _ = judged(err)
	return err
}

// judged returns how a run ended that returned an error, and the error, or what stands for it. severe reports whether a panic
// is in it, an end of a goroutine, or what Fatal made.
func judged(err error) (exit ExitKind, judged error, severe bool) {
	switch {
	case err == nil:
		return ExitOK, nil, false
	case isPlain(err) && len(err.Error()) <= textMax:
		return ExitError, err, false
	}
	s := survey{exit: ExitOK}
	s.structure(err)
	if s.problem == "" {
		s.print(err)
	}
	if s.problem != "" {
		s.judge(ExitError, true)
		err = &unsound{err, s.problem}
	}
	return s.exit, err, s.severe
}

// isPlain reports whether an error was made by errors.New. It wraps nothing, and is no more than its text. Most errors are such,
// and most others wrap one.
func isPlain(err error) bool { return reflect.TypeOf(err) == typeOfPlain }

var typeOfPlain = reflect.TypeOf(errors.New(""))

// soundCause returns the cause of a context's end. It calls nothing of a user's in the caller's goroutine, and does not wait
// for long.
func soundCause(ctx context.Context) error {
	switch cause := context.Cause(ctx); cause {
	case nil, context.Canceled, context.DeadlineExceeded:
		return cause
	default:
		return contained(cause)
	}
}

// contained is sound in a goroutine of its own, where it can neither end the caller's nor hold it up for more than a second.
func contained(err error) error {
	examined := make(chan error, 1)
	go func() {
		result := error(&unsound{err, endsGoroutine})
		defer func() { examined <- result }()
		result = sound(err)
	}()
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case result := <-examined:
		return result
	case <-timer.C:
		return &unsound{err, neverReturns}
	}
}

// survey is what was found out about an error.
type survey struct {
	parts   int
	exit    ExitKind // how a run ended that returns it
	severe  bool     // see judged
	problem string   // "" if it is sound
}

// structure looks at an error and all that it wraps.
func (s *survey) structure(err error) {
	defer func() {
		if recover() != nil {
			s.problem = "panics when it is searched"
		}
	}()
	s.visit(err, 1, true)
}

// visit looks at one part. An error that wraps several is as fatal as the most fatal of them, and a loss only if none says more. What a supervisor returned is
// only an error, whatever its tasks said. That it left runs behind is not a failure of its own: it has done all there was to do,
// and whoever runs it again waits for them.
func (s *survey) visit(err error, depth int, judge bool) {
	s.parts++
	if depth > depthMax || s.parts > partsMax {
		s.problem = "unwraps without end"
	}
	if err == nil || s.problem != "" {
		return
	}
	if isPlain(err) {
		s.judge(ExitError, judge)
		return
	}
	switch err.(type) {
	case *PanicError, *GoexitError:
		s.severe = true
	case *FatalError:
		s.severe = true
		s.judge(ExitFatal, judge)
		judge = false
	case *DoneError:
		s.judge(ExitDone, judge)
		judge = false
	case *LostError:
		s.judge(ExitLost, judge)
		judge = false
	case *EscalatedError, *DeadTasksError:
		s.judge(ExitError, judge)
		judge = false
	}
	if search, ok := err.(interface{ Is(target error) bool }); ok {
		search.Is(errUnlike)
	}
	if search, ok := err.(interface{ As(target any) bool }); ok {
		search.As(new(*unlike))
	}
	parts := s.parts
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			s.visit(inner, depth+1, judge)
		}
	case interface{ Unwrap() []error }:
		for _, part := range err.Unwrap() {
			s.visit(part, depth+1, judge)
		}
	}
	if _, left := err.(*LeftBehindError); !left && s.parts == parts {
		s.judge(ExitError, judge)
	}
}

func (s *survey) judge(exit ExitKind, judge bool) {
	if judge && weight(exit) > weight(s.exit) {
		s.exit = exit
	}
}

// weight orders the kinds of ends that an error can make: the heaviest of several counts.
func weight(exit ExitKind) int { return slices.Index(weights[:], exit) }

var weights = [...]ExitKind{ExitOK, ExitError, ExitLost, ExitDone, ExitFatal}

func (s *survey) print(err error) {
	defer func() {
		if recover() != nil {
			s.problem = "cannot be printed"
		}
	}()
	if len(err.Error()) > textMax {
		s.problem = longText
	}
}

// Problems with an error that are dealt with in their own way.
const (
	longText      = "is long" // the text can be had
	endsGoroutine = "ends its goroutine when it is examined"
	neverReturns  = "does not return when it is examined"
)

// unlike is what no error is.
type unlike struct{}

func (*unlike) Error() string { return "unlike any other" }

var errUnlike error = new(unlike)

// unsound stands for an error of a user's that is dangerous to print or to search. errors.Is and errors.As look into it
// as far as that can be done.
type unsound struct {
	err     error
	problem string
}

func (e *unsound) Error() string {
	if e.problem == longText {
		return errorText(e.err)
	}
	return fmt.Sprintf("an error of type %T, which %s", e.err, e.problem)
}

// closed reports whether the error must not even be searched.
func (e *unsound) closed() bool { return e.problem == endsGoroutine || e.problem == neverReturns }

// Is implements what errors.Is looks for.
func (e *unsound) Is(target error) bool {
	if e.closed() {
		return false
	}
	parts := 0
	return searched(e.err, 1, &parts, func(part error) bool {
		if part == target {
			return true
		}
		search, ok := part.(interface{ Is(target error) bool })
		return ok && search.Is(target)
	})
}

// As implements what errors.As looks for.
func (e *unsound) As(target any) bool {
	if e.closed() {
		return false
	}
	into, parts := reflect.ValueOf(target).Elem(), 0
	return searched(e.err, 1, &parts, func(part error) bool {
		if reflect.TypeOf(part).AssignableTo(into.Type()) {
			into.Set(reflect.ValueOf(part))
			return true
		}
		search, ok := part.(interface{ As(target any) bool })
		return ok && search.As(target)
	})
}

// searched reports whether an error is, or wraps, one for which found returns true. Whatever panics is not.
func searched(err error, depth int, parts *int, found func(error) bool) bool {
	*parts++
	if err == nil || depth > depthMax || *parts > partsMax {
		return false
	}
	hit := false
	attempt(func() { hit = found(err) })
	if hit {
		return true
	}
	var inner []error
	attempt(func() {
		switch err := err.(type) {
		case interface{ Unwrap() error }:
			inner = []error{err.Unwrap()}
		case interface{ Unwrap() []error }:
			inner = err.Unwrap()
		}
	})
	for _, part := range inner {
		if searched(part, depth+1, parts, found) {
			return true
		}
	}
	return false
}

func attempt(f func()) {
	defer func() { _ = recover() }()
	f()
}

// text prints an error. Every error of this package prints what it wraps by this.
func errorText(err error) (printed string) {
	if err == nil {
		return "<nil>"
	}
	defer func() {
		if recover() != nil {
			printed = fmt.Sprintf("an error of type %T, which cannot be printed", err)
		}
	}()
	return cut(err.Error())
}

// cut shortens a text that is too long for a line of a log.
func cut(text string) string {
	if len(text) <= textMax {
		return text
	}
	end := textMax
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "... (" + strconv.Itoa(len(text)-end) + " bytes more)"
}

// valueText prints a value that something panicked with. Of what has no end, of maps, which others may be changing, and of
// what is large it prints the type.
func valueText(value any) (printed string) {
	switch value := value.(type) {
	case error:
		return errorText(value)
	case string:
		return cut(value)
	}
	defer func() {
		if recover() != nil {
			printed = fmt.Sprintf("a value of type %T, which cannot be printed", value)
		}
	}()
	if parts := 0; !printable(reflect.ValueOf(value), 0, &parts) {
		return fmt.Sprintf("a value of type %T", value)
	}
	return cut(fmt.Sprint(value))
}

// printable reports whether fmt prints a value in a bounded time and without looking at maps.
func printable(v reflect.Value, depth int, parts *int) bool {
	*parts++
	if *parts > valuePartMax || depth > 32 {
		return false
	}
	switch v.Kind() {
	case reflect.Map:
		return false
	case reflect.String:
		*parts += v.Len() / 16
	case reflect.Pointer:
		return depth > 0 || v.IsNil() || printable(v.Elem(), depth+1, parts) // fmt prints inner ones as numbers
	case reflect.Interface:
		return v.IsNil() || printable(v.Elem(), depth+1, parts)
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			if !printable(v.Index(i), depth+1, parts) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !printable(v.Field(i), depth+1, parts) {
				return false
			}
		}
	default: // small, and without parts
	}
	return true
}

// examine examines the value if it is an error, with what a function does with it: sound, or contained.
func (e *PanicError) examine(examined func(error) error) {
	switch value := e.Value.(type) {
	case runtime.Error: // the most frequent
	case error:
		e.cause = &unsound{value, endsGoroutine} // unless it returns
		e.cause = examined(value)
	}
}

// asError returns a value if it is an error, or what stands for it.
func asError(value any) error {
	if err, ok := value.(error); ok {
		return sound(err)
	}
	return nil
}

// isOwn reports whether what a stopping run returned says no more than that it was stopped: its context's error or cause, or
// what wraps these. Of errors that were joined, every one has to.
func isOwn(err, cause error) bool {
	if err == nil || err == context.Canceled || err == cause {
		return true
	}
	if isPlain(err) {
		return false
	}
	switch err.(type) {
	case *DoneError, *LeftBehindError: // those runs are accounted for
		return true
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		parts := several.Unwrap()
		for _, part := range parts {
			if !isOwn(part, cause) {
				return false
			}
		}
		return len(parts) > 0
	}
	if search, ok := err.(interface{ Is(target error) bool }); ok && (search.Is(context.Canceled) || search.Is(cause)) {
		return true
	}
	inner := errors.Unwrap(err)
	return inner != nil && isOwn(inner, cause)
}
