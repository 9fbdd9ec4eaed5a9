// Package lazaret writes agents and tools for Lazaret in Go.
//
// A component registers what it is in an init function, since its main is never called:
//
//	func run(in Input, task *lazaret.Task) (Output, error) { … }
//	func init() { lazaret.Agent(run) }
//	func main() {}
//
// Each task, and each call of a tool, runs in a fresh instance: no variable keeps anything from
// one to the next. A call of the host blocks; CallAll makes several at the same time.
//
// A call that the monitor refuses gives a *Denied: nothing was done, and it says what is allowed
// instead. A panic ends the task; the operator sees its message and the stack.
package lazaret

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
)

// Task is what an agent is asked to do: a text that may be seen, and named contents that are only
// held.
type Task struct {
	// Text is the instruction, or the typed input as JSON. The agent starts at its label.
	Text string
	// Options says how to do it, as a JSON object: model, effort, schema.
	Options string
	// Parts are contents that go with the task, unread, in order.
	Parts []Part
}

// Part is a named content.
type Part struct {
	Name    string
	Content Content
}

// Part returns a part by name, unread, or an error where the task has none of that name.
func (t *Task) Part(name string) (Content, error) {
	for _, part := range t.Parts {
		if part.Name == name {
			return part.Content, nil
		}
	}
	return Content{}, fmt.Errorf("the task has no part `%s`", name)
}

// Text is an answer that is text; a string is answered as JSON.
type Text string

type answer struct {
	tag     uint8 // 0 text, 1 json, 2 content
	text    string
	content Content
}

var runAgent func(*Task) (any, error)

// Agent makes a typed function the component's agent. The task's text is its input as JSON. The
// output is answered as JSON, a Text as text, and a Content by its handle, read or not.
func Agent[Input, Output any](run func(Input, *Task) (Output, error)) {
	runAgent = func(task *Task) (any, error) {
		var in Input
		if err := json.Unmarshal([]byte(task.Text), &in); err != nil {
			return nil, fmt.Errorf("the task's text is not what was expected: %w", err)
		}
		return run(in, task)
	}
}

// AgentOfText makes a function of the task itself the component's agent.
func AgentOfText(run func(*Task) (any, error)) {
	runAgent = run
}

// Function is one function of a tool.
type Function struct {
	// Name is without the tool's own.
	Name string
	// Description says what it does, in a sentence.
	Description string
	// Schema is the JSON Schema of its arguments.
	Schema string
	call   func(arguments string) (any, error)
}

var functions []Function

// Tool makes a typed function one of the tool's. It takes its arguments as one JSON object.
func Tool[Arguments any](name, description, schema string, call func(Arguments) (any, error)) {
	functions = append(functions, Function{name, description, schema, func(text string) (any, error) {
		var arguments Arguments
		if err := json.Unmarshal([]byte(text), &arguments); err != nil {
			return nil, fmt.Errorf("malformed arguments: %w", err)
		}
		return call(arguments)
	}})
}

func callFunction(name, arguments string) (any, error) {
	for _, one := range functions {
		if one.Name == name {
			return one.call(arguments)
		}
	}
	return nil, fmt.Errorf("there is no function `%s`", name)
}

// guarded runs what an author wrote; a panic becomes an error with the stack from where it was
// raised, without the frames that raise it.
func guarded(run func() (any, error)) (value any, err error) {
	defer func() {
		if raised := recover(); raised != nil {
			stack := string(debug.Stack())
			if _, after, found := strings.Cut(stack, "panic("); found {
				if _, frames, found := strings.Cut(after, "\n\t"); found {
					_, stack, _ = strings.Cut(frames, "\n")
				}
			}
			value, err = nil, fmt.Errorf("panic: %v\n%s", raised, strings.TrimRight(stack, "\n"))
		}
	}()
	return run()
}

func answerOf(value any) (answer, error) {
	switch value := value.(type) {
	case Text:
		return answer{tag: 0, text: string(value)}, nil
	case Content:
		return answer{tag: 2, content: value}, nil
	default:
		text, err := json.Marshal(value)
		return answer{tag: 1, text: string(text)}, err
	}
}
