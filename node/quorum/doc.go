// Package quorum is who belongs to an ensemble, and how many of them are enough.
//
// Owns: members with their roles and addresses, configurations with their text form
// (the data of /zookeeper/config), quorums by majority and by weighted groups, joint
// quorums while a configuration changes, and the rules for changing one.
//
// Does not own: when a configuration changes, or who is alive (package node).
//
// May import: wire.
//
// Start reading at: Config.Quorum, then Config.Change.
package quorum
