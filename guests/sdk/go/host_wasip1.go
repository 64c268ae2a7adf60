//go:build !caisson_component

package guest

import (
	"strconv"
	"unsafe"
)

//go:wasmimport caisson_v1 log
func caissonLog(level int32, line string)

//go:wasmimport caisson_v1 call
func caissonCall(operation string, input unsafe.Pointer, size uint32) uint64

//go:wasmimport caisson_v1 take
func caissonTake(to unsafe.Pointer, room uint32) int32

func hostLog(level Level, line string) { caissonLog(int32(level), line) }

func hostCall(operation string, input []byte) (Kind, []byte) {
	packed := caissonCall(operation, unsafe.Pointer(unsafe.SliceData(input)), uint32(len(input)))
	result := make([]byte, uint32(packed))
	if caissonTake(unsafe.Pointer(unsafe.SliceData(result)), uint32(len(result))) < 0 {
		panic("the host has more than it said")
	}
	return Kind(packed >> 32), result
}

// What the host was given a place in: not collected until the next call.
var input, output []byte

//go:wasmexport caisson_abi
func caissonABI() int32 { return 1 }

//go:wasmexport caisson_alloc
func caissonAlloc(size uint32) unsafe.Pointer {
	input = make([]byte, max(size, 1))
	return unsafe.Pointer(&input[0])
}

//go:wasmexport caisson_process
func caissonProcess(at unsafe.Pointer, size uint32) uint64 {
	bytes, err := processor(unsafe.Slice((*byte)(at), size))
	var failed uint64
	if err != nil {
		bytes = []byte(`{"message":` + quoted(err.Error()) + `,"code":` + strconv.Itoa(int(codeOf(err))) + `}`)
		failed = 1
	}
	output = bytes
	return failed<<63 | uint64(uintptr(unsafe.Pointer(unsafe.SliceData(output))))<<32 | uint64(len(output))
}
