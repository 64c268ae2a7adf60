// Package guest is for writing a node of Caisson in Go.
//
//	func shout(input []byte) ([]byte, error) {
//		guest.Log(guest.Info, "shouting")
//		return append(input, '!'), nil
//	}
//
//	func init() { guest.Processor(shout) }
//	func main() {}
//
// Built by `GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared` (Go 1.24 or newer) it speaks the ABI `buffer`, version 1
// (api/abi.md), with `-tags caisson_component` as well that of the world caisson:node, of which component.mjs makes a component.
// Built for anything else, in `go test`, the host is one that grants nothing.
package guest

import (
	"errors"
	"strconv"
	"sync"
)

// Error is why an input was not processed. Any other error of a processor has the code 500.
type Error struct {
	Code    uint16 // by custom 400 for an input that makes no sense, 413 for one that is too large, 500 for the rest
	Message string // for people
}

func (e *Error) Error() string { return e.Message }

// NewError makes an Error.
func NewError(code uint16, message string) error { return &Error{code, message} }

func codeOf(err error) uint16 {
	var known *Error
	if errors.As(err, &known) {
		return known.Code
	}
	return 500
}

var processor = func([]byte) ([]byte, error) {
	return nil, errors.New("the module has no processor: call guest.Processor in an init function")
}

// Processor says which function is the processor. It is called in an init function: main does not run.
func Processor(function func(input []byte) ([]byte, error)) { processor = function }

// Kind is what kept an operation of the host from giving a result.
type Kind int

const (
	NotFound Kind = iota + 1
	Denied        // it is not granted
	Invalid       // its input is wrong
	Limit         // it does not fit into a limit
	Unknown       // there is no such operation
	Failed        // something outside failed
)

func (k Kind) String() string {
	return [...]string{"ok", "not found", "denied", "invalid", "limit", "unknown", "failed"}[min(max(k, 0), Failed)]
}

// Failure is the error of an operation that gave nothing. It reads `kv.get: denied: ...`.
type Failure struct {
	Operation string
	Kind      Kind
	Reason    string // for people; may be empty
}

func (f *Failure) Error() string {
	text := f.Operation + ": " + f.Kind.String()
	if f.Reason != "" {
		text += ": " + f.Reason
	}
	return text
}

// Level of a line of the log.
type Level int32

const (
	Trace Level = iota
	Debug
	Info
	Warning
	Severe // an error
)

// Log adds a line to the log of the run. Needs no grant.
func Log(level Level, line string) { hostLog(level, line) }

// A goroutine takes its result before another one asks for something.
var calling sync.Mutex

// Call runs an operation of the table in api/abi.md. The input is a JSON object on one line and, behind the line feed, bytes.
// Its error is a *Failure.
func Call(operation string, input []byte) ([]byte, error) {
	calling.Lock()
	defer calling.Unlock()
	kind, result := hostCall(operation, input)
	if kind != 0 {
		return nil, &Failure{operation, kind, string(result)}
	}
	return result, nil
}

// Get gives the value of a key that the nodes of one run share; false: there is none. Grant: imports: [kv].
func Get(key string) ([]byte, bool, error) { return found(Call("kv.get", head("key", key, nil))) }

// Set keeps a value under a key until the run ends. Grant: imports: [kv].
func Set(key string, value []byte) error {
	_, err := Call("kv.set", head("key", key, value))
	return err
}

// Delete says whether there was such a key. Grant: imports: [kv].
func Delete(key string) (bool, error) {
	_, was, err := found(Call("kv.delete", head("key", key, nil)))
	return was, err
}

func found(result []byte, err error) ([]byte, bool, error) {
	var failure *Failure
	if errors.As(err, &failure) && failure.Kind == NotFound {
		return nil, false, nil
	}
	return result, err == nil, err
}

// Emit adds a record to the events of the run. Grant: imports: [emit].
func Emit(topic string, record []byte) error {
	_, err := Call("emit", head("topic", topic, record))
	return err
}

// Random gives at most 2^20 bytes. Grant: random. (crypto/rand has them too, through WASI.)
func Random(count int) ([]byte, error) {
	return Call("random.bytes", []byte(`{"count":`+strconv.Itoa(count)+"}"))
}
