package disk

import "fmt"

// Kind names a primitive.
type Kind uint8

// The primitives. A change of a file's bytes is durable after Sync of the file; a
// change of names (create, rename, remove) is durable after SyncDir.
const (
	Create   Kind = 1 + iota // make Name, empty; an existing file is emptied
	Append                   // add Data at the end of Name
	Truncate                 // cut Name to Size bytes
	Sync                     // make the bytes of Name durable
	Rename                   // Name becomes To, replacing it atomically
	Remove                   // delete Name; a missing file is no error
	SyncDir                  // make names durable
)

var kindNames = [...]string{Create: "create", Append: "append", Truncate: "truncate", Sync: "sync", Rename: "rename", Remove: "remove", SyncDir: "syncdir"}

func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("disk.Kind(%d)", uint8(k))
}

// Op is one primitive.
type Op struct {
	Kind Kind
	Name string
	To   string // Rename
	Data []byte // Append; the disk takes ownership
	Size int64  // Truncate
}

// Done reports that a submitted batch has finished, or failed at its first bad
// operation; what came after that operation was not done.
type Done struct {
	ID  uint64
	Err error
}

// Error is a failed operation.
type Error struct {
	Op   Kind
	Name string
	Why  string
}

func (e *Error) Error() string { return fmt.Sprintf("disk: %s %s: %s", e.Op, e.Name, e.Why) }

// Disk is one directory of files. Reads answer at once and are meant for start-up,
// before anything is submitted.
type Disk interface {
	// List returns the names of all files, sorted.
	List() []string
	// Read returns the bytes of a file; it fails if there is none.
	Read(name string) ([]byte, error)
	// Submit queues a batch. Batches run one after the other in the order submitted,
	// operations within one in order; Done arrives in the owner's inbox when the last
	// operation of the batch has finished.
	Submit(id uint64, ops []Op)
}

// Replace is the way to change a small file atomically and durably: write a temporary
// file, sync it, rename it over name, sync the directory. Leaving out the last step
// would let a power failure bring the old file back (Java ZooKeeper leaves it out;
// ARCHITECTURE.md says why we do not).
func Replace(name string, data []byte) []Op {
	tmp := name + ".tmp"
	return []Op{
		{Kind: Create, Name: tmp},
		{Kind: Append, Name: tmp, Data: data},
		{Kind: Sync, Name: tmp},
		{Kind: Rename, Name: tmp, To: name},
		{Kind: SyncDir},
	}
}
