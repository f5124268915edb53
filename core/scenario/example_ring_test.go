package scenario_test

import (
	"fmt"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// A ring keeps the last minutes. The driver tells a track of every event before the machine gets it.
func ExampleRing() {
	ring := scenario.NewRing(scenario.RingLimits{MinAge: core.Duration(10 * time.Minute), MaxBytes: 1 << 20})
	machine, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The driver of a machine that several goroutines use locks it here.
	track := ring.NewTrack(scenario.Head{Of: "shop"}, machine, func(look func()) { look() })

	add, start := core.Event{Kind: core.EventAdd}, core.Event{At: 5, Kind: core.EventStart}
	track.Event("web", &add)
	actions := machine.Step(nil, add)
	track.Name("web", actions[0].Task)
	track.Event("", &start)
	machine.Step(nil, start)

	if _, err := ring.WriteTo(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// scenario 1 part=1 of=shop
	// policy p0
	// at 0s add web
	//   0s add web none->created added
	// at 5ns start
	//   5ns start web#1 created->healthy supervisor-start
	// expect digest -> 3a3bd0404e6ac2e6
}

// What is recorded can be said later, and also that nothing more will follow: then it is forgotten before what goes on.
func ExampleTrack() {
	ring := scenario.NewRing(scenario.RingLimits{})
	track := ring.NewTrack(scenario.Head{}, new(core.Machine), func(look func()) { look() })
	track.SetHead(scenario.Head{Of: "shop/mail", Run: 3})
	track.End()
	fmt.Println(ring.Size() < 10_000)
	// Output: true
}

func ExampleRingLimits() {
	limits := scenario.RingLimits{MinAge: core.Duration(10 * time.Minute), MaxBytes: 64 << 10}
	fmt.Println(limits.MinAge)
	// Output: 10m0s
}

// A log takes a tenth of the room of the text.
func ExampleLog() {
	var log scenario.Log
	log.Event("web", &core.Event{Kind: core.EventAdd, Key: 7})
	log.Event("", &core.Event{At: 3e9, Kind: core.EventStart})
	data, _ := log.AppendBinary(nil) // the error is always nil
	var again scenario.Log
	if err := again.UnmarshalBinary(data); err != nil {
		fmt.Println(err)
		return
	}
	s := again.Scenario()
	fmt.Println(len(data), len(s.String()))
	fmt.Print(s)
	// Output:
	// 20 43
	// scenario 1
	// at 0s add web key=7
	// at 3s start
}

// All that a machine is told can be sent in binary form, and be read as text where it arrives.
func ExampleLogOf() {
	s, err := scenario.Parse([]byte("scenario 1\nconfig seed=7\nat 0s add web\nat 1s hold web\nat 2s start\nat 3s release web\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	log, err := scenario.LogOf(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, _ := log.AppendBinary(nil) // the error is always nil
	var arrived scenario.Log
	if err := arrived.UnmarshalBinary(data); err != nil {
		fmt.Println(err)
		return
	}
	replayed := arrived.Scenario()
	fmt.Println(len(data), "bytes:", replayed.Rewrite())
	fmt.Print(replayed)
	// Output:
	// 59 bytes: <nil>
	// scenario 1
	// config seed=7
	// at 0s add web
	//   0s add web none->created added
	// at 1s hold @1.0
	//   1s transition web created held
	// at 2s start
	//   nothing
	// at 3s release @1.0
	//   3s transition web created released
	//   3s start web#1 created->healthy supervisor-start
}

func ExampleLogError() {
	fmt.Println(new(scenario.Log).UnmarshalBinary([]byte("text")))
	// Output: invalid log: at byte 0: its first bytes are not those of a log
}

// A follower writes what a ring is told to one file after the other. Each begins with the state the machines have there.
func ExampleFollower() {
	ring := scenario.NewRing(scenario.RingLimits{})
	follower := ring.Follow()
	machine, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	track := ring.NewTrack(scenario.Head{Of: "shop"}, machine, func(look func()) { look() })
	for at := range core.Instant(2) {
		event := core.Event{At: at, Kind: core.EventStart}
		track.Event("", &event)
		machine.Step(nil, event)
		if err := follower.WriteTo(scenario.NewRecording(os.Stdout)); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// scenario 1 part=1 of=shop
	// policy p0
	// at 0s start
	//   nothing
	// scenario 1 part=1 of=shop
	// snapshot
	//   dHN2AwAAAACAgIAIAQAAAICo1rkHAgX+//////////8BAAAFgID5hdQEAICQ38BKAAAAAICQ2MaeBQAAAAAAAQEAAAAAAAAAAAAA
	//   AAAAAAD+//////////8B/v//////////AQEAAAAAAAAAANifPiTTYLGb
	// at 1ns start
	//   1ns reject already-started
}
