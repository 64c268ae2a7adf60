//go:build wasip1 && caisson_component

package guest

import (
	"slices"
	"unsafe"
)

// The world caisson:node, by the canonical ABI; node.wit has the types.

//go:wasmimport caisson:node/host@1.0.0 log
func nodeLog(level int32, line string)

//go:wasmimport caisson:node/host@1.0.0 call
func nodeCall(operation string, input unsafe.Pointer, size uint32, to unsafe.Pointer)

func hostLog(level Level, line string) { nodeLog(int32(level), valid(line)) }

func hostCall(operation string, input []byte) (Kind, []byte) {
	var answer [4]uint32 // result<list<u8>, failure>: a failure is a variant of which each case has a text
	nodeCall(valid(operation), unsafe.Pointer(unsafe.SliceData(input)), uint32(len(input)), unsafe.Pointer(&answer))
	if answer[0]&0xff == 0 {
		return 0, arrived(answer[1], answer[2])
	}
	return Kind(answer[1]&0xff) + NotFound, arrived(answer[2], answer[3])
}

// What the host was given a place in: not collected until the next call. result<list<u8>, error>
var (
	output    []byte
	processed [4]uint32
)

//go:wasmexport caisson:node/processor@1.0.0#process
func process(at, size uint32) unsafe.Pointer {
	bytes, err := processor(arrived(at, size))
	processed = [4]uint32{}
	if err != nil {
		bytes = []byte(valid(err.Error()))
		processed[0], processed[3] = 1, uint32(codeOf(err))
	}
	output = bytes
	processed[1] = uint32(uintptr(unsafe.Pointer(unsafe.SliceData(output))))
	processed[2] = uint32(len(output))
	return unsafe.Pointer(&processed)
}

// Where the host puts an input or a result, and the adapter of WASI what it keeps. It is no part of the heap, since nothing
// of Go's runtime may run when it is asked for: the adapter asks before the runtime has begun, and the host while nothing may
// leave the component, as the runtime does to learn the time. And only Go may make the memory larger: its heap takes for its
// own what lies behind it.
var (
	forHost struct {
		bytes [16<<20 + 64<<10]byte
		used  uintptr
	}
	forAdapter struct {
		bytes [256 << 10]byte
		used  uintptr
	}
)

// Nowhere, if there is no room: the host ends the call.
//
//go:nosplit
func carve(bytes unsafe.Pointer, room uintptr, used *uintptr, size uint32) unsafe.Pointer {
	const alignment = 16
	begin := (uintptr(bytes)+*used+alignment-1)&^(alignment-1) - uintptr(bytes)
	if begin > room || uintptr(size) > room-begin {
		return unsafe.Add(nil, -1)
	}
	*used = begin + uintptr(size)
	return unsafe.Add(bytes, begin)
}

//go:wasmexport cabi_realloc
//go:nosplit
func cabiRealloc(_ unsafe.Pointer, _, _, size uint32) unsafe.Pointer {
	return carve(unsafe.Pointer(&forHost.bytes), unsafe.Sizeof(forHost.bytes), &forHost.used, size)
}

//go:wasmexport cabi_realloc_adapter
//go:nosplit
func cabiReallocAdapter(_ unsafe.Pointer, _, _, size uint32) unsafe.Pointer {
	return carve(unsafe.Pointer(&forAdapter.bytes), unsafe.Sizeof(forAdapter.bytes), &forAdapter.used, size)
}

// A copy of what the host put there, so that the place is free again.
func arrived(at, size uint32) []byte {
	forHost.used = 0
	begin := uintptr(at) - uintptr(unsafe.Pointer(&forHost.bytes))
	return slices.Clone(forHost.bytes[begin:][:size])
}
