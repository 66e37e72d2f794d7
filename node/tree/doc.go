// Package tree is the replicated state: znodes and sessions, changed by transactions.
//
// Owns: Txn and its encoding, the znode tree with its Stats, the ACLs that its nodes share,
// the usage of quotas, the session table, the incremental digest, and the snapshot form of
// all of it.
//
// Does not own: validating requests (node/prep makes transactions that cannot fail), who
// may do what (node/acl), or who watches.
//
// May import: wire, internal/rng (for hashing), internal/invariant.
//
// Start reading at: Tree.Apply.
package tree
