package lazaret

import (
	"encoding/json"
	"unsafe"
)

//go:wasmimport lazaret:agent/log@0.1.0 write
func hostLog(level uint32, text unsafe.Pointer, length uint32)

//go:wasmimport lazaret:agent/clock@0.1.0 now
func hostNow() uint64

//go:wasmimport lazaret:agent/clock@0.1.0 random
func hostRandom() uint64

//go:wasmimport lazaret:agent/secrets@0.1.0 exists
func hostSecretExists(name unsafe.Pointer, length uint32) uint32

type logger struct{}

// Log writes lines for the operator. Their volume is limited (log_bytes); the rest is dropped and
// counted.
var Log logger

func (logger) write(level uint32, message string) {
	address, length := lowered(message)
	hostLog(level, address, length)
}

// Debug writes a line that is only of interest while an agent is developed.
func (l logger) Debug(message string) { l.write(0, message) }

// Info writes a line.
func (l logger) Info(message string) { l.write(1, message) }

// Warn writes a line about something that may be wrong.
func (l logger) Warn(message string) { l.write(2, message) }

// Error writes a line about something that is wrong.
func (l logger) Error(message string) { l.write(3, message) }

// Now returns the milliseconds since 1970 at which this instance started. Go's own clock is not
// the host's: it stands for nothing.
func Now() uint64 { return hostNow() }

// Random returns the next number of this instance's own seeded sequence, the same in a replay.
func Random() uint64 { return hostRandom() }

// SecretExists returns whether a secret is set that something granted to this component uses. No
// value ever reaches a component.
func SecretExists(name string) bool {
	address, length := lowered(name)
	return hostSecretExists(address, length) != 0
}

// ErrNotOfType is the gate's answer that a content is no value of the type.
const ErrNotOfType = Failed("the content is no value of the type")

// written writes a value as JSON; a string that is JSON already goes as it is.
func written(value any) (string, error) {
	if raw, ok := value.(json.RawMessage); ok {
		return string(raw), nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "", Invalid(err.Error())
	}
	return string(text), nil
}
