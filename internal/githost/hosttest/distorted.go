package hosttest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Distorted returns what can become of one of a Git host's own answers on its way, by what happened to it. None of it
// is the host's own word any more, even where its words are still there.
func Distorted(r Reply) map[string]Reply {
	claims := map[string]string{
		"a page": asHTML, "XML": asXML, "bytes": "application/octet-stream", "JavaScript": "text/javascript",
		"a form": "application/x-www-form-urlencoded", "no known type": "json",
	}
	if !strings.HasPrefix(r.Body, "{") {
		claims["JSON"] = asJSON
	}

	rows := map[string]Reply{}
	for name, kind := range claims {
		rows["that calls itself "+name] = r.With("Content-Type", kind)
	}

	rows["that calls itself nothing"] = r.Without("Content-Type")
	rows["that is not compressed as it says"] = r.With("Content-Encoding", "gzip")

	if !strings.HasPrefix(r.Body, "{") {
		return rows
	}

	for name, text := range map[string]string{
		"cut off":                     r.Body[:len(r.Body)-1],
		"cut in half":                 r.Body[:len(r.Body)/2],
		"twice":                       r.Body + r.Body,
		"after a byte order mark":     "\ufeff" + r.Body,
		"behind a guard":              ")]}'\n" + r.Body,
		"in a list":                   "[" + r.Body + "]",
		"in a text":                   strconv.Quote(r.Body),
		"in a gateway's data":         `{"data":` + r.Body + `}`,
		"in a gateway's error":        `{"error":` + r.Body + `}`,
		"in a gateway's message":      `{"message":` + strconv.Quote(r.Body) + `}`,
		"in a gateway's list":         `{"errors":[` + r.Body + `]}`,
		"in a gateway's own envelope": fmt.Sprintf(`{"statusCode":%d,"body":%s}`, r.Status, strconv.Quote(r.Body)),
	} {
		twisted := r
		twisted.Body = text
		rows[name] = twisted
	}

	return rows
}

// OddStatuses are those that Git hosts do not use to speak of a token, and that others send in their place.
func OddStatuses() []int {
	return []int{
		201, 203, 206, 300, 304, 402, 406, 407, 409, 412, 415, 418, 421, 423, 425, 426, 428, 431, 451, 499, 501, 502, 504,
		511, 520, 525, 529, 530, 598,
	}
}

// AtOddStatuses returns a reply with each of OddStatuses in place of its own, by status.
func AtOddStatuses(r Reply) map[string]Reply {
	rows := map[string]Reply{}

	for _, status := range OddStatuses() {
		odd := r.With()
		odd.Status = status

		if status == http.StatusNotModified {
			odd.Body = "" // such an answer has none
		}

		rows[strconv.Itoa(status)] = odd
	}

	return rows
}

// Twisted adds to rows what can become of a host's own answers: of each what Distorted makes of it and, under statuses
// that are none of the host's, its words.
func Twisted(rows map[string]Reply, own map[string]Reply) {
	for name, r := range own {
		for how, twisted := range Distorted(r) {
			rows["own words "+how+": "+name] = twisted
		}

		for status, odd := range AtOddStatuses(r) {
			rows["own words at "+status+": "+name] = odd
		}
	}
}
