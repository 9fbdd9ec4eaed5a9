package main

import (
	"strings"
	"unicode/utf8"

	"lazaret"
)

type text struct {
	Text string `json:"text"`
}

type count struct {
	Words   int `json:"words"`
	Letters int `json:"letters"`
}

func init() {
	lazaret.Tool("count", "Counts the words and the letters of a text",
		`{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}`,
		func(in text) (any, error) {
			return count{len(strings.Fields(in.Text)), utf8.RuneCountInString(in.Text)}, nil
		})
}

func main() {}
