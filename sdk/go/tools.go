//go:build !tool

package lazaret

import (
	"sort"
	"unsafe"
)

//go:wasmimport lazaret:agent/tools@0.1.0 available
func hostAvailable(result unsafe.Pointer)

//go:wasmimport lazaret:agent/tools@0.1.0 call
func hostCall(name unsafe.Pointer, length uint32, arguments unsafe.Pointer, count uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/tools@0.1.0 call-all
func hostCallAll(calls unsafe.Pointer, count uint32, result unsafe.Pointer)

// Arguments are a call's, by name: a Content goes unread, anything else as JSON at this
// component's label.
type Arguments map[string]any

// ToolCall is one call of a tool's function.
type ToolCall struct {
	// Function is "tool.function", such as "tracker.label".
	Function  string
	Arguments Arguments
}

// Answer is what became of one of several calls.
type Answer struct {
	// Content is unread.
	Content Content
	Err     error
}

// ToolDescription is what a tool says of one of its functions.
type ToolDescription struct {
	Function    string
	Description string
	// Schema is the JSON Schema of the arguments.
	Schema string
}

// AvailableTools returns the functions that this component was granted, in name order.
func AvailableTools() []ToolDescription {
	result := newArea(8)
	hostAvailable(result.base)
	return list(result, 0, 24, func(a area) ToolDescription {
		return ToolDescription{a.text(0), a.text(8), a.text(16)}
	})
}

type argument struct {
	name    string
	content *Content
	json    string
}

// An argument: its name at 0, the value's tag at 8, the value at 16.
const sizeOfArgument = 24

func storeArgument(a area, one argument) {
	a.putText(0, one.name)
	if one.content != nil {
		a.putU8(8, 1)
		a.putU64(16, one.content.handle)
	} else {
		a.putU8(8, 0)
		a.putText(16, one.json)
	}
}

func (arguments Arguments) lower() (unsafe.Pointer, uint32, error) {
	names := make([]string, 0, len(arguments))
	for name := range arguments {
		names = append(names, name)
	}
	sort.Strings(names)
	all := make([]argument, 0, len(names))
	for _, name := range names {
		if content, ok := arguments[name].(Content); ok {
			all = append(all, argument{name: name, content: &content})
			continue
		}
		text, err := written(arguments[name])
		if err != nil {
			return nil, 0, err
		}
		all = append(all, argument{name: name, json: text})
	}
	address, count := lowerList(all, sizeOfArgument, storeArgument)
	return address, count, nil
}

// Call calls "tool.function". The answer is a content, unread. It is *Denied by Taint where an
// argument carries a taint that the function does not tolerate.
func Call(function string, arguments Arguments) (Content, error) {
	values, count, err := arguments.lower()
	if err != nil {
		return Content{}, err
	}
	name, length := lowered(function)
	return handleOf(func(result unsafe.Pointer) { hostCall(name, length, values, count, result) })
}

// CallAll makes several calls at the same time; the answers come in the calls' order.
func CallAll(calls []ToolCall) ([]Answer, error) {
	all := newArea(len(calls) * 16)
	for index, call := range calls {
		values, count, err := call.Arguments.lower()
		if err != nil {
			return nil, err
		}
		all.putText(index*16, call.Function)
		all.putList(index*16+8, values, count)
	}
	result := newArea(8)
	hostCallAll(all.base, uint32(len(calls)), result.base)
	return list(result, 0, sizeOfHandleResult, func(a area) Answer {
		content, err := loadHandle(a)
		return Answer{content, err}
	}), nil
}
