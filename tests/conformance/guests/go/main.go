package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"lazaret"
)

type input struct {
	Case  string          `json:"case"`
	Value json.RawMessage `json:"value"`
}

type person struct {
	Name  string   `json:"name"`
	Years int      `json:"years"`
	Tags  []string `json:"tags"`
}

type fields map[string]any

func run(in input, task *lazaret.Task) (any, error) {
	switch in.Case {
	case "typed":
		var who person
		if err := json.Unmarshal(in.Value, &who); err != nil {
			return nil, err
		}
		return fields{"name": who.Name, "next": who.Years + 1, "tags": len(who.Tags)}, nil
	case "json":
		return fields{"value": in.Value}, nil
	case "unicode":
		var text string
		err := json.Unmarshal(in.Value, &text)
		return fields{"text": text, "letters": utf8.RuneCountInString(text)}, err
	case "large":
		return large(in.Value)
	case "handles":
		return handles(task)
	case "forged":
		_, err := lazaret.ContentOf(12345).Read()
		return fields{"kind": kind(err)}, nil
	case "denial":
		secret, err := task.Part("secret")
		if err != nil {
			return nil, err
		}
		_, err = secret.Read()
		return told(err), nil
	case "missing-grant":
		_, err := lazaret.Call("tracker.pay", lazaret.Arguments{"amount": 1})
		return told(err), nil
	case "tool":
		mail, err := task.Part("mail")
		if err != nil {
			return nil, err
		}
		return lazaret.Call("tracker.pay", lazaret.Arguments{"amount": 7, "note": mail})
	case "files":
		file, err := lazaret.Files.Read("vault/key.txt")
		if err != nil {
			return nil, err
		}
		text, err := file.Read()
		return fields{"text": text}, err
	case "gate":
		return gate(task)
	case "parallel":
		return parallel()
	case "failure":
		return nil, errors.New("asked to fail")
	case "panic":
		deepest([]int{})
	case "deadline":
		for {
		}
	case "log":
		lazaret.Log.Debug("a line of debug")
		lazaret.Log.Info("a line of info")
		lazaret.Log.Warn("a line of warn")
		lazaret.Log.Error("a line of error")
		return nil, nil
	case "clock":
		return fields{"now": lazaret.Now()}, nil
	case "random":
		dice := make([]string, 3)
		for index := range dice {
			dice[index] = strconv.FormatUint(lazaret.Random(), 10)
		}
		return fields{"dice": dice}, nil
	}
	return nil, fmt.Errorf("there is no case `%s`", in.Case)
}

//go:noinline
func deepest(wheels []int) {
	panic(fmt.Sprintf("the wheel came off: %d are left", len(wheels)))
}

func kind(err error) string {
	var denied *lazaret.Denied
	if errors.As(err, &denied) {
		return string(denied.Kind)
	}
	if err != nil {
		return err.Error()
	}
	return "done"
}

func told(err error) any {
	var denied *lazaret.Denied
	if !errors.As(err, &denied) {
		return "nothing was refused"
	}
	return fields{"kind": denied.Kind, "rule": denied.Rule, "remedy": denied.Remedy != ""}
}

func large(value json.RawMessage) (any, error) {
	length, err := strconv.Atoi(string(value))
	if err != nil {
		return nil, err
	}
	made, err := lazaret.NewText(strings.Repeat("x", length))
	if err != nil {
		return nil, err
	}
	text, err := made.Read()
	return fields{"length": len(text)}, err
}

func handles(task *lazaret.Task) (any, error) {
	mail, err := task.Part("mail")
	if err != nil {
		return nil, err
	}
	label, err := mail.Label()
	if err != nil {
		return nil, err
	}
	return lazaret.Compose(fields{"kept": nil, "taint": label.Taint}, map[string]lazaret.Content{"/kept": mail})
}

func gate(task *lazaret.Task) (any, error) {
	mail, err := task.Part("mail")
	if err != nil {
		return nil, err
	}
	var severity string
	err = lazaret.Gate(mail, `{"enum":["low","high"]}`, "verdict", &severity)
	if errors.Is(err, lazaret.ErrNotOfType) {
		return fields{"value": nil}, nil
	}
	return fields{"value": severity}, err
}

func parallel() (any, error) {
	answers, err := lazaret.CallAll([]lazaret.ToolCall{
		{Function: "tracker.pay", Arguments: lazaret.Arguments{"amount": 1}},
		{Function: "tracker.publish", Arguments: lazaret.Arguments{"text": "x"}},
		{Function: "tracker.pay", Arguments: lazaret.Arguments{"amount": 2}},
	})
	kinds := make([]string, 0, len(answers))
	for _, answer := range answers {
		kinds = append(kinds, kind(answer.Err))
	}
	return kinds, err
}

func init() { lazaret.Agent(run) }

func main() {}
