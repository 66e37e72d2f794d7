package prep

import (
	"strings"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// nearest returns the lowest of p and the paths above it that will have limits, or "".
func (v *View) nearest(p wire.Path) (at wire.Path) {
	if v.at(tree.QuotaRoot).children == 0 || tree.Own(p) {
		return ""
	}
	for i := 2; i <= len(p); i++ {
		if i < len(p) && p[i] != '/' {
			continue
		}
		if !v.at(tree.QuotaRoot + p[:i]).exists {
			break
		}
		if v.at(limits(p[:i])).exists {
			at = p[:i]
		}
	}
	return at
}

func limits(p wire.Path) wire.Path { return tree.QuotaRoot + p + "/" + tree.LimitsName }
func usage(p wire.Path) wire.Path  { return tree.QuotaRoot + p + "/" + tree.UsageName }

// charge keeps the usages as they will be, as the tree does when it applies.
func (v *View) charge(z wire.Zxid, p wire.Path, nodes, bytes int) {
	if nodes > 0 {
		if of, ok := tree.Recounted(p); ok {
			v.recount(z, of, p)
			return
		}
	}
	if at := v.nearest(p); at != "" {
		if r := v.at(usage(at)); r.exists {
			r.zxid, r.data = z, tree.ParseQuota(r.data).Plus(nodes, bytes)
			v.set(usage(at), r)
		}
	}
}

// recount sets a new usage to what there will be.
func (v *View) recount(z wire.Zxid, of, usage wire.Path) {
	if !v.at(of).exists {
		return
	}
	var nodes, bytes int64
	v.walk(of, func(r *record) { nodes, bytes = nodes+1, bytes+int64(len(r.data)) })
	r := v.at(usage)
	r.zxid, r.data = z, tree.Usage(nodes, bytes)
	v.set(usage, r)
}

// walk visits the nodes at and below a path, in no order that means anything.
func (v *View) walk(top wire.Path, visit func(*record)) {
	var descend func(p wire.Path, n *tree.Node)
	descend = func(p wire.Path, n *tree.Node) {
		if _, outstanding := v.records[p]; !outstanding {
			r := v.at(p)
			visit(&r)
		}
		for _, name := range n.Children() {
			descend(p+"/"+wire.Path(name), n.Child(name))
		}
	}
	if n := v.tree.Node(top); n != nil {
		descend(top, n)
	}
	for p, r := range v.records { //tidy:order-free by contract
		if r.exists && (p == top || strings.HasPrefix(string(p), string(top)+"/")) {
			visit(&r)
		}
	}
}

// exceeds reports whether a change would pass a hard limit, if those are enforced. It asks
// the view, not the tree: operations before it in the same multi count (Z56).
func (v *View) exceeds(p wire.Path, nodes, bytes int) bool {
	if !v.cfg.EnforceQuota {
		return false
	}
	at := v.nearest(p)
	if at == "" {
		return false
	}
	limit, used := tree.ParseQuota(v.at(limits(at)).data), tree.Quota{}
	if r := v.at(usage(at)); r.exists {
		used = tree.ParseQuota(r.data)
	}
	return nodes > 0 && limit.HardCount > -1 && used.Count+int64(nodes) > limit.HardCount ||
		bytes > 0 && limit.HardBytes > -1 && used.Bytes+int64(bytes) > limit.HardBytes
}
