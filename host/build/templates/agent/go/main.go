package main

import (
	"errors"
	"unicode/utf8"

	"lazaret"
)

type input struct {
	Name string `json:"name"`
}

type output struct {
	Greeting string `json:"greeting"`
	Letters  int    `json:"letters"`
}

func run(in input, task *lazaret.Task) (output, error) {
	if in.Name == "" {
		return output{}, errors.New("the input has no `name`")
	}
	lazaret.Log.Info("greeting " + in.Name)
	return output{Greeting: "hello " + in.Name, Letters: utf8.RuneCountInString(in.Name)}, nil
}

func init() { lazaret.Agent(run) }

func main() {}
