//go:build tool

package lazaret

import "unsafe"

var returned area

//go:wasmexport call
func exportCall(name, nameLength, arguments, argumentsLength uint32) unsafe.Pointer {
	function, text := textAt(name, nameLength), textAt(arguments, argumentsLength)
	returned = giveBack(guarded(func() (any, error) { return callFunction(function, text) }))
	return returned.base
}

//go:wasmexport cabi_post_call
func postCall(unsafe.Pointer) { forget() }

//go:wasmexport available
func exportAvailable() unsafe.Pointer {
	address, count := lowerList(functions, 24, func(a area, one Function) {
		a.putText(0, one.Name)
		a.putText(8, one.Description)
		a.putText(16, one.Schema)
	})
	returned = newArea(8)
	returned.putList(0, address, count)
	return returned.base
}

//go:wasmexport cabi_post_available
func postAvailable(unsafe.Pointer) { forget() }
