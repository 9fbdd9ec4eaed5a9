package lazaret

import (
	"encoding/json"
	"fmt"
	"unsafe"
)

//go:wasmimport lazaret:agent/content@0.1.0 create-text
func hostCreateText(text unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/content@0.1.0 create-json
func hostCreateJSON(text unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/content@0.1.0 describe
func hostDescribe(content uint64, result unsafe.Pointer)

//go:wasmimport lazaret:agent/content@0.1.0 read
func hostRead(content uint64, result unsafe.Pointer)

//go:wasmimport lazaret:agent/content@0.1.0 project
func hostProject(content uint64, pointer unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/content@0.1.0 compose-text
func hostComposeText(pieces unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/content@0.1.0 compose-json
func hostComposeJSON(skeleton unsafe.Pointer, length uint32, leaves unsafe.Pointer, count uint32, result unsafe.Pointer)

//go:wasmimport lazaret:agent/content@0.1.0 split
func hostSplit(content uint64, max uint32, result unsafe.Pointer)

// Content is a value that the host holds under a label, by handle. Holding it shows its label and
// nothing of its bytes.
type Content struct{ handle uint64 }

// ContentOf stands for the content with this number, if there is one.
func ContentOf(handle uint64) Content { return Content{handle} }

// Handle returns the number in this instance's own table.
func (c Content) Handle() uint64 { return c.handle }

// NewText makes a text at this component's label. Limit: content-bytes.
func NewText(text string) (Content, error) {
	address, length := lowered(text)
	return handleOf(func(result unsafe.Pointer) { hostCreateText(address, length, result) })
}

// NewJSON makes a JSON value at this component's label. Limit: content-bytes.
func NewJSON(value any) (Content, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return Content{}, Invalid(err.Error())
	}
	address, length := lowered(string(text))
	return handleOf(func(result unsafe.Pointer) { hostCreateJSON(address, length, result) })
}

// Concat makes a text of pieces, each a string or a Content; contents stay unread.
func Concat(pieces ...any) (Content, error) {
	for _, piece := range pieces {
		switch piece.(type) {
		case string, Content:
		default:
			return Content{}, Invalid(fmt.Sprintf("a %T is no piece of a text", piece))
		}
	}
	address, count := lowerList(pieces, 16, func(a area, piece any) {
		switch piece := piece.(type) {
		case string:
			a.putU8(0, 0)
			a.putText(8, piece)
		case Content:
			a.putU8(0, 1)
			a.putU64(8, piece.handle)
		}
	})
	return handleOf(func(result unsafe.Pointer) { hostComposeText(address, count, result) })
}

// Compose makes a JSON value with contents in it that stay unread and keep their labels. The
// skeleton has null where each pointer of leaves leads.
func Compose(skeleton any, leaves map[string]Content) (Content, error) {
	text, err := json.Marshal(skeleton)
	if err != nil {
		return Content{}, Invalid(err.Error())
	}
	type leaf struct {
		pointer string
		content Content
	}
	list := make([]leaf, 0, len(leaves))
	for pointer, content := range leaves {
		list = append(list, leaf{pointer, content})
	}
	address, length := lowered(string(text))
	places, count := lowerList(list, 16, func(a area, one leaf) {
		a.putText(0, one.pointer)
		a.putU64(8, one.content.handle)
	})
	return handleOf(func(result unsafe.Pointer) { hostComposeJSON(address, length, places, count, result) })
}

// Label says where a content came from and who may read it.
type Label struct {
	// Taint are tags such as "issue" or "web"; none means trusted.
	Taint []string
	// Everyone is set where everybody may read it, web sites included.
	Everyone bool
	// Readers are the principals who may read it, where not everyone may.
	Readers []string
}

// Label returns the content's label.
func (c Content) Label() (Label, error) {
	// result<description, error>: media u8 at 4, taint at 8, readers' tag at 16, their list at 20.
	result := newArea(36)
	hostDescribe(c.handle, result.base)
	if result.u8(0) != 0 {
		return Label{}, loadError(result.at(4))
	}
	text := func(a area) string { return a.text(0) }
	label := Label{Taint: list(result, 8, 8, text), Everyone: result.u8(16) == 0}
	if !label.Everyone {
		label.Readers = list(result, 20, 8, text)
	}
	return label, nil
}

// Read reads the content. This component carries its label from then on. It is *Denied by
// Clearance where the label would rise over what the component may read.
func (c Content) Read() (string, error) {
	result := newArea(sizeOfTextResult)
	hostRead(c.handle, result.base)
	if result.u8(0) != 0 {
		return "", loadError(result.at(4))
	}
	return result.text(4), nil
}

// ReadJSON reads a JSON content into a value. The failure of an effect that had to stay inside
// its answer is given as Failed.
func (c Content) ReadJSON(into any) error {
	text, err := c.Read()
	if err != nil {
		return err
	}
	var sealed map[string]json.RawMessage
	var message string
	if json.Unmarshal([]byte(text), &sealed) == nil && len(sealed) == 1 &&
		json.Unmarshal(sealed["error"], &message) == nil {
		return Failed(message)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return Invalid(err.Error())
	}
	return nil
}

// Project gives the value at a JSON pointer, unread. A missing one is null.
func (c Content) Project(pointer string) (Content, error) {
	address, length := lowered(pointer)
	return handleOf(func(result unsafe.Pointer) { hostProject(c.handle, address, length, result) })
}

// Split gives the items of a list, at most max, unread. Their number may cost bits.
func (c Content) Split(max uint32) ([]Content, error) {
	result := newArea(sizeOfTextResult)
	hostSplit(c.handle, max, result.base)
	if result.u8(0) != 0 {
		return nil, loadError(result.at(4))
	}
	return list(result, 4, 8, func(a area) Content { return Content{a.u64(0)} }), nil
}
