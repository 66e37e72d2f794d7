package tidy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const sortFirst = "iteration over a map in the pure zone: sort the keys first, or say why the order cannot be observed: //tidy:order-free reason (order)"

func TestOrderFires(t *testing.T) {
	cases := []struct{ name, source, want string }{
		{"a map", `package p
func f(m map[int]int) {
	for range m {
	}
}`, "f.go:3: " + sortFirst},
		{"a named map", `package p
type set map[string]bool
func f(s set) (all []string) {
	for k := range s {
		all = append(all, k)
	}
	return all
}`, "f.go:4: " + sortFirst},
		{"the result of a call", `package p
func g() map[int]int { return nil }
func f() {
	for range g() {
	}
}`, "f.go:4: " + sortFirst},
		{"a type parameter", `package p
func f[M ~map[K]int, K comparable](m M) {
	for range m {
	}
}`, "f.go:3: " + sortFirst},
		{"an iterator", `package p
import "maps"
func f(m map[int]int) {
	for range maps.Keys(m) {
	}
}`, "f.go:4: " + sortFirst},
		{"an iterator that is collected unsorted", `package p
import ("maps"; "slices")
func f(m map[int]int) []int {
	return slices.Collect(maps.Values(m))
}`, "f.go:4: " + sortFirst},
		{"a permit without a reason", `package p
func f(s []int) {
	for range s { //tidy:order-free
	}
}`, "f.go:3: //tidy:order-free gives no reason (order)"},
		{"a permit for nothing", `package p
func f(s []int) {
	for range s { //tidy:order-free a slice has an order
	}
}`, "f.go:3: //tidy:order-free permits nothing: there is no iteration over a map here (order)"},
		{"a permit two lines above", `package p
func f(m map[int]int) {
	for range m { //tidy:order-free nothing is done
		for range m {
			for range m {
			}
		}
	}
}`, "f.go:5: " + sortFirst},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, []string{c.want}, complainAboutPurity(t, c.source))
		})
	}
}

func TestOrderIsSilent(t *testing.T) {
	cases := []struct{ name, source string }{
		{"slices, strings, numbers, functions", `package p
func f(s []int, seq func(func(int) bool)) {
	for range s {
	}
	for range "text" {
	}
	for range 3 {
	}
	for range seq {
	}
}`},
		{"sorted keys", `package p
import ("maps"; "slices")
func f(m map[int]int) {
	for range slices.Sorted(maps.Keys(m)) {
	}
}`},
		{"a permit on the line", `package p
func f(m map[int]int) (sum int) {
	for _, v := range m { //tidy:order-free addition commutes
		sum += v
	}
	return sum
}`},
		{"a permit on the line above", `package p
func f(m map[int]int) (sum int) {
	//tidy:order-free addition commutes
	for _, v := range m {
		sum += v
	}
	return sum
}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { require.Empty(t, complainAboutPurity(t, c.source)) })
	}
}
