// The guest of the suite that every SDK passes (guests/sdk/README.md): does what the first line of its input says. An input
// that does not begin with `!` comes back as it is.
package main

import (
	"bytes"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"caisson/guest"
)

var calls int

func number(text string) int {
	value, _ := strconv.Atoi(text)
	return value
}

func fetch(request guest.Request) ([]byte, error) {
	response, err := guest.Fetch(request)
	if err != nil {
		return nil, err
	}
	head := strconv.Itoa(response.Status) + " " + response.Header("x-answer") + "\n"
	return append([]byte(head), response.Body...), nil
}

// Not of the suite: values go to the host and come back while the heap grows and is collected, and WASI is asked. Gives what
// was kept, if all of it is what it was.
func churn(rounds int) ([]byte, error) {
	var kept [][]byte
	for round := range rounds {
		value := bytes.Repeat([]byte{byte(round)}, 10_000)
		if err := guest.Set("churn", value); err != nil {
			return nil, err
		}
		found, _, err := guest.Get("churn")
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(found, value) {
			return nil, guest.NewError(500, "what came back in round "+strconv.Itoa(round)+" is something else")
		}
		kept = append(kept, found)
		println(round)
	}
	for round, value := range kept {
		if bytes.Count(value, []byte{byte(round)}) != 10_000 {
			return nil, guest.NewError(500, "what came back in round "+strconv.Itoa(round)+" has changed")
		}
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return []byte(strconv.Itoa(len(kept)) + " " + strconv.FormatBool(memory.NumGC > 0)), nil
}

func suite(input []byte) ([]byte, error) {
	calls++
	if !bytes.HasPrefix(input, []byte("!")) {
		return input, nil
	}
	line, body, _ := bytes.Cut(input, []byte("\n"))
	command, rest, _ := strings.Cut(string(line), " ")
	word, tail, _ := strings.Cut(rest, " ")
	switch command {
	case "!big":
		return bytes.Repeat([]byte("x"), number(word)), nil
	case "!reverse":
		characters := []rune(rest)
		slices.Reverse(characters)
		return []byte(string(characters)), nil
	case "!count":
		return []byte(strconv.Itoa(calls)), nil
	case "!fail":
		return nil, guest.NewError(uint16(number(word)), string(body))
	case "!churn":
		return churn(number(word))
	case "!trap":
		panic("as it was told")
	case "!log":
		guest.Log(guest.Level(number(word)), tail)
		return []byte("logged"), nil
	case "!set":
		return nil, guest.Set(rest, body)
	case "!get":
		value, found, err := guest.Get(rest)
		if err == nil && !found {
			value = []byte("nothing")
		}
		return value, err
	case "!delete":
		_, err := guest.Delete(rest)
		return nil, err
	case "!emit":
		return nil, guest.Emit(rest, body)
	case "!fetch":
		headers := []guest.Header{{Name: "x-suite", Value: "yes"}}
		return fetch(guest.Request{Method: word, URL: tail, Headers: headers, Body: body})
	case "!secret":
		headers := []guest.Header{{Name: "authorization", Value: "Bearer ", Secret: word}}
		return fetch(guest.Request{URL: tail, Headers: headers})
	}
	return nil, guest.NewError(400, "there is no such command")
}

func init() { guest.Processor(suite) }
func main() {}
