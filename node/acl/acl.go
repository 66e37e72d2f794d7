package acl

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// The schemes.
const (
	world  = "world"
	auth   = "auth"
	digest = "digest"
	ip     = "ip"
	super  = "super"
)

// Identity is one thing that a connection has shown to be. The first of a connection is
// its address.
type Identity struct{ Scheme, ID string }

// FromAddress is what every connection shows without being asked. It does not count as
// authenticated: everybody has an address.
func FromAddress(host string) Identity { return Identity{ip, host} }

// Policy is what the checks of all servers of an ensemble go by.
type Policy struct {
	Skip        bool   // everybody may do everything
	SuperDigest string // "super:hash" of who is above all lists; empty: nobody
}

// Allowed reports whether somebody has one of the permissions. A node without a list is
// open to all (A9).
func (p Policy) Allowed(list []wire.ACL, perms int32, who []Identity) bool {
	if p.Skip || len(list) == 0 || isSuper(who) {
		return true
	}
	for i := range list {
		if list[i].Perms&perms != 0 && grants(&list[i], who) {
			return true
		}
	}
	return false
}

func isSuper(who []Identity) bool {
	for i := range who {
		if who[i].Scheme == super {
			return true
		}
	}
	return false
}

// grants reports whether an entry is about one of the identities.
func grants(a *wire.ACL, who []Identity) bool {
	if everybody(a) {
		return true
	}
	for i := range who {
		if who[i].Scheme == a.Scheme && (who[i].ID == a.ID || a.Scheme == ip && contains(a.ID, who[i].ID)) {
			return true
		}
	}
	return false
}

func everybody(a *wire.ACL) bool { return a.Scheme == world && a.ID == "anyone" }

func contains(network, host string) bool {
	prefix, ok := parseNetwork(network)
	address, err := netip.ParseAddr(host)
	return ok && err == nil && prefix.Contains(address)
}

// parseNetwork reads "address" or "address/bits".
func parseNetwork(s string) (prefix netip.Prefix, ok bool) {
	host, length, given := strings.Cut(s, "/")
	address, err := netip.ParseAddr(host)
	if err != nil {
		return prefix, false
	}
	bits := address.BitLen()
	if given {
		if bits, err = strconv.Atoi(length); err != nil || bits < 0 || bits > address.BitLen() {
			return prefix, false
		}
	}
	return netip.PrefixFrom(address, bits), true
}

// Fix returns a list as it is stored: each entry once, and "auth" replaced by what its
// creator has authenticated as. It is not ok if that leaves nothing, or if an entry makes
// no sense: the answer is then InvalidACL.
func Fix(list []wire.ACL, who []Identity) (fixed []wire.ACL, ok bool) {
	for i := range list {
		a := &list[i]
		switch {
		case slices.Contains(list[:i], *a):
		case a.Scheme == auth:
			before := len(fixed)
			if fixed = appendAuthenticated(fixed, a.Perms, who); len(fixed) == before {
				return nil, false
			}
		case !valid(a):
			return nil, false
		default:
			fixed = append(fixed, *a)
		}
	}
	return fixed, len(fixed) > 0
}

func appendAuthenticated(list []wire.ACL, perms int32, who []Identity) []wire.ACL {
	for _, id := range who {
		if id.Scheme == digest {
			list = append(list, wire.ACL{Perms: perms, Scheme: id.Scheme, ID: id.ID})
		}
	}
	return list
}

func valid(a *wire.ACL) bool {
	switch a.Scheme {
	case world:
		return everybody(a)
	case digest: // "user:hash", where Java's split leaves out what is empty behind
		return strings.Count(strings.TrimRight(a.ID, ":"), ":") == 1
	case ip:
		_, ok := parseNetwork(a.ID)
		return ok
	}
	return false
}

// Masked hides the hashes in a list, which stand for passwords, from those who may not
// change it.
func Masked(list []wire.ACL) []wire.ACL {
	out := slices.Clone(list)
	for i := range out {
		if out[i].Scheme == digest {
			out[i].ID = user(out[i].ID) + ":x"
		}
	}
	return out
}

func user(id string) string {
	name, _, _ := strings.Cut(id, ":")
	return name
}

// Users returns who a connection is, without what would prove it (whoAmI).
func Users(who []Identity) []wire.ClientInfo {
	out := make([]wire.ClientInfo, 0, len(who))
	for _, id := range who {
		if id.Scheme == digest {
			id.ID = user(id.ID)
		}
		out = append(out, wire.ClientInfo{Scheme: id.Scheme, User: id.ID})
	}
	return out
}
