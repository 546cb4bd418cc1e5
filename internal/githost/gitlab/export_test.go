package gitlab

// ParseError is parseError, with the text that messages show of it.
func ParseError(body []byte) (code, text string) {
	e := parseError(body)

	return e.Code, e.text()
}
