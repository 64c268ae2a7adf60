package guest

import (
	"bytes"
	"strings"
)

// Header of a request. With a Secret the host puts its value behind Value, which is `Bearer ` then, or empty.
type Header struct{ Name, Value, Secret string }

// Request is what Fetch asks for. A second header of the same name, whatever its case, is refused by the host.
type Request struct {
	Method  string // GET if it is empty
	URL     string
	Headers []Header
	Body    []byte
}

// Response of a server, whatever its status.
type Response struct {
	Status  int
	Headers []Header // names in lower case, in the order of the answer, each as often as it was there
	Body    []byte
}

// Header gives the value of the first header of that name.
func (r *Response) Header(name string) string {
	for _, header := range r.Headers {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}

// Fetch asks for a URL and waits for the whole answer. Grants: net, secrets. (net/http has no network here.)
func Fetch(request Request) (*Response, error) {
	input := append([]byte(`{"url":`), quoted(request.URL)...)
	if request.Method != "" {
		input = append(append(input, `,"method":`...), quoted(request.Method)...)
	}
	input = append(input, `,"headers":{`...)
	for i, header := range request.Headers {
		if i > 0 {
			input = append(input, ',')
		}
		value := quoted(header.Value)
		if header.Secret != "" {
			value = `{"secret":` + quoted(header.Secret) + `,"prefix":` + value + `}`
		}
		input = append(input, quoted(header.Name)+":"+value...)
	}
	answer, err := Call("http.fetch", append(append(input, "}}\n"...), request.Body...))
	if err != nil {
		return nil, err
	}
	head, body, _ := bytes.Cut(answer, []byte("\n"))
	response := &Response{Status: number(string(head), "status"), Body: body}
	_, list, _ := strings.Cut(string(head), "[")
	for all := texts(list); len(all) >= 2; all = all[2:] {
		response.Headers = append(response.Headers, Header{Name: all[0], Value: all[1]})
	}
	return response, nil
}
