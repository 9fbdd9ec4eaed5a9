package lazaret

import "fmt"

// DenialKind says which kind of rule refused a call.
type DenialKind string

// The kinds, as the contract names them.
const (
	// NotGranted: the grants of this instance do not name the effect.
	NotGranted DenialKind = "not-granted"
	// Taint: an argument, or the caller, carries a taint that the effect does not tolerate.
	Taint DenialKind = "taint"
	// Readers: a recipient of the effect may not read an argument.
	Readers DenialKind = "readers"
	// Clearance: reading would raise the label over this instance's clearance.
	Clearance DenialKind = "clearance"
	// UnknownHandle: the handle is not in this instance's table.
	UnknownHandle DenialKind = "unknown-handle"
	// GateRefused: a gate is missing, its type is not closed, or its bits are spent.
	GateRefused DenialKind = "gate"
	// Limit: a named limit was reached.
	Limit DenialKind = "limit"
	// Refused: a person was asked and refused, or the question expired.
	Refused DenialKind = "refused"
)

var denialKinds = [...]DenialKind{NotGranted, Taint, Readers, Clearance, UnknownHandle, GateRefused, Limit, Refused}

// Denied is a refusal of the monitor. It is a value to go on from: nothing was done.
type Denied struct {
	Kind DenialKind
	// Rule decided, such as "taint:tracker.label/number".
	Rule string
	// Message says what was refused, in a sentence.
	Message string
	// Remedy says what is allowed instead.
	Remedy string
}

func (d *Denied) Error() string {
	return fmt.Sprintf("denied by `%s`: %s", d.Rule, d.Message)
}

// Invalid says that the call's own words are wrong: a malformed pointer, JSON or schema.
type Invalid string

func (i Invalid) Error() string { return "invalid: " + string(i) }

// Failed says that the effect was made and failed.
type Failed string

func (f Failed) Error() string { return "failed: " + string(f) }
