package fault

// Kind says what goes wrong.
type Kind string

// The kinds.
const (
	Kill      Kind = "kill"      // the process dies; its machine closes its connections; it restarts after For
	Restart   Kind = "restart"   // the process dies, and its next life begins at the same instant
	PowerLoss Kind = "powerloss" // the machine loses power, and with it unsynced data; it restarts after For
	Pause     Kind = "pause"     // the process stands still; what is due meanwhile happens late, in order
	Isolate   Kind = "isolate"   // nothing gets from or to the hosts; among each other they talk
	Cut       Kind = "cut"       // nothing gets between the client and the servers, or over the link
	OneWay    Kind = "oneway"    // what the host sends does not arrive; what is sent to it does
	Halves    Kind = "halve"     // the servers fall into two groups, each client going with one
	Bridge    Kind = "bridge"    // two groups that have one server in common
	Ring      Kind = "ring"      // each server hears a majority, and no two the same one
	Scatter   Kind = "scatter"   // any two hosts are cut apart with chance one in three, any direction
	SlowLink  Kind = "slowlink"  // what is sent takes Extra longer
	Throttle  Kind = "throttle"  // what is sent shares a Bandwidth
	Refuse    Kind = "refuse"    // the host refuses whoever dials it
	HalfOpen  Kind = "halfopen"  // connections cease, and nobody is told
	Reset     Kind = "reset"     // connections break, with what is in flight
	SlowDisk  Kind = "slowdisk"  // each sync takes Extra longer
	SlowCPU   Kind = "slowcpu"   // each event takes Extra to handle, one after the other

	ClockRate   Kind = "clockrate"   // both clocks run at Percent of true time
	ClockFreeze Kind = "clockfreeze" // both clocks stand still, and then go on from there
	ClockStep   Kind = "clockstep"   // the calendar is wrong by Shift, and is slewed back
	ClockJump   Kind = "clockjump"   // the calendar jumps by Shift, and stays there
	Stall       Kind = "stall"       // one Stage of a server is not scheduled

	FailSync  Kind = "failsync"  // each sync fails
	FailWrite Kind = "failwrite" // each write fails
	Fill      Kind = "fill"      // the disk is full
	Wipe      Kind = "wipe"      // the process dies, and restarts after For with an empty disk
	Rot       Kind = "rot"       // the process dies, and restarts after For with synced bytes that changed
)

// Info describes a kind. A new kind is a row in the table, and one in package sim's that
// says what to do.
type Info struct {
	Kind    Kind
	Summary string
	Can     Targets // who it can happen to
	Takes   Params  // what a clause of it says besides who and when
}

// Targets is a set of those that something can happen to.
type Targets uint8

// The targets.
const (
	AServer  Targets = 1 << iota // server 1, leader, follower
	Group                        // minority, majority
	Ensemble                     // servers: all at once
	AClient                      // client 1
	ALink                        // link server 1 - client 1
	Own                          // of clients, only those that are processes of ours: guests have none
)

// Params is a set of what a clause can say besides who and when.
type Params uint8

// The parameters.
const (
	Time      Params = 1 << iota // for 2s; a kind without it happens at one instant
	Delay                        // by 50ms
	Shift                        // by 2s, or by -2s
	Percent                      // to 150%
	Bandwidth                    // to 2000B/s
	OneStage                     // stage commit
)

var kinds = []Info{
	{Kill, "the process dies and restarts after a while; what it wrote stays", AServer | Group | Ensemble | AClient | Own, Time},
	{Restart, "the process dies and is back at once; what it wrote stays", AServer | Group | Ensemble | AClient | Own, 0},
	{PowerLoss, "the machine loses power and unsynced data, and restarts after a while; nobody is told", AServer | Group | Ensemble | AClient | Own, Time},
	{Pause, "the process stands still; what is due meanwhile happens late, in order, at one instant", AServer | Group | Ensemble | AClient | Own, Time},
	{Isolate, "nothing gets from or to the host; what is sent meanwhile arrives late", AServer | Group | AClient, Time},
	{Cut, "nothing gets between a client and the servers, while it reaches everything else; or over one link", AClient | ALink, Time},
	{OneWay, "what the host sends does not arrive until later; what is sent to it does", AServer | AClient, Time},
	{Halves, "the servers fall into two groups of nearly equal size that hear nothing of each other; each client goes with one", Ensemble, Time},
	{Bridge, "the servers fall into two groups that meet in one server only", Ensemble, Time},
	{Ring, "each server hears a majority of the servers, and no two hear the same one", Ensemble, Time},
	{Scatter, "every direction between two hosts, servers and clients alike, is cut with a chance of one in three", Ensemble, Time},
	{SlowLink, "everything from and to the host, or over the link, takes longer", AServer | AClient | ALink, Time | Delay},
	{Throttle, "what gets from and to the host, or over the link, is bounded to so many bytes a second in each direction", AServer | AClient | ALink, Time | Bandwidth},
	{Refuse, "the host refuses new connections; those that there are live on", AServer | Group | Ensemble, Time},
	{HalfOpen, "the host's connections, or those of the link, cease, and nobody is told: who sends finds out when no answer comes", AServer | Group | AClient | ALink, 0},
	{Reset, "the host's connections, or those of the link, break at once, with what is in flight", AServer | Group | AClient | ALink, 0},
	{SlowDisk, "each sync of the host's disk takes longer", AServer | Group | Ensemble, Time | Delay},
	{SlowCPU, "each event takes a while to handle, and those behind it wait, as on one busy core", AServer | Group | Ensemble | AClient | Own, Time | Delay},
	{ClockRate, "both clocks of the host run faster or slower, and timeouts with them", AServer | Group | Ensemble | AClient | Own, Time | Percent},
	{ClockFreeze, "both clocks of the host stand still, and then go on from there: what is due is late", AServer | Group | Ensemble | AClient | Own, Time},
	{ClockStep, "the calendar of the host is wrong, and then slewed back; timeouts are not affected", AServer | Group | Ensemble | AClient | Own, Time | Shift},
	{ClockJump, "the calendar of the host is set to another time, for good; timeouts are not affected", AServer | Group | Ensemble | AClient | Own, Shift},
	{Stall, "one stage of a server is not scheduled for a while", AServer | Group | Ensemble, Time | OneStage},
	{FailSync, "each sync of the host's disk fails, and what it was to make durable may be there or not; a process that ends of it is restarted afterwards", AServer | Group | Ensemble, Time},
	{FailWrite, "each write to the host's disk fails, and may leave a part; a process that ends of it is restarted afterwards", AServer | Group | Ensemble, Time},
	{Fill, "the host's disk is full; a process that ends of it is restarted afterwards", AServer | Group | Ensemble, Time},
	{Wipe, "the process dies, its disk is replaced by an empty one, and it restarts after a while", AServer | Group | Ensemble, Time},
	{Rot, "the process dies, synced bytes of its disk change, and it restarts after a while", AServer | Group | Ensemble, Time},
}

// Damages reports whether the kind takes from servers what they had made durable. That
// happens only within the budget, unless a plan goes beyond it.
func (k Kind) Damages() bool { return k == Wipe || k == Rot }

// Kinds lists all kinds.
func Kinds() []Info { return kinds }

// Describe returns what is known of a kind.
func Describe(k Kind) (Info, bool) {
	for _, i := range kinds {
		if i.Kind == k {
			return i, true
		}
	}
	return Info{}, false
}
