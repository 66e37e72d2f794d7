package model

import (
	"crypto/sha1"
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// Identity is one thing that a connection has shown to be.
type Identity struct{ Scheme, ID string }

// allowed reports whether somebody with these identities has the permission.
func (s *State) allowed(acl []wire.ACL, perm int32, who []Identity) bool {
	if s.cfg.SkipACL || len(acl) == 0 {
		return true
	}
	for _, id := range who {
		if id.Scheme == "super" {
			return true
		}
	}
	for _, a := range acl {
		if a.Perms&perm == 0 {
			continue
		}
		if a.Scheme == "world" && a.ID == "anyone" {
			return true
		}
		for _, id := range who {
			if id.Scheme == a.Scheme && matches(id, a.ID) {
				return true
			}
		}
	}
	return false
}

func matches(id Identity, expression string) bool {
	if id.Scheme != "ip" {
		return id.ID == expression
	}
	network, ok := parseNetwork(expression)
	address, err := netip.ParseAddr(id.ID)
	return ok && err == nil && network.Contains(address)
}

// parseNetwork reads "address" or "address/bits".
func parseNetwork(s string) (netip.Prefix, bool) {
	text, bits, given := strings.Cut(s, "/")
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	n := address.BitLen()
	if given {
		if n, err = strconv.Atoi(bits); err != nil || n < 0 || n > address.BitLen() {
			return netip.Prefix{}, false
		}
	}
	return netip.PrefixFrom(address, n), true
}

// fixACL returns the list that a node gets: without repetitions, and with the identities
// of its creator where it says "auth". It is not ok if it is empty or has an entry that
// makes no sense.
func fixACL(acl []wire.ACL, who []Identity) (fixed []wire.ACL, ok bool) {
	var unique []wire.ACL
	for _, a := range acl {
		if !slices.Contains(unique, a) {
			unique = append(unique, a)
		}
	}
	for _, a := range unique {
		switch {
		case a.Scheme == "world" && a.ID == "anyone":
			fixed = append(fixed, a)
		case a.Scheme == "auth":
			mine := shown(a.Perms, who)
			if len(mine) == 0 {
				return nil, false
			}
			fixed = append(fixed, mine...)
		case a.Scheme == "digest" && strings.Count(strings.TrimRight(a.ID, ":"), ":") == 1:
			fixed = append(fixed, a)
		case a.Scheme == "ip":
			if _, ok := parseNetwork(a.ID); !ok {
				return nil, false
			}
			fixed = append(fixed, a)
		default:
			return nil, false
		}
	}
	return fixed, len(fixed) > 0
}

// shown returns an entry for each identity that counts as authenticated: an address does
// not, because everybody has one.
func shown(perms int32, who []Identity) (acl []wire.ACL) {
	for _, id := range who {
		if id.Scheme == "digest" {
			acl = append(acl, wire.ACL{Perms: perms, Scheme: id.Scheme, ID: id.ID})
		}
	}
	return acl
}

// authenticate returns what a credential shows; ok is false if its scheme refuses it or
// is not known, and the connection then ends.
func (s *State) authenticate(scheme string, credential []byte) (ids []Identity, ok bool) {
	switch scheme {
	case "ip":
		return nil, true // every connection has shown its address already
	case "digest":
		user, _, _ := strings.Cut(string(credential), ":")
		hash := sha1.Sum(credential)
		id := user + ":" + base64.StdEncoding.EncodeToString(hash[:])
		if s.cfg.SuperDigest != "" && id == s.cfg.SuperDigest {
			ids = append(ids, Identity{"super", ""})
		}
		return append(ids, Identity{"digest", id}), true
	}
	return nil, false
}

// masked hides the hashes of passwords from those who may not change the list.
func masked(acl []wire.ACL) []wire.ACL {
	out := slices.Clone(acl)
	for i, a := range out {
		if a.Scheme == "digest" {
			user, _, _ := strings.Cut(a.ID, ":")
			out[i].ID = user + ":x"
		}
	}
	return out
}
