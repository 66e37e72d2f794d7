package conformance

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zoobreak/zoobreak/wire"
)

// World is where a server is, as its clients know it.
type World interface {
	Dial() (Link, error)
	Pass(d time.Duration)
	NowMillis() int64 // calendar time
}

// Link is one connection.
type Link interface {
	Write(p []byte)
	// Frame waits for the next frame, without its length.
	Frame() ([]byte, Status)
	// Rest waits for the end of the stream and returns what came until then.
	Rest() []byte
	Close()
}

// Status says how waiting for a frame ended.
type Status int

// How waiting ends.
const (
	Came   Status = iota
	Ended         // the server closed the connection
	Silent        // nothing came for long
)

// player plays one recording.
type player struct {
	world World
	known *known
	links map[string]Link
}

// Play sends the requests of a script to a server, which must be fresh, and returns the
// steps with what happened.
func Play(w World, script []Step) ([]Step, error) {
	p := &player{world: w, known: newKnown(w.NowMillis), links: map[string]Link{}}
	var played []Step
	for _, s := range script {
		s, err := p.step(s.script())
		if err != nil {
			return played, fmt.Errorf("step %d (%s): %w", s.N, s.Desc, err)
		}
		played = append(played, s)
	}
	for _, name := range slices.Sorted(maps.Keys(p.links)) {
		p.forget(name)
	}
	return played, nil
}

func (p *player) step(s Step) (Step, error) {
	var err error
	switch s.Kind {
	case Connect:
		err = p.connect(&s)
	case Request:
		err = p.request(&s)
	case Burst:
		err = p.burst(&s)
	case Raw:
		err = p.raw(&s)
	case Word:
		err = p.word(&s)
	case Drop:
		p.forget(s.Conn)
	case Wait:
		for left := time.Duration(s.WaitMS) * time.Millisecond; left > 0; left -= 100 * time.Millisecond {
			p.barrier(&s)
			p.world.Pass(min(left, 100*time.Millisecond))
		}
	default:
		err = fmt.Errorf("there is no kind of step called %q", s.Kind)
	}
	if err == nil && !s.Timeout {
		p.barrier(&s)
	}
	return s, err
}

func (p *player) forget(name string) {
	if l := p.links[name]; l != nil {
		l.Close()
		delete(p.links, name)
	}
}

func framed(payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), payload...)
}

func (p *player) connect(s *Step) error {
	req, err := fill(s.Req, p.known.value)
	if err != nil {
		return err
	}
	l, err := p.world.Dial()
	if err != nil {
		return err
	}
	p.forget(s.Conn)
	p.links[s.Conn] = l
	l.Write(framed(req))
	if resp, ok := p.answer(s, l); ok {
		s.Resp = p.known.connected(s.Conn, resp)
	}
	return nil
}

func (p *player) request(s *Step) error {
	req, err := fill(s.Req, p.known.value)
	l := p.links[s.Conn]
	if err != nil || l == nil {
		s.NoConn = l == nil
		return err
	}
	l.Write(framed(req))
	if resp, ok := p.answer(s, l); ok {
		s.Resp, s.Err = p.replied(s, req, resp)
	}
	return nil
}

func (p *player) burst(s *Step) error {
	l := p.links[s.Conn]
	if l == nil {
		s.NoConn = true
		return nil
	}
	var all []byte
	var reqs [][]byte
	for _, text := range s.Reqs {
		req, err := fill(text, p.known.value)
		if err != nil {
			return err
		}
		reqs, all = append(reqs, req), append(all, framed(req)...)
	}
	l.Write(all)
	for _, req := range reqs {
		resp, ok := p.answer(s, l)
		if !ok {
			break
		}
		text, code := p.replied(s, req, resp)
		s.Resps, s.Errs = append(s.Resps, text), append(s.Errs, *code)
	}
	return nil
}

