package model

import "strings"

// validPath is ZooKeeper's rule for the paths of writes: absolute, no empty, "." or ".."
// part, and none of the characters that it reserves. It counts in UTF-16, so whatever lies
// beyond the basic plane is written with surrogates, and those are among the reserved.
func validPath(path string) bool {
	if path == "/" {
		return true
	}
	rest, absolute := strings.CutPrefix(path, "/")
	if !absolute {
		return false
	}
	for _, part := range strings.Split(rest, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	for _, r := range path {
		if r <= 0x1f || 0x7f <= r && r <= 0x9f || 0xd800 <= r && r <= 0xf8ff || 0xfff0 <= r {
			return false
		}
	}
	return true
}
