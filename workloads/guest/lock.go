package guest

import (
	"fmt"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/workloads"
)

// Timeout is the session timeout that the program asks for.
const Timeout = 4 * time.Second

// Lock takes turns under go-zookeeper's stock Lock. In each turn it finds out which node
// is its own (that node's czxid is the fencing token), adds one to a counter that checks
// the token and to one that does not, and releases. After any error of Lock or Unlock it
// closes its connection and starts again, as the library's documentation leaves it to.
func Lock(p *guest.Process, ops []workloads.Op) {
	l := &locker{p: p}
	defer l.close()
	for i := 0; i < len(ops) && p.Running(); i++ {
		op := ops[i]
		time.Sleep(time.Duration(op.At) - p.Elapsed())
		if p.Running() && l.connect() {
			l.turn(string(op.Path), fmt.Sprintf("%s turn %d", p.Name(), i), time.Duration(op.For))
		}
	}
}

type locker struct {
	p    *guest.Process
	conn *zk.Conn // nil: not connected
}

func (l *locker) connect() bool {
	if l.conn != nil {
		return true
	}
	conn, _, err := zk.Connect(l.p.Servers(), Timeout, zk.WithDialer(l.p.Dial), zk.WithLogger(l.p))
	if err != nil {
		l.p.Printf("connect: %v", err)
		return false
	}
	l.conn = conn
	return true
}

func (l *locker) close() {
	if l.conn != nil {
		l.conn.Close()
		l.conn = nil
	}
}

func (l *locker) turn(path, nonce string, hold time.Duration) {
	lock := zk.NewLock(l.conn, path, zk.WorldACL(zk.PermAll))
	l.p.Acquiring(path)
	if err := lock.LockWithData([]byte(nonce)); err != nil {
		l.p.AcquireFailed(err)
		l.close()
		return
	}
	own, err := l.find(path, nonce)
	switch {
	case err != nil: // held, but without a token there is nothing to do under it
		l.p.AcquiredAs(path, 0, 0)
	case own == nil:
		l.p.Phantom("Lock returned nil, and no node of this turn exists")
		l.close()
		return
	default:
		l.p.AcquiredAs(path, own.Czxid, own.EphemeralOwner)
		l.work(own.Czxid, hold)
	}
	l.p.Releasing()
	if err := lock.Unlock(); err != nil {
		l.p.ReleaseFailed(err)
		l.close()
		return
	}
	l.p.Released()
}

// find returns the Stat of the child whose data is the nonce, or nil if there is none.
func (l *locker) find(path, nonce string) (*zk.Stat, error) {
	children, _, err := l.conn.Children(path)
	if err != nil {
		return nil, err
	}
	for _, c := range children {
		data, stat, err := l.conn.Get(path + "/" + c)
		switch {
		case err == zk.ErrNoNode: // somebody else's, released meanwhile
		case err != nil:
			return nil, err
		case string(data) == nonce:
			return stat, nil
		}
	}
	return nil, nil
}

// work is what the lock protects: read, think, write. A refused access to the fenced
// counter is what fencing is for; the turn then ends.
func (l *locker) work(token int64, hold time.Duration) {
	fenced, plain := l.p.FencedCounter("fenced", token), l.p.Counter("plain")
	f, err := fenced.Read()
	n := plain.Read()
	time.Sleep(hold)
	if err == nil {
		err = fenced.Write(f + 1)
	}
	if err != nil {
		l.p.Printf("fenced counter: %v", err)
	}
	plain.Write(n + 1)
}
