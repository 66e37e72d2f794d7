package wire

import "fmt"

// EventType says what a watch saw.
type EventType int32

// The events. A server sends the first four; the others are a client's own.
const (
	NodeCreated            EventType = 1
	NodeDeleted            EventType = 2
	NodeDataChanged        EventType = 3
	NodeChildrenChanged    EventType = 4
	DataWatchRemoved       EventType = 5
	ChildWatchRemoved      EventType = 6
	PersistentWatchRemoved EventType = 7
	EventNone              EventType = -1
)

var eventNames = map[EventType]string{
	NodeCreated: "created", NodeDeleted: "deleted", NodeDataChanged: "dataChanged", NodeChildrenChanged: "childrenChanged",
	DataWatchRemoved: "dataWatchRemoved", ChildWatchRemoved: "childWatchRemoved", PersistentWatchRemoved: "persistentWatchRemoved",
	EventNone: "none",
}

func (e EventType) String() string {
	if s, ok := eventNames[e]; ok {
		return s
	}
	return fmt.Sprintf("event(%d)", int32(e))
}

// KeeperState is the state of a session in an event.
type KeeperState int32

// The states. A server sends SyncConnected alone; the others are a client's own.
const (
	StateDisconnected      KeeperState = 0
	StateSyncConnected     KeeperState = 3
	StateAuthFailed        KeeperState = 4
	StateConnectedReadOnly KeeperState = 5
	StateSaslAuthenticated KeeperState = 6
	StateExpired           KeeperState = -112
	StateClosed            KeeperState = 7
)

// WatcherType selects watches in checkWatches and removeWatches.
type WatcherType int32

// The watcher types. ZooKeeper 3.8 knows the first three; to any other value, also to the
// last two, it answers MarshallingError.
const (
	WatcherChildren            WatcherType = 1
	WatcherData                WatcherType = 2
	WatcherAny                 WatcherType = 3
	WatcherPersistent          WatcherType = 4
	WatcherPersistentRecursive WatcherType = 5
)

// AddWatchMode is the kind of watch that addWatch leaves. To any other value ZooKeeper
// answers MarshallingError.
type AddWatchMode int32

// The modes.
const (
	AddPersistent          AddWatchMode = 0
	AddPersistentRecursive AddWatchMode = 1
)

// Notification is a watch event as a server pushes it.
type Notification struct {
	Zxid  Zxid // of the change; -1 up to 3.8, and when setWatches found it
	Type  EventType
	State KeeperState // Disconnected, which nobody can be told, is sent as SyncConnected
	Path  Path
}

// Encode appends the record with its reply header.
func (n *Notification) Encode(e *Encoder) {
	h := Reply{Xid: XidNotification, Zxid: n.Zxid}
	h.Encode(e, OpNotification)
	e.Int32(int32(n.Type))
	state := n.State
	if state == StateDisconnected {
		state = StateSyncConnected
	}
	e.Int32(int32(state))
	e.JavaString(string(n.Path))
}

// DecodeNotification reads the record with its reply header.
func DecodeNotification(frame []byte) (n Notification, err error) {
	d := NewDecoder(frame)
	n.Zxid = DecodeReplyHeader(d).Zxid
	n.Type, n.State = EventType(d.Int32()), KeeperState(d.Int32())
	n.Path = Path(d.JavaString())
	return n, d.Err()
}
