package runtimetest

import (
	"context"
	"errors"
	"time"

	"github.com/zoobreak/zoobreak/client"
)

// transcripts are programs, and all that they say. In both worlds it is the same to the
// letter.
var transcripts = map[string]struct {
	tell func(s *Stage)
	want string
}{
	"children run in the order of spawning, when their parent hands over": {func(s *Stage) {
		s.Spawn("parent", func() {
			var last client.Task
			for _, name := range []string{"a", "b", "c"} {
				last = s.Spawn(name, func() { s.say("%s", name) })
			}
			s.say("parent: %s, done %v", last.Name(), last.Done())
			s.say("parent: %s, done %v", word(last.Wait(background)), last.Done())
			s.say("parent: %s", word(last.Wait(background)))
		})
	}, lines("parent: c, done false", "a", "b", "c", "parent: ok, done true", "parent: ok")},

	"a sleep of nothing lets others run": {func(s *Stage) {
		s.Spawn("a", func() { s.say("a"); s.sleep("a", background, 0); s.sleep("a", background, -time.Second) })
		s.Spawn("b", func() { s.say("b"); s.sleep("b", background, 0) })
	}, lines("a", "b", "a ok", "b ok", "a ok")},

	"who sleeps first wakes first": {func(s *Stage) {
		for _, name := range []string{"a", "b", "c"} {
			s.Spawn(name, func() { s.sleep(name, background, tick) })
		}
	}, lines("a ok", "b ok", "c ok")},

	"who sleeps longer wakes later": {func(s *Stage) {
		s.Spawn("c", func() { s.sleep("c", background, 60*tick) })
		s.Spawn("b", func() { s.sleep("b", background, 30*tick) })
		s.Spawn("a", func() { s.sleep("a", background, tick) })
	}, lines("a ok", "b ok", "c ok")},

	"a signal wakes all who wait, in order": {func(s *Stage) {
		lost := s.NewSignal("lost")
		for _, name := range []string{"a", "b"} {
			s.Spawn(name, func() { s.say("%s %s %v", name, word(lost.Wait(background)), lost.Fired()) })
		}
		s.Spawn("main", func() {
			lost.Fire()
			lost.Fire()
			s.say("fired")
			s.say("late %s", word(lost.Wait(background)))
		})
	}, lines("fired", "late ok", "a ok true", "b ok true")},

	"a signal from an event": {func(s *Stage) {
		lost := s.NewSignal("lost")
		s.Spawn("a", func() { s.say("a %s", word(lost.Wait(background))) })
		s.After(tick, func() { lost.Fire(); s.say("the event ends first") })
	}, lines("the event ends first", "a ok")},

	"waiting until an instant": {func(s *Stage) {
		lost := s.NewSignal("lost")
		until := func(d time.Duration) {
			fired, err := lost.WaitUntil(background, s.Now().Add(d))
			s.say("%v %s", fired, word(err))
		}
		s.Spawn("a", func() {
			until(tick)
			until(-tick)
			s.After(tick, lost.Fire)
			until(time.Hour)
			until(-tick)
		})
	}, lines("false ok", "false ok", "true ok", "true ok")},

	"who gives up leaves the others in line": {func(s *Stage) {
		lost := s.NewSignal("lost")
		for i, d := range []time.Duration{tick, time.Hour, 3 * tick, 2 * tick, time.Hour} {
			s.Spawn("", func() {
				fired, _ := lost.WaitUntil(background, s.Now().Add(d))
				s.say("%d %v", i, fired)
			})
		}
		s.Spawn("", func() { s.Sleep(background, 10*tick); lost.Fire() })
	}, lines("0 false", "3 false", "2 false", "1 true", "4 true")},

	"a fire counts for more than a context that is over": {func(s *Stage) {
		ctx, cancel := context.WithCancel(background)
		lost := s.NewSignal("lost")
		s.Spawn("a", func() {
			s.say("a %s", word(lost.Wait(ctx)))
			s.say("a %s", word(lost.Wait(ctx)))
			s.sleep("a", ctx, 1)
		})
		s.Spawn("b", func() { cancel(); lost.Fire() })
	}, lines("a ok", "a ok", "a canceled")},

	"a timeout": {func(s *Stage) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, tick)
			defer cancel()
			s.sleep("a", ctx, time.Hour)
			s.sleep("a", ctx, time.Hour)
			s.say("a %s", word(s.NewSignal("lost").Wait(ctx)))
			s.say("%v", ctx.Err())
		})
	}, lines("a too late", "a too late", "a too late", "context deadline exceeded")},

	"a timeout that is not needed": {func(s *Stage) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, time.Hour)
			s.sleep("a", ctx, tick)
			cancel()
			s.sleep("a", ctx, tick)
			s.sleep("a", background, tick)
		})
	}, lines("a ok", "a canceled", "a ok")},

	"the earlier of two timeouts": {func(s *Stage) {
		s.Spawn("a", func() {
			outer, cancel := s.WithTimeout(background, 5*tick)
			defer cancel()
			inner, cancel := s.WithTimeout(outer, time.Hour)
			defer cancel()
			left, ok := s.Remaining(inner)
			s.say("%v %v", 0 < left && left <= 5*tick, ok)
			_, ok = s.Remaining(background)
			s.say("%v", ok)
			s.sleep("a", inner, time.Minute)
		})
	}, lines("true true", "false", "a too late")},

	"a context derived from a timeout": {func(s *Stage) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, tick)
			defer cancel()
			derived, cancel := context.WithCancel(ctx)
			defer cancel()
			s.sleep("a", derived, time.Hour)
			s.say("%v", derived.Err())
		})
	}, lines("a too late", "context deadline exceeded")},

	"a plain cancel ends every kind of parked call": {func(s *Stage) {
		ctx, cancel := context.WithCancel(background)
		s.Spawn("sleep", func() { s.sleep("sleep", ctx, time.Hour); s.sleep("sleep", background, tick) })
		s.Spawn("signal", func() { s.say("signal %s", word(s.NewSignal("lost").Wait(ctx))) })
		s.Spawn("task", func() {
			forever := s.Spawn("forever", func() { s.Sleep(ctx, time.Hour) })
			s.say("task %s", word(forever.Wait(ctx)))
		})
		s.Spawn("call", func() {
			_, err := client.NewCall[int](s, "get /a").Wait(ctx)
			s.say("call %s", word(err))
		})
		s.Spawn("main", func() { s.Sleep(background, tick); cancel(); s.say("canceled") })
	}, lines("canceled", "sleep canceled", "signal canceled", "task canceled", "call canceled", "sleep ok")},

	"a cancel from an event": {func(s *Stage) {
		ctx, cancel := context.WithCancel(background)
		s.Spawn("a", func() { s.sleep("a", ctx, time.Hour) })
		s.After(tick, cancel)
	}, lines("a canceled")},

	"a context that was over before": {func(s *Stage) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, -time.Second)
			defer cancel()
			s.sleep("a", ctx, tick)
			canceled, cancel := context.WithCancel(background)
			cancel()
			s.sleep("a", canceled, tick)
		})
	}, lines("a too late", "a canceled")},

	"a call": {func(s *Stage) {
		get := client.NewCall[int](s, "get /a")
		s.Spawn("a", func() {
			n, err := get.Wait(background)
			s.say("%d %v", n, err)
			n, err = get.Wait(background)
			s.say("again %d %v", n, err)
		})
		s.After(tick, func() {
			s.say("done %v", get.Done())
			get.Complete(42, nil)
			s.say("done %v", get.Done())
		})
	}, lines("done false", "done true", "42 <nil>", "again 42 <nil>")},

	"a call that fails": {func(s *Stage) {
		get := client.NewCall[int](s, "get /a")
		s.Spawn("a", func() {
			n, err := get.Wait(background)
			s.say("%d %v", n, err)
		})
		s.Spawn("b", func() { get.Complete(7, errors.New("no node")) })
	}, lines("7 no node")},

	"a call that is given up may still end": {func(s *Stage) {
		get := client.NewCall[int](s, "get /a")
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, tick)
			defer cancel()
			n, err := get.Wait(ctx)
			s.say("%d %s", n, word(err))
			s.After(tick, func() { get.Complete(42, nil) })
			n, err = get.Wait(background)
			s.say("%d %s", n, word(err))
			n, err = get.Wait(ctx)
			s.say("%d %s", n, word(err))
		})
	}, lines("0 too late", "42 ok", "42 ok")},
}
