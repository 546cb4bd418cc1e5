package provider

import "testing"

func TestNotices(t *testing.T) {
	t.Parallel()

	n := newNotices()

	a, b := notice{resource: "a"}, notice{resource: "b"}
	if !n.first(a) || n.first(a) || !n.first(b) || n.first(a) || !n.first(notice{}) {
		t.Error("a notice is given once, and each")
	}

	if !n.given(a) || n.given(notice{resource: "c"}) {
		t.Error("what was given is not told from the rest")
	}

	if !newNotices().first(a) {
		t.Error("another process has given nothing")
	}

	count := make(chan bool)

	for range 20 {
		go func() { count <- n.first(notice{resource: "d"}) }()
	}

	firsts := 0

	for range 20 {
		if <-count {
			firsts++
		}
	}

	if firsts != 1 {
		t.Errorf("%d were first", firsts)
	}
}
