package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestTokenOf(t *testing.T) {
	t.Parallel()

	tokens := types.MapValueMust(types.StringType, map[string]attr.Value{
		"ci": types.StringValue("named"), "null": types.StringNull(), "later": types.StringUnknown(),
	})
	unknown := types.StringUnknown()
	for name, test := range map[string]struct {
		m      tokenModel
		tokens types.Map
		text   string
		known  bool
		err    error
	}{
		"none":                {m: tokenModel{}, tokens: tokens},
		"token":               {m: tokenModel{Token: types.StringValue("a")}, text: "a", known: true},
		"token, unknown":      {m: tokenModel{Token: unknown}},
		"write-only":          {m: tokenModel{TokenWO: types.StringValue("b")}, text: "b", known: true},
		"write-only, unknown": {m: tokenModel{TokenWO: unknown}},
		"named": {
			m: tokenModel{TokenName: types.StringValue("ci")}, tokens: tokens, text: "named", known: true,
		},
		"named, name unknown":  {m: tokenModel{TokenName: unknown}, tokens: tokens},
		"named, token unknown": {m: tokenModel{TokenName: types.StringValue("later")}, tokens: tokens},
		"named, tokens unknown": {
			m: tokenModel{TokenName: types.StringValue("x")}, tokens: types.MapUnknown(types.StringType),
		},
		"named, null":      {m: tokenModel{TokenName: types.StringValue("null")}, tokens: tokens, err: errNoSuchName},
		"named, missing":   {m: tokenModel{TokenName: types.StringValue("x")}, tokens: tokens, err: errNoSuchName},
		"named, no tokens": {m: tokenModel{TokenName: types.StringValue("ci")}, err: errNoSuchName},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := &providerData{gitTokens: test.tokens}
			got, err := d.tokenOf(&test.m)
			if !errors.Is(err, test.err) || got.known != test.known || !got.secret.Equal(gittoken.NewSecret(test.text)) {
				t.Errorf("known %t, right token %t, error %v", got.known, got.secret.Equal(gittoken.NewSecret(test.text)), err)
			}
		})
	}
}

func TestTokenChanged(t *testing.T) {
	t.Parallel()

	salt := []byte("salt")
	secret := gittoken.NewSecret("a")
	known := tokenValue{secret: secret, known: true}
	mark := types.StringValue(secret.Fingerprint(salt))
	version := types.StringValue
	writeOnly := func(v types.String) tokenModel {
		return tokenModel{TokenWO: types.StringValue("a"), TokenWOVersion: v}
	}

	state := tokenModel{TokenFingerprint: mark}
	another := tokenValue{secret: gittoken.NewSecret("b"), known: true}
	bad := verdictModel{Status: version("revoked")}
	for name, test := range map[string]struct {
		token         tokenValue
		config, state tokenModel
		note          note
		want          bool
	}{
		"the same":     {known, tokenModel{Token: version("a")}, state, note{Salt: salt}, false},
		"another":      {another, tokenModel{}, state, note{Salt: salt}, true},
		"not known":    {tokenValue{secret: secret}, tokenModel{}, state, note{Salt: salt}, true},
		"imported":     {known, tokenModel{}, tokenModel{}, note{Salt: salt}, true},
		"no salt":      {known, tokenModel{}, state, note{}, true},
		"another salt": {known, tokenModel{}, state, note{Salt: []byte("pepper")}, true},
		"write-only, no version": {
			known, writeOnly(types.StringNull()), state, note{Salt: salt}, false,
		},
		"write-only, no version, another": {
			another, writeOnly(types.StringNull()), state, note{Salt: salt}, true,
		},
		"the same version of another value": {
			another, writeOnly(version("1")),
			tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1")},
			note{Salt: salt},
			false,
		},
		"the same version of another value, and the registered token bad": {
			another, writeOnly(version("1")),
			tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1"), verdictModel: bad},
			note{Salt: salt},
			true,
		},
		"the same version of the same value, and the registered token bad": {
			known, writeOnly(version("1")),
			tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1"), verdictModel: bad},
			note{Salt: salt},
			false,
		},
		"another version of the same value": {
			known, writeOnly(version("2")),
			tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1")},
			note{Salt: salt},
			true,
		},
		"a first version": {known, writeOnly(version("1")), state, note{Salt: salt}, true},
		"a version that is not known": {
			known, writeOnly(types.StringUnknown()),
			tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1")},
			note{Salt: salt},
			true,
		},
		"no version any more": {
			known, writeOnly(types.StringNull()),
			tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1")},
			note{Salt: salt},
			false,
		},
		"a version, and the token not write-only": {
			known,
			tokenModel{Token: types.StringValue("a"), TokenWOVersion: version("2")},
			tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1")},
			note{Salt: salt},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := test.token.changed(&test.config, &test.state, test.note); got != test.want {
				t.Errorf("changed is %t", got)
			}
		})
	}
}

