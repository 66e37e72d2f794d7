package tree

import (
	"maps"
	"slices"
	"strings"
)

// fewChildren is up to where a list is both smaller and faster than a map.
const fewChildren = 8

// children are the nodes below one node: a list while they are few. A leaf has a nil one.
type children struct {
	few  []child
	many map[string]*Node // instead, from then on
}

type child struct {
	name string
	node *Node
}

func (c *children) len() int {
	switch {
	case c == nil:
		return 0
	case c.many != nil:
		return len(c.many)
	}
	return len(c.few)
}

func (c *children) get(name string) *Node {
	switch {
	case c == nil:
		return nil
	case c.many != nil:
		return c.many[name]
	}
	for i := range c.few {
		if c.few[i].name == name {
			return c.few[i].node
		}
	}
	return nil
}

// add puts a node that is not there yet. The name is copied: it is a part of a path, which
// would stay in memory with it.
func (n *Node) add(name string, x *Node) {
	if n.children == nil {
		n.children = &children{}
	}
	c := n.children
	name = strings.Clone(name)
	switch {
	case c.many != nil:
		c.many[name] = x
	case len(c.few) < fewChildren:
		c.few = append(c.few, child{name, x})
	default:
		c.many = make(map[string]*Node, 2*fewChildren)
		for _, k := range c.few {
			c.many[k.name] = k.node
		}
		c.many[name], c.few = x, nil
	}
}

func (n *Node) remove(name string) {
	c := n.children
	if c.many != nil {
		delete(c.many, name)
	} else {
		c.few = slices.DeleteFunc(c.few, func(k child) bool { return k.name == name })
	}
	if c.len() == 0 {
		n.children = nil
	}
}

func (c *children) sorted() []string {
	switch {
	case c == nil:
		return []string{}
	case c.many != nil:
		return slices.Sorted(maps.Keys(c.many))
	}
	names := make([]string, len(c.few))
	for i := range c.few {
		names[i] = c.few[i].name
	}
	slices.Sort(names)
	return names
}

// each visits the children in no order that means anything.
func (c *children) each(visit func(name string, n *Node)) {
	if c == nil {
		return
	}
	for _, k := range c.few {
		visit(k.name, k.node)
	}
	for name, n := range c.many { //tidy:order-free by contract: who needs an order asks for sorted names
		visit(name, n)
	}
}
