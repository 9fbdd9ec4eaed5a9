package lazaret

import (
	"sort"
	"unsafe"
)

//go:wasmimport lazaret:agent/web@0.1.0 fetch
func hostFetch(method unsafe.Pointer, methodLength uint32, url unsafe.Pointer, urlLength uint32, headers unsafe.Pointer, headersCount uint32, hasBody uint32, body uint64, result unsafe.Pointer)

//go:wasmimport lazaret:agent/web@0.1.0 search
func hostSearch(query unsafe.Pointer, length uint32, result unsafe.Pointer)

// Request goes to a page or a service of the web that the policy grants.
type Request struct {
	// Method is get, head, post, put, patch or delete; get where it is empty.
	Method string
	URL    string
	// Headers are this component's own; keys are the host's to add.
	Headers map[string]string
	// Body may be unread, and may be nil.
	Body *Content
}

// Fetch asks the first granted site that holds the address. The answer is unread JSON: {"status",
// "url", "type", "title", "preview", "text", "json", "bytes"}.
func Fetch(request Request) (Content, error) {
	method := request.Method
	if method == "" {
		method = "get"
	}
	names := make([]string, 0, len(request.Headers))
	for name := range request.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	headers, count := lowerList(names, 16, func(a area, name string) {
		a.putText(0, name)
		a.putText(8, request.Headers[name])
	})
	has, body := uint32(0), uint64(0)
	if request.Body != nil {
		has, body = 1, request.Body.handle
	}
	word, wordLength := lowered(method)
	url, urlLength := lowered(request.URL)
	return handleOf(func(result unsafe.Pointer) {
		hostFetch(word, wordLength, url, urlLength, headers, count, has, body, result)
	})
}

// Search sends the query, and nothing else, to the configured search service.
func Search(query string) (Content, error) {
	return onPath(query, hostSearch)
}
