package tidy

import "strings"

// everyPure stands in a row's From for every package of the pure zone.
const everyPure = "(the pure zone)"

// to reads a row's targets: import paths separated by spaces.
func to(paths string) []string { return strings.Fields(paths) }

// Arrows is the table of allowed imports; everything else is forbidden. To add a package,
// add its row; an arrow needs its reason. Rows of packages that do not exist yet keep
// their place.
var Arrows = []Arrow{
	{everyPure, to("internal/rng internal/invariant"), "randomness is keyed and assertions are on wherever results must repeat"},
	{"internal/rng", nil, "leaf: a value is a hash of its key"},
	{"internal/invariant", nil, "leaf: it panics, and knows nothing of what it asserts"},
	{"internal/inbox", nil, "leaf: it hands on functions and items, and knows nothing of what they do"},
	{"internal/testport", nil, "leaf: port numbers for tests"},
	{"internal/testcert", nil, "leaf: certificates for tests"},
	{"internal/tidy", nil, "reads the sources of all packages and uses none"},

	// The leaves: interfaces and values.
	{"clock", nil, "leaf: instants and the alarm interface"},
	{"net", nil, "leaf: the connection interface"},
	{"disk", nil, "leaf: the interface of a log's primitives"},
	{"wire", nil, "leaf: values of the protocol and their bytes"},
	{"history", to("clock wire"), "evidence is made of instants, zxids and codes"},
	{"history/tap", to("history wire clock"), "turns the bytes of one connection into evidence"},
	{"scenarios/outcome", to("history"), "an outcome carries its evidence"},

	// The real world, and the suites that hold it to what the simulated one promises.
	{"clock/wall", to("clock internal/inbox"), "a twin keeps its interface on the machine's clocks, and reports to its owner's thread"},
	{"net/tcp", to("net internal/inbox"), "a twin keeps its interface with sockets, and reports to its owner's thread"},
	{"disk/osdisk", to("disk internal/inbox"), "a twin keeps its interface with files, and reports to its owner's thread"},
	{"clock/clocktest", to("clock github.com/stretchr/testify"), "one suite for both twins: it knows the interface, and requires"},
	{"net/nettest", to("net github.com/stretchr/testify"), "one suite for both twins: it knows the interface, and requires"},
	{"disk/disktest", to("disk github.com/stretchr/testify"), "one suite for both twins: it knows the interface, and requires"},

	// What programs of clients are written against, in both worlds.
	{"client", to("clock internal/rng"), "leaf: interfaces with instants and keyed randomness"},
	{"client/realtime", to("client clock clock/wall internal/inbox"), "a twin keeps its interface with goroutines, on the machine's clock, and has one thread"},
	{"client/realtime", to("internal/rng"), "a program's randomness is keyed too, though the package is outside the pure zone"},
	{"client/runtimetest", to("client clock internal/rng github.com/stretchr/testify"), "one suite for both twins: it knows the interface, and requires"},

	// One server.
	{"node/quorum", to("wire"), "a configuration has the zxid of the transaction that made it"},
	{"node/bugs", nil, "leaf: names of switches"},
	{"node/tree", to("wire"), "znodes have paths, zxids and Stats"},
	{"node/acl", to("wire"), "lists and credentials are values of the protocol"},
	{"node/prep", to("wire node/tree node/acl"), "judges requests by the state, and by who asks, and makes transactions of them"},
	{"node/watch", to("node/tree wire"), "watches are armed on paths and fired by what a transaction did to the tree"},
	{"node/txnlog", to("disk node/tree wire"), "a log is disk operations that carry transactions"},
	{"node", to("wire history clock"), "values only: what arrives, what was done, and when"},
	{"node", to("node/tree node/acl node/prep node/watch node/bugs node/quorum"), "its own parts"},
	{"node/host", to("node node/tree node/txnlog node/bugs"), "feeds events to a node and carries out the effects, saves through the log"},
	{"node/host", to("net disk clock"), "the interfaces that effects are carried out on; the twin behind them is not its business"},
	{"node/host", to("history"), "hands on the facts that a node reports"},

	// The same server as a process of this machine.
	{"server/gate", to("net clock wire node/host"), "a network in front of another, which looks at the beginning of frames, and knows the host's port for clients"},
	{"server/status", to("node node/tree node/watch server/gate clock wire"), "tells what these know"},
	{"server", to("node node/quorum node/host history"), "boots a node on its host, finds the other servers, and logs the facts"},
	{"server", to("node/txnlog"), "says how the disk is used, and reports what a start finds on it"},
	{"server", to("node/tree"), "hands the state to who tells about it"},
	{"server", to("clock net disk clock/wall net/tcp disk/osdisk internal/inbox"), "on the real twins, whose events come to one thread"},
	{"server", to("server/gate server/status wire"), "its own parts; a frame's limit is the protocol's"},
	{"server/zoocfg", to("server server/status node node/quorum"), "settings become a configuration; it knows the names of words, and the form of members"},
	{"cmd/zoobreak", to("server server/zoocfg"), "serve"},
	{"cmd/zoobreak", to("node/txnlog disk/osdisk"), "fsck reads a directory of this machine"},

	// The simulated world. A service enters it as sim.Server.
	{"sim/kernel", to("clock"), "the queue is ordered by instants"},
	{"sim/proc", to("client sim/kernel clock"), "a twin keeps its interface with coroutines that events of the kernel resume, at instants"},
	{"sim/proc", to("internal/rng"), "a program's randomness is keyed too, though the package is outside the pure zone"},
	{"sim/fault", to("clock"), "clauses have times"},
	{"sim/fault", to("history wire"), "the budget judges from what servers report that they have made durable"},
	{"sim/fault", to("scenarios/outcome"), "a ledger's lines are plain results, and outcome is a leaf"},
	{"sim/divergence", to("sim/kernel"), "samples the events of a kernel"},
	{"sim/divergence", to("scenarios/outcome"), "a sample is a plain result, and outcome is a leaf"},
	{"scenarios", to("sim/divergence"), "keeps samples of a run where they are asked for"},
	{"scenarios/worker", to("sim/divergence"), "a request may ask for a window of events"},
	{"cmd/zoobreak", to("sim/divergence"), "doctor shows where two runs part"},
	{"sim/resource", to("net clock history"), "a process behind the network interface, whose effects are evidence"},
	{"sim/resource", to("wire"), "frames its few messages as the protocol does"},
	{"clock/simclock", to("clock sim/kernel"), "a twin keeps its interface on the kernel's time"},
	{"net/simnet", to("net clock sim/kernel"), "a twin keeps its interface with the kernel's events"},
	{"disk/simdisk", to("disk clock sim/kernel"), "a twin keeps its interface with the kernel's events"},
	{"sim", to("wire"), "a clause can wait for a transaction that is committed and not applied"},
	{"sim", to("sim/kernel sim/fault"), "the world is a kernel and what goes wrong in it"},
	{"sim", to("clock net disk clock/simclock net/simnet disk/simdisk"), "each process gets the twins, behind their interfaces"},
	{"sim", to("history"), "the world reports what it did, and triggers read what replicas did"},
	{"sim/guest", to("sim/kernel net/simnet"), "drives a bubble one event at a time, and its connections live on the simulated network"},
	{"sim/guest", to("net clock wire history history/tap"), "connections, instants, session ids, and the evidence of the calls and bytes of a guest"},
	{"sim/guest", to("sim/resource"), "a guest's counters are kept there"},
	{"sim/guest", to("internal/rng"), "a guest's randomness is keyed too, though the package is outside the pure zone"},

	// Clients and what they do.
	{"client/native", to("net clock wire"), "one session over the connection interface"},
	{"workloads", to("client/native wire clock net history"), "programs that drive operations through a client and say what they saw"},
	{"workloads/wire", to("workloads wire net clock history"), "a client of the protocol alone, that carries out operations of a plan and writes down every frame"},
	{"workloads/wire", to("history/tap"), "its requests are operations in the evidence, too"},
	{"workloads/wire", to("internal/rng"), "draws operations"},
	{"workloads/guest", to("workloads"), "the operations of a plan"},
	{"workloads/guest", to("sim/guest"), "programs written as a user would write them, on the process a guest is given"},
	{"workloads/guest", to("github.com/go-zookeeper/zk"), "the unmodified client library that these programs are about"},

	// Judging and composing.
	{"checkers", to("history wire clock"), "judges read evidence and its values"},
	{"checkers", to("scenarios/outcome"), "what a judge returns is the plain result type, a leaf"},
	{"checkers", to("checkers/model"), "what every answer must be"},
	{"checkers", to("github.com/anishathalye/porcupine"), "the independent linearizability checker"},
	{"checkers/invariants", to("history wire clock scenarios/outcome"), "judges facts as they are reported, and returns a plain result"},
	{"checkers/model", to("wire"), "the reference model answers in the values of the protocol, and shares nothing else with the server it judges"},
	{"internal/conformance", to("wire"), "recordings name operations by their codes"},
	{"scenarios", to("sim sim/kernel sim/fault sim/guest sim/resource"), "builds the world"},
	{"scenarios", to("net net/simnet disk disk/simdisk clock"), "places hosts in it, with the networks and disks that a plan asks for"},
	{"scenarios", to("node node/host node/bugs node/quorum"), "starts the servers, with the switches and the ensemble asked for"},
	{"scenarios", to("node/txnlog"), "collects its marks, as those of the servers and clients"},
	{"scenarios", to("client/native workloads"), "starts the clients; programs for guests are handed in, so that zootest builds no client library"},
	{"scenarios", to("history history/tap wire"), "has the evidence recorded"},
	{"scenarios", to("checkers checkers/invariants"), "has it judged, at the end and while it runs"},
	{"scenarios", to("workloads/wire checkers/model"), "starts raw clients, and knows how the servers are set that the model judges"},
	{"scenarios", to("scenarios/outcome"), "returns what came of it"},
	{"scenarios/worker", to("scenarios scenarios/outcome history"), "runs scenarios in child processes"},
	{"scenarios/worker", to("sim/guest"), "sets the GODEBUG that guests need before the child starts"},

	// For people.
	{"examples/register", to("net disk clock"), "a service of your own knows the interfaces, and no world"},
	{"examples/register", to("wire"), "its scenario tells the world who leads, which is a fact about an epoch"},
	{"examples/register", to("sim sim/fault scenarios scenarios/outcome workloads checkers history"), "its scenario puts it into one"},
	{"examples/register", to("github.com/anishathalye/porcupine"), "judges it"},
	{"scenarios/campaign", to("scenarios scenarios/worker scenarios/outcome"), "spreads seeds over workers and makes something of the failures"},
	{"scenarios/campaign", to("reports"), "keeps a finding's text beside its data"},
	{"reports", to("scenarios/outcome history clock wire"), "renders outcomes with the standard library alone, so that zootest can use it"},
	{"reports/plots", to("reports scenarios/outcome history clock"), "draws the story that reports selects"},
	{"reports/plots", to("gonum.org/v1/plot"), "the only package that draws; kept apart so that go test of a user does not build it"},
	{"zootest", to("scenarios scenarios/worker scenarios/campaign scenarios/outcome workloads"), "a hunt from go test"},
	{"zootest", to("sim/guest"), "the process that a user's function is given"},
	{"zootest", to("checkers"), "knows which rules there are to accept"},
	{"zootest", to("reports"), "prints the failure"},
	{"cmd/zoobreak", to("scenarios scenarios/worker scenarios/campaign scenarios/outcome"), "the verbs"},
	{"cmd/zoobreak", to("checkers checkers/invariants node/bugs sim/fault"), "lists what there is"},
	{"internal/readme", nil, "runs what the documents show; its tests start the go command"},
	{"cmd/zoobreak", to("examples/register"), "hunts the example like everything else"},
	{"cmd/zoobreak", to("workloads/guest"), "hands the built-in programs for guests to scenarios"},
	{"cmd/zoobreak", to("reports reports/plots"), "writes the report's directory"},
	{"cmd/zoobreak", to("github.com/spf13/cobra"), "flags and help"},
}

// Nevers is what no row may bring about.
var Nevers = []Never{
	{From: "node/...", To: "sim/...", Reason: "a server does not know which world it is in"},
	{From: "client/...", To: "sim/...", Reason: "a client does not know which world it is in"},
	{From: "recipes/...", To: "sim/...", Reason: "a recipe does not know which world it is in"},
	{From: "sim/...", To: "node/...", Reason: "a service enters as sim.Server, so that others can be simulated"},
	{From: "workloads/...", To: "checkers/...", Reason: "what drives the system must not know how it is judged"},
	{From: "checkers/...", To: "sim/...", Reason: "evidence from a real cluster is judged by the same checkers"},
	{From: "checkers/...", To: "node/...", Reason: "a judge that shares code with the accused shares its mistakes"},
	{From: "reports/...", To: "sim/...", Reason: "reports render and never run anything again"},
	{From: "reports/...", To: "checkers/...", Reason: "reports render and never decide"},
	{From: "zootest", To: "reports/plots", Reason: "go test of a user builds no plotting library"},
}
