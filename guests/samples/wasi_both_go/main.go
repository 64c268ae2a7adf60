// What the programs wasi_hello and wasi_features show, in Go: both standard streams, arguments, variables, the time that
// went by, and randomness. The grants it needs: {preset: wasi, clock: true, random: true}.
package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"time"
)

func main() {
	start := time.Now()
	fmt.Println("Hello from WASI!")
	fmt.Fprintln(os.Stderr, "This goes to stderr")
	fmt.Println("Current time:", start.Unix())
	fmt.Printf("Arguments: %q\n", os.Args)
	for _, variable := range os.Environ() {
		fmt.Println(variable)
	}
	var number [8]byte
	if _, err := rand.Read(number[:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("Random number:", binary.LittleEndian.Uint64(number[:]))
	fmt.Println("Elapsed:", time.Since(start).Nanoseconds(), "ns")
}