func TestNoteOutlivesPrivateState(t *testing.T) {
	t.Parallel()

	for _, want := range []note{
		{},
		{Salt: []byte{0, 1, 255}},
		{Salt: []byte("0123456789abcdef"), AccountID: "5f0c", ExpiresAt: new(string)},
	} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, readNote(text)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	for _, bad := range []string{"", "null", "[]", "{", `{"salt":1}`, `{"salt":"?"}`, `"x"`} {
		if diff := cmp.Diff(note{}, readNote([]byte(bad))); diff != "" {
			t.Errorf("of %q (-want +got):\n%s", bad, diff)
		}
	}
	// What a later version of the provider adds is no reason to forget the rest.
	if got := readNote([]byte(`{"salt":"AAE=","more":{}}`)); !bytes.Equal(got.Salt, []byte{0, 1}) {
		t.Errorf("with more in it: %+v", got)
	}
}

func FuzzReadNote(f *testing.F) {
	f.Add([]byte(`{"salt":"AAE=","account_id":"5f0c","expires_at":""}`))
	f.Add([]byte(`{"salt":null}`))
	f.Add([]byte("\xff{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		n := readNote(text)
		again, err := json.Marshal(n)
		if err != nil {
			t.Fatalf("%q gives a note that cannot be kept: %v", text, err)
		}
		if diff := cmp.Diff(n.AccountID, readNote(again).AccountID); diff != "" {
			t.Errorf("%q: -first +second:\n%s", text, diff)
		}
		if !bytes.Equal(n.Salt, readNote(again).Salt) {
			t.Errorf("%q: the salt is another the second time", text)
		}
	})
}

// What the state tells of a token serves only where it is that token.
func TestTokenRecognised(t *testing.T) {
	t.Parallel()

	kept, github := note{Salt: []byte("salt")}, types.StringValue("github")
	secret := gittoken.NewSecret("a")
	state := &tokenModel{GitProvider: github, TokenFingerprint: types.StringValue(secret.Fingerprint(kept.Salt))}
	here, elsewhere := &tokenModel{GitProvider: github}, &tokenModel{GitProvider: types.StringValue("gitlab")}
	for name, test := range map[string]struct {
		text        string
		plan, state *tokenModel
		send        bool
		known       bool
		withheld    bool
	}{
		"new":                             {text: "a", plan: here, send: true},
		"registered":                      {text: "a", plan: here, state: state, known: true},
		"registered, sent again":          {text: "a", plan: here, state: state, send: true, known: true},
		"registered, sent to another one": {text: "a", plan: elsewhere, state: state, send: true},
		"another, to be sent":             {text: "b", plan: here, state: state, send: true},
		"another, not to be sent":         {text: "b", plan: here, state: state, known: true, withheld: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			token := tokenValue{secret: gittoken.NewSecret(test.text), known: true}
			known := token.recognise(test.plan, test.state, kept, test.send)
			if (known != nil) != test.known || token.withheld != test.withheld {
				t.Errorf("known is %t, withheld is %t", known != nil, token.withheld)
			}
		})
	}
}

func TestNoteSalted(t *testing.T) {
	t.Parallel()

	fresh, err := note{}.salted(strings.NewReader("0123456789abcdefghi"))
	if err != nil || string(fresh.Salt) != "0123456789abcdef" {
		t.Errorf("a first note: %+v, %v", fresh, err)
	}
	// The salt stays: with another one every fingerprint would be another.
	kept, err := fresh.salted(iotest.ErrReader(errors.New("not read")))
	if err != nil || !bytes.Equal(kept.Salt, fresh.Salt) {
		t.Errorf("a second note: %+v, %v", kept, err)
	}
	short := errors.New("no entropy")
	if got, err := (note{}).salted(iotest.ErrReader(short)); !errors.Is(err, short) || len(got.Salt) != 0 {
		t.Errorf("without random bytes: %+v, %v", got, err)
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()

	n := newNotices()
	if !n.first("a") || n.first("a") || !n.first("b") || n.first("a") || !n.first("") {
		t.Error("a notice is given once, and each")
	}
	if !newNotices().first("a") {
		t.Error("another process has heard nothing")
	}

	count := make(chan bool)
	for range 20 {
		go func() { count <- n.first("c") }()
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
