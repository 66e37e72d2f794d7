package acl

import (
	"crypto/sha1"
	"encoding/base64"
	"slices"

	"github.com/zoobreak/zoobreak/wire"
)

// Authenticate adds to who what a credential shows. It is not ok if there is no such
// scheme, or none that takes credentials: the connection then ends.
func (p Policy) Authenticate(who []Identity, scheme string, credential []byte) (now []Identity, ok bool) {
	switch scheme {
	case ip:
		return who, true // its address was known from the start
	case digest:
		id := Digest(string(credential))
		if p.SuperDigest != "" && id == p.SuperDigest {
			who = with(who, Identity{super, ""})
		}
		return with(who, Identity{digest, id}), true
	}
	return who, false
}

// with returns who with one more. The old list stays as it is: requests under way have it.
func with(who []Identity, id Identity) []Identity {
	if slices.Contains(who, id) {
		return who
	}
	return append(slices.Clip(who), id)
}

// Digest returns the id of "user:password", under which lists name that user.
func Digest(credential string) string {
	hash := sha1.Sum([]byte(credential))
	return user(credential) + ":" + base64.StdEncoding.EncodeToString(hash[:])
}

// Encode appends identities, for a request that goes on to the leader.
func Encode(e *wire.Encoder, who []Identity) {
	e.Int32(int32(len(who)))
	for _, id := range who {
		e.String(id.Scheme)
		e.String(id.ID)
	}
}

// Decode reads what Encode has written.
func Decode(d *wire.Decoder) (who []Identity) {
	for n := d.Int32(); n > 0 && d.Err() == nil; n-- {
		who = append(who, Identity{d.String(), d.String()})
	}
	return who
}
