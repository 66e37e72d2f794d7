package rng

import "math/bits"

// Key is a purpose under a seed. Derive narrower purposes with Of and Int.
type Key uint64

// New returns the root key of a seed.
func New(seed uint64) Key { return Key(mix(seed ^ 0x9e3779b97f4a7c15)) }

// Of narrows the key by a name.
func (k Key) Of(name string) Key { return Key(mix(uint64(k) ^ HashString(name))) }

// Int narrows the key by a number.
func (k Key) Int(n uint64) Key { return Key(mix(uint64(k) + 0x9e3779b97f4a7c15*(n+1))) }

// Uint64 is the value of this key.
func (k Key) Uint64() uint64 { return mix(uint64(k) ^ 0xd1b54a32d192ed03) }

// Below returns a value in [0, n). n must be positive. Its bias is below n/2^64.
func (k Key) Below(n uint64) uint64 {
	if n == 0 {
		panic("rng: Below needs a positive bound")
	}
	hi, _ := bits.Mul64(k.Uint64(), n)
	return hi
}

// Between returns a value in [lo, hi], both included.
func (k Key) Between(lo, hi int64) int64 {
	if hi < lo {
		panic("rng: Between needs lo <= hi")
	}
	n := uint64(hi-lo) + 1
	if n == 0 { // all 2^64 values
		return int64(k.Uint64())
	}
	return lo + int64(k.Below(n))
}

// Chance is true with probability num in den.
func (k Key) Chance(num, den uint64) bool { return k.Below(den) < num }

// mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit
// changes every output bit with probability close to one half.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Mix folds b into a. Not commutative.
func Mix(a, b uint64) uint64 { return mix(bits.RotateLeft64(a, 23)*0x9e3779b97f4a7c15 ^ b) }

// HashString is a 64-bit hash of s, the same in every process and on every machine.
func HashString(s string) uint64 {
	h := uint64(len(s))
	for len(s) >= 8 {
		h = Mix(h, load8(s))
		s = s[8:]
	}
	return Mix(h, loadTail(s))
}

// HashBytes is HashString of the bytes.
func HashBytes(b []byte) uint64 {
	h := uint64(len(b))
	for len(b) >= 8 {
		h = Mix(h, load8(b))
		b = b[8:]
	}
	return Mix(h, loadTail(b))
}

func load8[T string | []byte](s T) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func loadTail[T string | []byte](s T) (x uint64) {
	for i := range len(s) {
		x |= uint64(s[i]) << (8 * i)
	}
	return x
}
