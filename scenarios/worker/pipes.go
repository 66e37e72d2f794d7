package worker

import (
	"os"
	"os/exec"
	"runtime"
)

// Env is set in a worker's environment, so that a program knows that it is one. Its value is
// the way in which requests come and answers go.
const Env = "ZOOBREAK_WORKER"

// The ways. What guests print must not get between the answers.
const (
	descriptors = "descriptors" // 3 and 4: the standard ones are left to the guests
	standard    = "standard"    // 0 and 1, where no others are handed down: os.Stdout then becomes os.Stderr
)

// ordinaryWay is the one that this machine has.
func ordinaryWay() string {
	if runtime.GOOS == "windows" {
		return standard
	}
	return descriptors
}

// give hands a worker its ends of the pipes.
func give(cmd *exec.Cmd, way string, requests, answers *os.File) {
	if way == standard {
		cmd.Stdin, cmd.Stdout = requests, answers
		return
	}
	cmd.ExtraFiles = []*os.File{requests, answers}
}

// InFile is where a worker reads its requests.
func InFile() *os.File {
	if os.Getenv(Env) == standard {
		return os.Stdin
	}
	return os.NewFile(3, "requests")
}

// OutFile is where a worker answers. It is called once, before anything is printed.
func OutFile() *os.File {
	if os.Getenv(Env) == standard {
		out := os.Stdout
		os.Stdout = os.Stderr
		return out
	}
	return os.NewFile(4, "answers")
}
