package lazaret

import "unsafe"

//go:wasmimport lazaret:agent/files@0.1.0 granted
func hostGranted(result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 read
func hostReadFile(path unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 read-lines
func hostReadLines(path unsafe.Pointer, length, first, count uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 stat
func hostStat(path unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 list
func hostList(path unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 glob
func hostGlob(path unsafe.Pointer, length uint32, pattern unsafe.Pointer, patternLength uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 grep
func hostGrep(path unsafe.Pointer, length uint32, pattern unsafe.Pointer, patternLength uint32, hasGlob uint32, glob unsafe.Pointer, globLength uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 write
func hostWrite(path unsafe.Pointer, length uint32, content uint64, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 edit
func hostEdit(path unsafe.Pointer, length uint32, old unsafe.Pointer, oldLength uint32, text uint64, all uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 make-directory
func hostMakeDirectory(path unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 remove
func hostRemove(path unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/files@0.1.0 rename
func hostRename(path unsafe.Pointer, length uint32, to unsafe.Pointer, toLength uint32, result unsafe.Pointer)

type files struct{}

// Files are those below the directories that the policy grants. A path is mount/relative/path.
var Files files

// Mount is a directory that this component was granted something of.
type Mount struct {
	Name     string
	Writable bool
}

// Granted gives the directories of which this component was granted something, in name order.
func (files) Granted() []Mount {
	result := newArea(8)
	hostGranted(result.base)
	return list(result, 0, 12, func(a area) Mount { return Mount{a.text(0), a.u8(8) != 0} })
}

func onPath(path string, call func(unsafe.Pointer, uint32, unsafe.Pointer)) (Content, error) {
	address, length := lowered(path)
	return handleOf(func(result unsafe.Pointer) { call(address, length, result) })
}

// Read gives a file's text, unread.
func (files) Read(path string) (Content, error) { return onPath(path, hostReadFile) }

// ReadLines gives at most count lines of a file's text, unread, from line first, counted from 1.
func (files) ReadLines(path string, first, count uint32) (Content, error) {
	return onPath(path, func(address unsafe.Pointer, length uint32, result unsafe.Pointer) {
		hostReadLines(address, length, first, count, result)
	})
}

// Stat says what is at a path, unread: {"kind", "bytes", "executable"}, or null.
func (files) Stat(path string) (Content, error) { return onPath(path, hostStat) }

// List gives a directory's entries, unread: [{"name", "kind"}].
func (files) List(path string) (Content, error) { return onPath(path, hostList) }

// Glob gives the files below a directory that match a pattern, unread: {"paths", "more"}.
func (files) Glob(path, pattern string) (Content, error) {
	word, wordLength := lowered(pattern)
	return onPath(path, func(address unsafe.Pointer, length uint32, result unsafe.Pointer) {
		hostGlob(address, length, word, wordLength, result)
	})
}

// Grep gives the lines below a directory that a regular expression matches, unread: {"lines",
// "more"}, in files that match glob, or in all where it is empty.
func (files) Grep(path, pattern, glob string) (Content, error) {
	word, wordLength := lowered(pattern)
	only, onlyLength := lowered(glob)
	has := uint32(0)
	if glob != "" {
		has = 1
	}
	return onPath(path, func(address unsafe.Pointer, length uint32, result unsafe.Pointer) {
		hostGrep(address, length, word, wordLength, has, only, onlyLength, result)
	})
}

// Write replaces a file's text with a content that may be unread.
func (files) Write(path string, content Content) error {
	address, length := lowered(path)
	result := newArea(sizeOfTextResult)
	hostWrite(address, length, content.handle, result.base)
	if result.u8(0) != 0 {
		return loadError(result.at(4))
	}
	return nil
}

// Edit replaces old, which must be there once unless all. What came of it is in the answer.
func (files) Edit(path, old string, text Content, all bool) (Content, error) {
	word, wordLength := lowered(old)
	every := uint32(0)
	if all {
		every = 1
	}
	return onPath(path, func(address unsafe.Pointer, length uint32, result unsafe.Pointer) {
		hostEdit(address, length, word, wordLength, text.handle, every, result)
	})
}

// MakeDirectory makes a directory and those that it lies in. What came of it is in the answer.
func (files) MakeDirectory(path string) (Content, error) { return onPath(path, hostMakeDirectory) }

// Remove removes a file, a link or an empty directory. What came of it is in the answer.
func (files) Remove(path string) (Content, error) { return onPath(path, hostRemove) }

// Rename moves a file or a directory within its mount. What came of it is in the answer.
func (files) Rename(path, to string) (Content, error) {
	word, wordLength := lowered(to)
	return onPath(path, func(address unsafe.Pointer, length uint32, result unsafe.Pointer) {
		hostRename(address, length, word, wordLength, result)
	})
}
