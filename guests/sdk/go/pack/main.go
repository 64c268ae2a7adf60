// Pack joins the data segments of a module that Go has built, in place:
//
//	go run caisson/guest/pack shout.wasm
//
// Go begins a new segment wherever eight bytes are zero, which makes 20,000 and more. A host that compiles foreign modules
// accepts fewer (Caisson 10,000). The memory that a module begins with stays the same, byte for byte.
package main

import (
	"errors"
	"fmt"
	"os"
)

const (
	most      = 4000 // segments
	dataID    = 11
	countID   = 12
	i32Const  = 0x41
	end       = 0x0b
	headBytes = 8
)

var errCut = errors.New("it is cut short, or not what Go builds")

// segment is an active one of memory 0.
type segment struct {
	offset int
	bytes  []byte
}

// reader takes a module apart. Its first failure stays.
type reader struct {
	left   []byte
	failed bool
}

func (r *reader) take(size int) []byte {
	if r.failed || size < 0 || size > len(r.left) {
		r.failed = true
		return nil
	}
	taken := r.left[:size]
	r.left = r.left[size:]
	return taken
}

func (r *reader) octet() byte {
	if one := r.take(1); one != nil {
		return one[0]
	}
	return 0
}

// number is LEB128, signed or not.
func (r *reader) number(signed bool) int {
	value, shift := int64(0), 0
	for shift < 35 && !r.failed {
		b := r.octet()
		value |= int64(b&0x7f) << shift
		shift += 7
		if b&0x80 == 0 {
			if signed && b&0x40 != 0 {
				value |= -1 << shift
			}
			return int(value)
		}
	}
	r.failed = true
	return 0
}

func appendUnsigned(out []byte, value int) []byte {
	for value >= 0x80 {
		out = append(out, byte(value)|0x80)
		value >>= 7
	}
	return append(out, byte(value))
}

func appendSigned(out []byte, value int) []byte {
	for value < -0x40 || value >= 0x40 {
		out = append(out, byte(value)&0x7f|0x80)
		value >>= 7
	}
	return append(out, byte(value)&0x7f)
}

func readSegments(section []byte) ([]segment, error) {
	r := reader{left: section}
	segments := make([]segment, 0, max(0, min(r.number(false), len(section))))
	r = reader{left: section}
	for count := r.number(false); count > 0 && !r.failed; count-- {
		if r.octet() != 0 || r.octet() != i32Const {
			return nil, errCut
		}
		offset := r.number(true)
		if r.octet() != end {
			return nil, errCut
		}
		segments = append(segments, segment{offset, r.take(r.number(false))})
	}
	if r.failed || len(r.left) > 0 {
		return nil, errCut
	}
	return segments, nil
}

// join puts zeros between segments that are at most gap bytes apart.
func join(segments []segment, gap int) []segment {
	var joined []segment
	for _, next := range segments {
		if last := len(joined) - 1; last >= 0 {
			behind := joined[last].offset + len(joined[last].bytes)
			if next.offset >= behind && next.offset-behind <= gap {
				joined[last].bytes = append(joined[last].bytes, make([]byte, next.offset-behind)...)
				joined[last].bytes = append(joined[last].bytes, next.bytes...)
				continue
			}
		}
		joined = append(joined, segment{next.offset, append([]byte(nil), next.bytes...)})
	}
	return joined
}

func printSegments(segments []segment) []byte {
	out := appendUnsigned(nil, len(segments))
	for _, one := range segments {
		out = append(appendSigned(append(out, 0, i32Const), one.offset), end)
		out = append(appendUnsigned(out, len(one.bytes)), one.bytes...)
	}
	return out
}

// Pack gives the module with at most 4,000 segments of data, or fewer if it has fewer.
func pack(module []byte) ([]byte, error) {
	r := reader{left: module}
	out := append([]byte(nil), r.take(headBytes)...)
	count := -1
	for len(r.left) > 0 && !r.failed {
		id := r.octet()
		section := r.take(r.number(false))
		if id == dataID {
			segments, err := readSegments(section)
			if err != nil {
				return nil, err
			}
			joined := segments
			for gap := 8; len(joined) > most; gap *= 2 {
				joined = join(segments, gap)
			}
			section, count = printSegments(joined), len(joined)
		}
		if id == countID { // comes before the data; Go writes none
			return nil, errCut
		}
		out = append(appendUnsigned(append(out, id), len(section)), section...)
	}
	if r.failed || count < 0 {
		return nil, errCut
	}
	return out, nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run caisson/guest/pack MODULE")
		os.Exit(2)
	}
	module, err := os.ReadFile(os.Args[1])
	if err == nil {
		if module, err = pack(module); err == nil {
			err = os.WriteFile(os.Args[1], module, 0o666)
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "pack: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
