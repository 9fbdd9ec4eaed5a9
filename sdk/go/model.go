//go:build !tool

package lazaret

import (
	"encoding/json"
	"unsafe"
)

//go:wasmimport lazaret:agent/model@0.1.0 ask
func hostAsk(model unsafe.Pointer, modelLength uint32, hasEffort, effort, hasTokens, tokens uint32, messages unsafe.Pointer, messagesCount uint32, tools unsafe.Pointer, toolsCount uint32, hasSchema uint32, schema unsafe.Pointer, schemaLength uint32, result unsafe.Pointer)

// Role says who speaks.
type Role uint8

// The roles.
const (
	System Role = iota
	User
	Assistant
	ToolRole
)

// Effort says how hard a model thinks; the model's own where it is 0.
type Effort uint8

// The efforts.
const (
	Low Effort = iota + 1
	Medium
	High
	XHigh
	Max
)

// ToolUse is a call that the model asked for in an earlier answer.
type ToolUse struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// ToolResult is what became of such a call.
type ToolResult struct {
	ID      string
	Content Content
	IsError bool
}

// Message is one of a conversation. Its blocks are strings, Contents that stay unread here,
// ToolUses and ToolResults.
type Message struct {
	Role   Role
	Blocks []any
}

// ToolSpec describes a function to the model.
type ToolSpec struct {
	Name        string
	Description string
	// Schema is the JSON Schema of its arguments.
	Schema string
}

// Question is what a model is asked.
type Question struct {
	// Model is an alias of the policy; the component's own where it is empty.
	Model string
	Effort
	// MaxOutputTokens is the model's own where it is 0.
	MaxOutputTokens uint32
	Messages        []Message
	Tools           []ToolSpec
	// Schema is the JSON Schema that the answer's text should satisfy, or empty.
	Schema string
}

// Reply is what an answer holds, once it is read.
type Reply struct {
	Text      string    `json:"text"`
	ToolCalls []ToolUse `json:"tool_calls"`
	Stop      string    `json:"stop"`
}

// Ask asks a model. The answer is a Reply by handle, unread.
func Ask(question Question) (Content, error) {
	for _, message := range question.Messages {
		for _, block := range message.Blocks {
			switch block.(type) {
			case string, Content, ToolUse, ToolResult:
			default:
				return Content{}, Invalid("a block is a string, a Content, a ToolUse or a ToolResult")
			}
		}
	}
	messages, count := lowerList(question.Messages, 12, func(a area, message Message) {
		a.putU8(0, uint8(message.Role))
		blocks, count := lowerList(message.Blocks, 32, storeBlock)
		a.putList(4, blocks, count)
	})
	tools, toolCount := lowerList(question.Tools, 24, func(a area, tool ToolSpec) {
		a.putText(0, tool.Name)
		a.putText(8, tool.Description)
		a.putText(16, tool.Schema)
	})
	model, modelLength := lowered(question.Model)
	schema, schemaLength := lowered(question.Schema)
	flag := func(set bool) uint32 {
		if set {
			return 1
		}
		return 0
	}
	effort := uint32(0)
	if question.Effort > 0 {
		effort = uint32(question.Effort) - 1
	}
	return handleOf(func(result unsafe.Pointer) {
		hostAsk(model, modelLength, flag(question.Effort > 0), effort,
			flag(question.MaxOutputTokens > 0), question.MaxOutputTokens, messages, count, tools, toolCount,
			flag(question.Schema != ""), schema, schemaLength, result)
	})
}

// A block: its tag at 0, its value at 8; a tool's result has its content at 16.
func storeBlock(a area, block any) {
	switch block := block.(type) {
	case string:
		a.putU8(0, 0)
		a.putText(8, block)
	case Content:
		a.putU8(0, 1)
		a.putU64(8, block.handle)
	case ToolUse:
		a.putU8(0, 2)
		a.putText(8, block.ID)
		a.putText(16, block.Name)
		a.putText(24, string(block.Arguments))
	case ToolResult:
		a.putU8(0, 3)
		a.putText(8, block.ID)
		a.putU64(16, block.Content.handle)
		a.putU8(24, 0)
		if block.IsError {
			a.putU8(24, 1)
		}
	}
}

// AskText asks a model one thing and reads what it says.
func AskText(prompt string) (string, error) {
	answer, err := Ask(Question{Messages: []Message{{User, []any{prompt}}}})
	if err != nil {
		return "", err
	}
	var reply Reply
	if err := answer.ReadJSON(&reply); err != nil {
		return "", err
	}
	return reply.Text, nil
}
