package tidy

import (
	"fmt"
	"slices"
)

// Light says which third-party modules a package that other programs import may pull in,
// itself and through all that it imports. Patterns as in Never; the first row that
// matches counts.
type Light struct {
	Pattern string
	Modules []string
	Reason  string
}

const porcupine = "github.com/anishathalye/porcupine"

// Lights is the table of what stays light.
var Lights = []Light{
	{"history", nil, "anything may record evidence"},
	{"checkers/...", []string{porcupine}, "the independent linearizability checker"},
	{"client/runtimetest", []string{"github.com/stretchr/testify", "go.yaml.in/yaml/v3"}, "tests of a twin build the suite, nobody else does"},
	{"client/...", nil, "production code may use the client"},
	{"recipes/...", nil, "production code may use the recipes"},
	{"zootest", []string{porcupine}, "a user's go test builds the checkers; the client under test is the user's, in any version or fork"},
}

// checkModules complains about third-party modules that a light package pulls in.
func checkModules(packages []*Package, lights []Light) (all []Complaint) {
	for _, p := range packages {
		for _, m := range p.Modules {
			if l := lightOf(p.Path, lights); l != nil && !slices.Contains(l.Modules, m) {
				all = append(all, Complaint{p.Path, "modules", fmt.Sprintf("package %s pulls in the module %s, which is not in its row of Lights", p.Path, m)})
			}
		}
	}
	return sorted(all)
}

func lightOf(path string, lights []Light) *Light {
	for i := range lights {
		if matchesPattern(path, lights[i].Pattern) {
			return &lights[i]
		}
	}
	return nil
}