func (p *player) raw(s *Step) error {
	req, err := fill(s.Req, p.known.value)
	if err != nil {
		return err
	}
	l := p.links[s.Conn]
	if l == nil {
		if l, err = p.world.Dial(); err != nil {
			return err
		}
		p.links[s.Conn] = l
	}
	l.Write(req)
	if resp, ok := p.answer(s, l); ok {
		s.Resp, s.Err = p.replied(s, req[min(4, len(req)):], resp)
	}
	return nil
}

func (p *player) replied(s *Step, req, resp []byte) (string, *int32) {
	text, code, z, ok := p.known.response(req, resp)
	if ok {
		p.known.last[s.Conn] = max(p.known.last[s.Conn], z)
		p.known.at[s.N] = z
	}
	return text, &code
}

// word keeps a short answer as it is, and of a long one the names of its lines.
func (p *player) word(s *Step) error {
	req, err := fill(s.Req, p.known.value)
	if err != nil {
		return err
	}
	l, err := p.world.Dial()
	if err != nil {
		return err
	}
	l.Write(req)
	out := strings.TrimSpace(string(l.Rest()))
	l.Close()
	if len(out) < 16 {
		s.Resp = "text:" + out
		return nil
	}
	var names []string
	for _, line := range strings.Split(out, "\n") {
		if i := strings.IndexAny(line, ":=\t"); i > 0 {
			names = append(names, line[:i])
		}
	}
	s.Resp = "keys:" + strings.Join(names, ",")
	return nil
}

func isEvent(p []byte) bool {
	return len(p) >= 4 && int32(binary.BigEndian.Uint32(p)) == wire.XidNotification
}

// event notes a notification.
func (p *player) event(s *Step, name, at string, payload []byte) {
	var t template
	r := &reader{rest: payload}
	t.int32(r.int32())
	p.known.zxid(&t, "hz", r.int64())
	t.raw(r.rest)
	s.Events = append(s.Events, Event{Conn: name, At: at, Hex: t.String()})
}

// answer waits for one reply.
func (p *player) answer(s *Step, l Link) ([]byte, bool) {
	for {
		payload, status := l.Frame()
		switch {
		case status == Silent:
			s.Timeout = true
			return nil, false
		case status == Ended:
			s.Closed = true
			p.forget(s.Conn)
			return nil, false
		case isEvent(payload):
			p.event(s, s.Conn, "before", payload)
		default:
			return payload, true
		}
	}
}

// barrier pings every connection, and so collects all that the step has caused.
func (p *player) barrier(s *Step) {
	var ping wire.Encoder
	ping.Int32(wire.XidPing)
	ping.Int32(int32(wire.OpPing))
	for _, name := range slices.Sorted(maps.Keys(p.links)) {
		p.links[name].Write(framed(ping.Buf))
		at := "other"
		if name == s.Conn {
			at = "after"
		}
		for p.untilPong(s, name, at) {
		}
	}
}

// untilPong takes in one frame, and reports whether the ping's answer is yet to come.
func (p *player) untilPong(s *Step, name, at string) bool {
	payload, status := p.links[name].Frame()
	switch {
	case status != Came:
		p.gone(s, name, status)
		return false
	case isEvent(payload):
		p.event(s, name, at, payload)
	case len(payload) >= 16 && int32(binary.BigEndian.Uint32(payload)) == wire.XidPing:
		if !p.known.hasBase {
			p.known.base, p.known.hasBase = int64(binary.BigEndian.Uint64(payload[4:])), true
		}
		return false
	default:
		var t template
		t.raw(payload)
		s.Resps = append(s.Resps, "unexpected:"+t.String())
	}
	return true
}

func (p *player) gone(s *Step, name string, status Status) {
	switch {
	case status == Silent:
		s.Timeout = true
	case name == s.Conn:
		s.Closed = true
	default:
		s.AlsoClosed = append(s.AlsoClosed, name)
	}
	p.forget(name)
}
