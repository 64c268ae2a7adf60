// Bytes in, bytes out: `hello` becomes `HELLO!`. What the host has for a processor is in the package guest.
package main

import (
	"bytes"

	"caisson/guest"
)

func process(input []byte) ([]byte, error) {
	if len(input) == 0 {
		return nil, guest.NewError(400, "there is no text")
	}
	guest.Log(guest.Info, "shouting")
	return append(bytes.ToUpper(input), '!'), nil
}

func init() { guest.Processor(process) }
func main() {}
