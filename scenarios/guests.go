package scenarios

import (
	"fmt"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/sim/resource"
)

// resourceHost is the machine of the resource outside the service. No fault selects it.
const resourceHost = "10.0.3.1"

// outside is the resource as a process of the world. It keeps nothing on its disk.
type outside struct{ *resource.Resource }

// NetEvent implements sim.Server.
func (o outside) NetEvent(_ clock.Now, ev net.Event) { o.Resource.NetEvent(ev) }

// DiskDone implements sim.Server.
func (outside) DiskDone(clock.Now, disk.Done) {
	panic("scenarios: the resource has submitted nothing to a disk")
}

// Wake implements sim.Server.
func (outside) Wake(clock.Now) {}

func (w *world) addGuests(n int) {
	w.bubble.Use(w.Kernel)
	r := w.AddProcess(resourceHost, func(env sim.Env, _ clock.Now) (sim.Server, error) {
		return outside{resource.New(env.Net, w.bubble.Effect)}, nil
	})
	mustStart(r)
	for i := 1; i <= n; i++ {
		w.addGuest(i)
	}
}

func (w *world) addGuest(i int) {
	var servers []string
	for _, a := range serverAddrs(w.about.Servers) {
		servers = append(servers, string(a))
	}
	m := w.AddClient()
	g := w.bubble.NewProcess(guest.Spec{
		Index: i, Name: fmt.Sprintf("client %c", 'A'+i-1), Host: m.Host, Log: w.Log, Servers: servers,
		Resource: net.MakeAddr(resourceHost, resource.Port), Seed: w.plan.Noise.first().Of("guest").Int(uint64(i)),
	})
	m.Hold = func(on bool) {
		if on {
			g.Hold()
		} else {
			g.Unhold()
		}
	}
	w.guests = append(w.guests, g)
}

func (w *world) startGuests() {
	for i, g := range w.guests {
		if w.plan.idle(i + 1) {
			continue
		}
		ops := w.plan.opsOf(i + 1)
		g.Start(func(p *guest.Process) { w.scenario.Guest(p, ops) })
	}
}
