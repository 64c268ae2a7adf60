// What the programs wasi_hello and wasi_features show, in Go: both standard streams, arguments, variables, the time that went
// by, and randomness. The grants it needs: {preset: wasi, clock: true, random: true}.
//
//	GOOS=wasip1 GOARCH=wasm go build -ldflags='-s -w' -o both.wasm
package main

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	start := time.Now()
	println := func(text string) { os.Stdout.WriteString(text + "\n") } // without fmt the module is a third smaller
	println("Hello from WASI!")
	os.Stderr.WriteString("This goes to stderr\n")
	println("Current time: " + strconv.FormatInt(start.Unix(), 10))
	println("Arguments: '" + strings.Join(os.Args, "' '") + "'")
	for _, variable := range os.Environ() {
		println(variable)
	}
	println("Random number: " + strconv.FormatUint(rand.Uint64(), 10)) // of a generator that WASI has seeded
	println("Elapsed: " + strconv.FormatInt(time.Since(start).Nanoseconds(), 10) + " ns")
}
