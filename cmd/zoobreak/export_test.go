package main

import "github.com/zoobreak/zoobreak/scenarios"

// MainWith is this program with more scenarios.
func MainWith(more ...*scenarios.Scenario) {
	planted = more
	main()
}
