package acl

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

var (
	here  = FromAddress("10.1.2.3")
	alice = Identity{digest, Digest("alice:secret")}
	above = Identity{super, ""}
)

func TestWhoMayDoWhat(t *testing.T) {
	for _, c := range []struct {
		name  string
		list  []wire.ACL
		perms int32
		who   []Identity
		want  bool
	}{
		{"no list", nil, wire.PermWrite, nil, true},
		{"everybody", wire.WorldACL(wire.PermRead), wire.PermRead, nil, true},
		{"everybody, but not this", wire.WorldACL(wire.PermRead), wire.PermWrite, nil, false},
		{"one of two permissions", wire.WorldACL(wire.PermAdmin), wire.PermRead | wire.PermAdmin, nil, true},
		{"the user", []wire.ACL{{Perms: 31, Scheme: digest, ID: alice.ID}}, wire.PermRead, []Identity{here, alice}, true},
		{"somebody else", []wire.ACL{{Perms: 31, Scheme: digest, ID: alice.ID}}, wire.PermRead, []Identity{here}, false},
		{"the address", []wire.ACL{{Perms: 31, Scheme: ip, ID: "10.1.2.3"}}, wire.PermRead, []Identity{here}, true},
		{"the network", []wire.ACL{{Perms: 31, Scheme: ip, ID: "10.1.0.0/16"}}, wire.PermRead, []Identity{here}, true},
		{"another network", []wire.ACL{{Perms: 31, Scheme: ip, ID: "10.2.0.0/16"}}, wire.PermRead, []Identity{here}, false},
		{"the second entry", append(wire.WorldACL(wire.PermRead), wire.ACL{Perms: wire.PermWrite, Scheme: digest, ID: alice.ID}), wire.PermWrite, []Identity{alice}, true},
		{"super", []wire.ACL{{Perms: 31, Scheme: digest, ID: "x:y"}}, wire.PermAdmin, []Identity{here, above}, true},
	} {
		require.Equal(t, c.want, Policy{}.Allowed(c.list, c.perms, c.who), c.name)
		require.True(t, Policy{Skip: true}.Allowed(c.list, c.perms, c.who), c.name)
	}
}

func TestFix(t *testing.T) {
	entry := func(scheme, id string) wire.ACL { return wire.ACL{Perms: 1, Scheme: scheme, ID: id} }
	anyone, other := entry(world, "anyone"), wire.ACL{Perms: 2, Scheme: world, ID: "anyone"}
	for _, c := range []struct {
		name string
		list []wire.ACL
		who  []Identity
		want []wire.ACL // nil: it is refused
	}{
		{"empty", nil, nil, nil},
		{"twice the same", []wire.ACL{anyone, anyone}, nil, []wire.ACL{anyone}},
		{"twice, with other permissions", []wire.ACL{anyone, other}, nil, []wire.ACL{anyone, other}},
		{"the world is anyone", []wire.ACL{entry(world, "me")}, nil, nil},
		{"auth", []wire.ACL{entry(auth, ""), anyone}, []Identity{here, alice}, []wire.ACL{entry(digest, alice.ID), anyone}},
		{"auth of nobody", []wire.ACL{anyone, entry(auth, "")}, []Identity{here}, nil},
		{"digest", []wire.ACL{entry(digest, "a:b")}, nil, []wire.ACL{entry(digest, "a:b")}},
		{"digest without a hash", []wire.ACL{entry(digest, "a:")}, nil, nil},
		{"digest with two colons", []wire.ACL{entry(digest, "a:b:c")}, nil, nil},
		{"digest with a colon behind", []wire.ACL{entry(digest, "a:b:")}, nil, []wire.ACL{entry(digest, "a:b:")}},
		{"network", []wire.ACL{entry(ip, "10.0.0.0/8")}, nil, []wire.ACL{entry(ip, "10.0.0.0/8")}},
		{"network too narrow", []wire.ACL{entry(ip, "10.0.0.0/33")}, nil, nil},
		{"no address", []wire.ACL{entry(ip, "localhost")}, nil, nil},
		{"no scheme", []wire.ACL{entry("sasl", "me")}, nil, nil},
	} {
		got, ok := Fix(c.list, c.who)
		require.Equal(t, c.want, got, c.name)
		require.Equal(t, c.want != nil, ok, c.name)
	}
}

// The digest of super:test is the one that test suites configure.
func TestAuthenticate(t *testing.T) {
	p := Policy{SuperDigest: "super:D/InIHSb7yEEbrWz8b9l71RjZJU="}
	who, ok := p.Authenticate([]Identity{here}, digest, []byte("super:test"))
	require.True(t, ok)
	require.Equal(t, []Identity{here, above, {digest, p.SuperDigest}}, who)
	again, _ := p.Authenticate(who, digest, []byte("super:test"))
	require.Equal(t, who, again)
	who, _ = p.Authenticate([]Identity{here}, digest, []byte("super:guess"))
	require.Len(t, who, 2)
	for _, scheme := range []string{world, auth, super, "sasl", "x509", ""} {
		_, ok := p.Authenticate(nil, scheme, []byte("x"))
		require.False(t, ok, scheme)
	}
	var e wire.Encoder
	Encode(&e, who)
	require.Equal(t, who, Decode(wire.NewDecoder(e.Buf)))
}

func TestWhatIsHidden(t *testing.T) {
	list := []wire.ACL{{Perms: 1, Scheme: digest, ID: "a:hash"}, {Perms: 1, Scheme: ip, ID: "10.0.0.1"}}
	require.Equal(t, []wire.ACL{{Perms: 1, Scheme: digest, ID: "a:x"}, list[1]}, Masked(list))
	require.Equal(t, "a:hash", list[0].ID)
	require.Equal(t, []wire.ClientInfo{{Scheme: ip, User: "10.1.2.3"}, {Scheme: digest, User: "alice"}}, Users([]Identity{here, alice}))
}
