package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
)

func packet(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }

func TestHasRefs(t *testing.T) {
	t.Parallel()

	const (
		pull = rest.GitUploadPack
		push = rest.GitReceivePack
	)

	head := strings.Repeat("0123456789", 4) + " HEAD\x00side-band-64k\n"
	none := strings.Repeat("0", 40) + " capabilities^{}\x00report-status\n"
	service := func(name string) string { return packet("# service="+name+"\n") + "0000" }

	for name, tt := range map[string]struct {
		service, kind string
		status        int
		body          string
		has           bool
		refusal       string
	}{
		"pull":                    {pull, pull, 200, service(pull) + packet(head) + "0000", true, ""},
		"push":                    {push, push, 200, service(push) + packet(head) + "0000", true, ""},
		"push, empty repository":  {push, push, 200, service(push) + packet(none) + "0000", true, ""},
		"pull, empty repository":  {pull, pull, 200, service(pull) + "0000", true, ""},
		"push, nothing":           {push, push, 200, service(push) + "0000", false, ""},
		"without the service":     {push, push, 200, packet(head) + "0000", true, ""},
		"cut off after the first": {push, push, 200, service(push) + packet(head) + "00", true, ""},
		"cut off within it":       {push, push, 200, (service(push) + packet(head))[:80], false, ""},
		"another service":         {push, pull, 200, service(pull) + packet(head), false, ""},
		"another service's list":  {push, push, 200, service(pull) + packet(head), false, ""},
		"an error": {
			push, push, 200, packet("ERR This repository is archived.\n"), false, "This repository is archived.",
		},
		"an error for the service": {push, push, 200, service(push) + packet("ERR No.\x1b"), false, "No."},
		"another status":           {push, push, 203, service(push) + packet(head), false, ""},
		"a page of that type":      {push, push, 200, "<html>Sign in</html>", false, ""},
		"nothing":                  {push, push, 200, "", false, ""},
		"no digits":                {push, push, 200, "zzzz", false, ""},
		"digits without length":    {push, push, 200, "0003", false, ""},
		"not an object":            {push, push, 200, service(push) + packet("hello world"), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			a := rest.Answer{
				Status: tt.status, Body: []byte(tt.body),
				Header: http.Header{"Content-Type": {"application/x-" + tt.kind + "-advertisement"}},
			}

			if has, refusal := a.HasRefs(tt.service); has != tt.has || refusal != tt.refusal {
				t.Errorf("HasRefs = %t %q", has, refusal)
			}
		})
	}
}

func FuzzHasRefs(f *testing.F) {
	f.Add("001f# service=git-receive-pack\n0000003e0000000000000000000000000000000000000000 capabilities^{}\x00x\n0000")
	f.Add("0008ERR ")
	f.Add("ffff")

	f.Fuzz(func(t *testing.T, body string) {
		a := rest.Answer{
			Status: http.StatusOK, Body: []byte(body),
			Header: http.Header{"Content-Type": {"application/x-git-receive-pack-advertisement"}},
		}

		if has, refusal := a.HasRefs(rest.GitReceivePack); has && (refusal != "" || len(body) < 45) {
			t.Errorf("%q has references, and %q", body, refusal)
		}
	})
}
