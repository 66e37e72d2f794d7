package disk

import (
	"errors"
	"fmt"
	"io"
)

// Kind names a primitive.
type Kind uint8

// The primitives. A change of a file's bytes or size is durable after Sync of the file; a
// change of names (a file created, renamed, removed) is durable after SyncDir.
const (
	// Create makes Name, empty. An existing file is emptied, which is a change of its bytes:
	// until Sync a power failure may leave it full, empty, or anything between.
	Create Kind = 1 + iota
	// Append adds Data behind what has been written. One that fails may leave a prefix.
	Append
	// Truncate cuts Name to Size bytes, reserved ones included.
	Truncate
	// Sync makes the bytes and the size of Name durable. A sync that fails stays failed: the
	// system may have dropped what it could not write, and would call a second attempt a
	// success. So every later Sync and SyncDir of this owner fails as well, and what was not
	// durable before is in an unknown state.
	Sync
	// Rename calls Name To, replacing atomically what was called that.
	Rename
	// Remove deletes Name; a missing file is no error.
	Remove
	// SyncDir makes names durable.
	SyncDir
	// Preallocate makes room for Size bytes in Name. The file has that size from then on and
	// reads as zeroes behind what has been written; Append writes there first. Nothing on
	// a disk says where that is, so it is known to the owner that wrote and to no later one:
	// after a restart everything up to the size counts as written, and whoever wants to go
	// on cuts the file where its content ends. A file of that size already is left alone.
	Preallocate

	// ReadAt, Size and List answer at once and are never submitted; errors name them.
	ReadAt
	Size
	List
)

var kindNames = [...]string{
	Create: "create", Append: "append", Truncate: "truncate", Sync: "sync", Rename: "rename", Remove: "remove",
	SyncDir: "syncdir", Preallocate: "preallocate", ReadAt: "read", Size: "size", List: "list",
}

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
	Size int64  // Truncate, Preallocate
}

// Done reports that a submitted batch has finished, or failed at its first bad
// operation; what came after that operation was not done.
type Done struct {
	ID  uint64
	Err error // an *Error
}

// Reader is one directory of files, to be read. Every error is an *Error.
type Reader interface {
	// List returns the names of all files, sorted. An owner that took "cannot be listed" for
	// "there are none" would begin anew, and forget what it has promised.
	List() ([]string, error)
	// Size returns how many bytes a file has, reserved ones included.
	Size(name string) (int64, error)
	// ReadAt fills b with the bytes of a file from an offset on; as an io.ReaderAt does, it
	// returns io.EOF, and nothing else, with fewer bytes than asked for.
	ReadAt(name string, b []byte, offset int64) (int, error)
}

// Disk is one directory of files. Reads answer at once and are meant for start-up,
// before anything is submitted.
type Disk interface {
	Reader
	// Submit queues a batch. Batches run one after the other in the order submitted,
	// operations within one in order; Done arrives in the owner's inbox when the last
	// operation of the batch has finished.
	Submit(id uint64, ops []Op)
}

// Read returns all bytes of a file.
func Read(d Reader, name string) ([]byte, error) {
	size, err := d.Size(name)
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	n, err := d.ReadAt(name, b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b[:n], nil
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
