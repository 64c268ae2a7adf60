package guest

import (
	"strconv"
	"strings"
)

// As much JSON as the heads of operations need: encoding/json would make a module a third larger.

// valid is a text as UTF-8.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// quoted is a text with its quotation marks.
func quoted(text string) string {
	const digits = "0123456789abcdef"
	out := append(make([]byte, 0, len(text)+2), '"')
	for _, c := range []byte(valid(text)) {
		switch {
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		default:
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}

// head is a head with one member that is a text, and the bytes behind it.
func head(member, text string, body []byte) []byte {
	return append([]byte(`{"`+member+`":`+quoted(text)+"}\n"), body...)
}

// number is the whole number of a member of an object as the host writes it; 0 if it is not there.
func number(json, member string) int {
	_, value, _ := strings.Cut(json, `"`+member+`":`)
	end := 0
	for end < len(value) && value[end] >= '0' && value[end] <= '9' {
		end++
	}
	result, _ := strconv.Atoi(value[:end])
	return result
}

// texts are all texts of a list of lists of texts, one after the other.
func texts(json string) []string {
	short := map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
	var all []string
	for {
		_, rest, more := strings.Cut(json, `"`)
		if !more {
			return all
		}
		var text []byte
		i := 0
		for ; i < len(rest) && rest[i] != '"'; i++ {
			c := rest[i]
			if c == '\\' && i+1 < len(rest) {
				i++
				c = rest[i]
				if short[c] != 0 {
					c = short[c]
				} else if c == 'u' && i+4 < len(rest) { // the host writes only control characters so
					code, _ := strconv.ParseUint(rest[i+1:i+5], 16, 8)
					c = byte(code)
					i += 4
				}
			}
			text = append(text, c)
		}
		all = append(all, string(text))
		json = rest[min(i+1, len(rest)):]
	}
}
