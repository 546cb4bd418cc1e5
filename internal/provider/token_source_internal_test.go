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
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
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

			d := &providerData{gitTokens: test.tokens, redactor: redact.New()}
			got, err := d.tokenOf(&test.m)
			if !errors.Is(err, test.err) || got.Known != test.known || !got.Secret.Equal(gittoken.NewSecret(test.text)) {
				t.Errorf("known %t, right token %t, error %v", got.Known, got.Secret.Equal(gittoken.NewSecret(test.text)), err)
			}
		})
	}
}

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

func TestExplainTokenInNamesWhereItComesFrom(t *testing.T) {
	t.Parallel()

	shape := &gittoken.ShapeError{Problem: gittoken.ShapeEmpty}
	for want, from := range map[string]struct {
		attribute string
		m         tokenModel
	}{
		"The value of token cannot":              {"token", tokenModel{}},
		"The value of token_wo cannot":           {"token_wo", tokenModel{}},
		`The value of git_tokens["ci"] cannot`:   {"token_name", tokenModel{TokenName: types.StringValue("ci")}},
		`The value of git_tokens["a\"b"] cannot`: {"token_name", tokenModel{TokenName: types.StringValue(`a"b`)}},
	} {
		got := explainTokenIn(&from.m, from.attribute, gittoken.GitHub, shape).Detail
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q does not begin with %q", got, want)
		}
	}
}
