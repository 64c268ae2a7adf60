package main

import (
	"bytes"
	"testing"
)

func memoryOf(segments []segment) []byte {
	var memory []byte
	for _, one := range segments {
		if need := one.offset + len(one.bytes); need > len(memory) {
			memory = append(memory, make([]byte, need-len(memory))...)
		}
		copy(memory[one.offset:], one.bytes)
	}
	return memory
}

func moduleOf(segments []segment) []byte {
	section := printSegments(segments)
	out := []byte("\x00asm\x01\x00\x00\x00\x05\x03\x01\x00\x10")
	return append(appendUnsigned(append(out, dataID), len(section)), section...)
}

func TestTheMemoryStaysTheSame(t *testing.T) {
	var segments []segment
	for i := range 30000 {
		segments = append(segments, segment{i*20 + i/100*1000, []byte{byte(i | 1), 0, 7}})
	}
	packed, err := pack(moduleOf(segments))
	if err != nil {
		t.Fatal(err)
	}
	r := reader{left: packed[headBytes+5+1:]}
	joined, err := readSegments(r.take(r.number(false)))
	if err != nil || len(joined) > most || len(joined) < 2 {
		t.Fatalf("%d segments, %v", len(joined), err)
	}
	if !bytes.Equal(memoryOf(joined), memoryOf(segments)) {
		t.Error("the memory is another one")
	}
	again, err := pack(packed)
	if err != nil || !bytes.Equal(again, packed) {
		t.Errorf("packed twice is something else: %v", err)
	}
}

func TestWhatIsNoModuleOfGoIsRefused(t *testing.T) {
	good := moduleOf([]segment{{-4, []byte("x")}, {200, []byte("yz")}})
	if _, err := pack(good); err != nil {
		t.Error(err)
	}
	for size := range len(good) {
		if _, err := pack(good[:size]); err == nil {
			t.Errorf("%d bytes of %d are accepted", size, len(good))
		}
	}
}
