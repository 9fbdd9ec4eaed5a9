package lazaret

import "unsafe"

// How values lie in memory when they cross the border (the component model's canonical ABI).
// Offsets are those of the contract's types; the conformance suite reads and writes each.

// kept holds what the host was given an address of, or allocated, until the call is over: Go's
// collector does not look into the host, and never moves what it does not free.
var kept = map[uintptr][]byte{}

func forget() { clear(kept) }

//go:wasmexport cabi_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(uintptr(align))
	}
	block := make([]byte, size+align)
	start := uintptr(unsafe.Pointer(unsafe.SliceData(block)))
	skip := (uintptr(align) - start%uintptr(align)) % uintptr(align)
	if old != nil {
		copy(block[skip:], unsafe.Slice((*byte)(old), oldSize))
		delete(kept, uintptr(old))
	}
	kept[start+skip] = block
	return unsafe.Pointer(unsafe.SliceData(block[skip:]))
}

// area is a piece of memory that the host reads or writes.
type area struct {
	bytes []byte
	base  unsafe.Pointer
}

// The words of an area are 8 bytes wide, so that every value in it is aligned.
func newArea(size int) area {
	words := make([]uint64, (size+7)/8+1)
	base := unsafe.Pointer(unsafe.SliceData(words))
	bytes := unsafe.Slice((*byte)(base), len(words)*8)
	kept[uintptr(base)] = bytes
	return area{bytes, base}
}

func areaAt(address uint32, size int) area {
	base := unsafe.Pointer(uintptr(address))
	return area{unsafe.Slice((*byte)(base), size), base}
}

func (a area) at(offset int) area { return area{a.bytes[offset:], unsafe.Add(a.base, offset)} }

func (a area) u8(offset int) uint8 { return a.bytes[offset] }

func (a area) u32(offset int) uint32 { return *(*uint32)(unsafe.Add(a.base, offset)) }

func (a area) u64(offset int) uint64 { return *(*uint64)(unsafe.Add(a.base, offset)) }

func (a area) putU8(offset int, value uint8) { a.bytes[offset] = value }

func (a area) putU32(offset int, value uint32) { *(*uint32)(unsafe.Add(a.base, offset)) = value }

func (a area) putU64(offset int, value uint64) { *(*uint64)(unsafe.Add(a.base, offset)) = value }

// text copies a string out of the area: pointer and length.
func (a area) text(offset int) string { return textAt(a.u32(offset), a.u32(offset+4)) }

func textAt(address, length uint32) string {
	if length == 0 {
		return ""
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(uintptr(address))), length))
}

func (a area) putText(offset int, text string) {
	address, length := lowered(text)
	a.putU32(offset, uint32(uintptr(address)))
	a.putU32(offset+4, length)
}

// lowered gives the address and the length of a string, and keeps it alive.
func lowered(text string) (unsafe.Pointer, uint32) {
	address := unsafe.Pointer(unsafe.StringData(text))
	if len(text) == 0 {
		return nil, 0
	}
	kept[uintptr(address)] = unsafe.Slice((*byte)(address), len(text))
	return address, uint32(len(text))
}

// list reads a list of items of one size: pointer and length.
func list[T any](a area, offset, size int, load func(area) T) []T {
	address, length := a.u32(offset), int(a.u32(offset+4))
	items := make([]T, 0, length)
	for index := range length {
		items = append(items, load(areaAt(address+uint32(index*size), size)))
	}
	return items
}

// lowerList writes a list of items of one size and gives its address.
func lowerList[T any](items []T, size int, store func(area, T)) (unsafe.Pointer, uint32) {
	if len(items) == 0 {
		return nil, 0
	}
	all := newArea(len(items) * size)
	for index, item := range items {
		store(all.at(index*size), item)
	}
	return all.base, uint32(len(items))
}

func (a area) putList(offset int, address unsafe.Pointer, length uint32) {
	a.putU32(offset, uint32(uintptr(address)))
	a.putU32(offset+4, length)
}

// The variant `error`: 0 denied, 1 invalid, 2 failed.
func loadError(a area) error {
	switch a.u8(0) {
	case 0:
		denial := &Denied{Rule: a.text(8), Message: a.text(16), Remedy: a.text(24)}
		if kind := int(a.u8(4)); kind < len(denialKinds) {
			denial.Kind = denialKinds[kind]
		}
		return denial
	case 1:
		return Invalid(a.text(4))
	default:
		return Failed(a.text(4))
	}
}

// sizeOfHandleResult is that of result<handle, error>: the tag, then eight-aligned the value.
const sizeOfHandleResult = 40

func loadHandle(a area) (Content, error) {
	if a.u8(0) != 0 {
		return Content{}, loadError(a.at(8))
	}
	return Content{a.u64(8)}, nil
}

// sizeOfTextResult is that of result<string, error> and of result<_, error>.
const sizeOfTextResult = 36

// handleOf calls the host for a content.
func handleOf(call func(result unsafe.Pointer)) (Content, error) {
	result := newArea(sizeOfHandleResult)
	call(result.base)
	return loadHandle(result)
}
