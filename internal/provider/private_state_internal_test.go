package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestPrivateStateOutlivesItsText(t *testing.T) {
	t.Parallel()

	for _, want := range []privateState{
		{},
		{Salt: []byte{0, 1, 255}},
		{Salt: []byte("0123456789abcdef"), AccountID: "5f0c", ExpiresAt: new(string)},
	} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}

		if diff := cmp.Diff(want, parsePrivateState(text)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}

	for _, bad := range []string{"", "null", "[]", "{", `{"salt":1}`, `{"salt":"?"}`, `"x"`} {
		if diff := cmp.Diff(privateState{}, parsePrivateState([]byte(bad))); diff != "" {
			t.Errorf("of %q (-want +got):\n%s", bad, diff)
		}
	}
	// What a later version of the provider adds is no reason to forget the rest.
	if got := parsePrivateState([]byte(`{"salt":"AAE=","more":{}}`)); !bytes.Equal(got.Salt, []byte{0, 1}) {
		t.Errorf("with more in it: %+v", got)
	}
}

func FuzzParsePrivateState(f *testing.F) {
	f.Add([]byte(`{"salt":"AAE=","account_id":"5f0c","expires_at":""}`))
	f.Add([]byte(`{"salt":null}`))
	f.Add([]byte("\xff{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		n := parsePrivateState(text)

		again, err := json.Marshal(n)
		if err != nil {
			t.Fatalf("%q gives private state that cannot be kept: %v", text, err)
		}

		if diff := cmp.Diff(n.AccountID, parsePrivateState(again).AccountID); diff != "" {
			t.Errorf("%q: -first +second:\n%s", text, diff)
		}

		if !bytes.Equal(n.Salt, parsePrivateState(again).Salt) {
			t.Errorf("%q: the salt is another the second time", text)
		}
	})
}

func TestPrivateStateSalted(t *testing.T) {
	t.Parallel()

	fresh, err := privateState{}.salted(strings.NewReader("0123456789abcdefghi"))
	if err != nil || string(fresh.Salt) != "0123456789abcdef" {
		t.Errorf("a first one: %+v, %v", fresh, err)
	}
	// The salt stays: with another one every fingerprint would be another.
	kept, err := fresh.salted(iotest.ErrReader(errors.New("not read")))
	if err != nil || !bytes.Equal(kept.Salt, fresh.Salt) {
		t.Errorf("a second one: %+v, %v", kept, err)
	}

	short := errors.New("no entropy")
	if got, err := (privateState{}).salted(iotest.ErrReader(short)); !errors.Is(err, short) || len(got.Salt) != 0 {
		t.Errorf("without random bytes: %+v, %v", got, err)
	}
}
