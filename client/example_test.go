package client_test

import (
	"context"
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/client/realtime"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/proc"
)

// race is a program: whoever is ready first wins, and the other learns of it. It needs no
// lock, and does not know which world it is in.
func race(rt client.Runtime) {
	ctx := context.Background()
	winner, over := "", rt.NewSignal("over")
	for i, name := range []string{"hare", "tortoise"} {
		rt.Spawn(name, func() {
			if late, _ := over.WaitUntil(ctx, rt.Now().Add(time.Duration(2-i)*time.Millisecond)); late {
				fmt.Println(name, "is beaten by", winner)
				return
			}
			winner = name
			fmt.Println(name, "wins")
			over.Fire()
		})
	}
}

func ExampleRuntime() {
	k := kernel.New()
	race(proc.New(k, proc.Config{Name: "race"})) // virtual time: jumps
	k.Run(clock.Instant(time.Second))

	rt := realtime.New(realtime.Config{Name: "race"}) // the machine's
	rt.Do("main", func() {
		race(rt)
		rt.Sleep(context.Background(), 10*time.Millisecond)
	})
	rt.Close()

	// Output:
	// tortoise wins
	// hare is beaten by tortoise
	// tortoise wins
	// hare is beaten by tortoise
}
