package provider

import "testing"

func TestStake(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		earlier []string
		holder  string
		want    rivalry
	}{
		"first":                            {nil, "", noRival},
		"itself again":                     {[]string{"a"}, "a", noRival},
		"two new resources":                {[]string{""}, "", rival},
		"two that are in the state":        {[]string{"a"}, "b", maybeRival},
		"a new one beside one of the past": {[]string{"a"}, "", maybeRival},
		"one of the past beside a new one": {[]string{""}, "a", maybeRival},
		"a third new one":                  {[]string{"a", ""}, "", rival},
		"two that were imported":           {[]string{imported}, imported, maybeRival},
		"an imported one that is replaced": {[]string{imported}, "", maybeRival},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := newClaims()
			for _, holder := range tt.earlier {
				c.stake("here", holder)
			}
			c.stake("elsewhere", "")
			if got := c.stake("here", tt.holder); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
