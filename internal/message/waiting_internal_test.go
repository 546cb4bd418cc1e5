package message

import (
	"slices"
	"testing"
	"time"
)

func TestClosest(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		name  string
		names []string
		want  []string
	}{
		{"prod", nil, nil},
		{"prod", []string{"staging", "dev", ""}, nil},
		{"prdo", []string{"prod", "dev"}, []string{"prod"}},                                          // swapped
		{"pod", []string{"prod", "dev"}, []string{"prod"}},                                           // left out
		{"proud", []string{"prod"}, []string{"prod"}},                                                // added
		{"prid", []string{"prod"}, []string{"prod"}},                                                 // mistaken
		{"Prod", []string{"prod"}, []string{"prod"}},                                                 // of another case
		{"prod", []string{"prod-eu", "my-prod"}, []string{"my-prod", "prod-eu"}},                     // a part
		{"a", []string{"ab", "abcdefgh"}, []string{"ab"}},                                            // too short for a part
		{"codefresh-production", []string{"codefresh-prodution-"}, []string{"codefresh-prodution-"}}, // two slips
		{"x1", []string{"x2", "x3", "x4", "x5"}, []string{"x2", "x3", "x4"}},
		{"eu-west-1", []string{"us-east-1"}, nil},
		{"", []string{"a"}, nil},
	} {
		if got := closest(test.name, test.names); !slices.Equal(got, test.want) {
			t.Errorf("closest(%q, %q) = %q, want %q", test.name, test.names, got, test.want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()

	for d, want := range map[time.Duration]string{
		0: "0s", 400 * time.Millisecond: "0s", time.Second: "1s", 90 * time.Second: "1m30s", 10 * time.Minute: "10m",
		time.Hour: "1h", time.Hour + time.Minute: "1h1m", time.Hour + time.Second: "1h0m1s", 20 * time.Second: "20s",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%d) = %q, want %q", d, got, want)
		}
	}
}
