// Package conformance plays recordings of a real Apache ZooKeeper against a server of ours,
// and says where the answers differ, to the byte.
//
// Owns: the form of a recording, the player that sends its requests and writes down what
// comes back, and the comparison.
//
// Does not own: any server or connection. A World has them: the reference model, the
// service in the simulator, or one behind TCP. All get the same frames, and must answer
// with the same ones.
//
// May import: wire.
//
// Start reading at: Play.
package conformance
