//go:build !tool

package lazaret

import (
	"encoding/json"
	"unsafe"
)

//go:wasmimport lazaret:agent/gate@0.1.0 pass
func hostGate(content uint64, schema unsafe.Pointer, length uint32, rule unsafe.Pointer, ruleLength uint32, result unsafe.Pointer)

// Gate passes a content through a gate of the policy, as a value of a closed type: JSON Schema of
// boolean, enum, bounded integer, and records and bounded lists of these. The bits of the whole
// type are charged, once for the same content and type. ErrNotOfType is a counted answer.
func Gate(content Content, schema string, rule string, into any) error {
	address, length := lowered(schema)
	name, nameLength := lowered(rule)
	result := newArea(sizeOfTextResult)
	hostGate(content.handle, address, length, name, nameLength, result.base)
	if result.u8(0) != 0 {
		return loadError(result.at(4))
	}
	if result.u8(4) != 0 {
		return ErrNotOfType
	}
	if err := json.Unmarshal([]byte(result.text(8)), into); err != nil {
		return Invalid(err.Error())
	}
	return nil
}

var returned area

//go:wasmexport run
func exportRun(text, textLength, parts, partsLength, options, optionsLength uint32) unsafe.Pointer {
	named := newArea(8)
	named.putU32(0, parts)
	named.putU32(4, partsLength)
	task := &Task{
		Text:    textAt(text, textLength),
		Options: textAt(options, optionsLength),
		Parts: list(named, 0, 16, func(a area) Part {
			return Part{a.text(0), Content{a.u64(8)}}
		}),
	}
	returned = giveBack(guarded(func() (any, error) { return runAgent(task) }))
	return returned.base
}

//go:wasmexport cabi_post_run
func postRun(unsafe.Pointer) { forget() }
