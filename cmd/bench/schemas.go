package main

import (
	"context"
	"fmt"

	"github.com/codefresh-gitops/terraform-provider-codefresh/cmd/bench/idle"
)

// measureSchemas has Terraform plan unchanged resources of the do-nothing provider that differ in nothing but the types
// of their attributes, and tells what each costs Terraform itself.
func measureSchemas(ctx context.Context, r *report, b binaries, o options) error {
	resources := o.resources[0]
	r.section("25 strings", "%d unchanged resources without a provider's work", resources)

	variants := idle.Variants()

	steps := make([]step, 0, len(variants))
	for _, v := range variants {
		s, err := b.subject("schema-"+v.Name, "donothing", fmt.Sprintf(`terraform {
  required_providers {
    donothing = { source = "codefresh-gitops/donothing" }
  }
}

resource "donothing_typed" "bench" {
  count = %d
  name  = "it-${count.index}"
}
`, resources), idle.VariantVariable+"="+v.Name)
		if err != nil {
			return err
		}

		if _, err := s.do(ctx, apply); err != nil {
			return err
		}

		steps = append(steps, s.runs(plan))
	}

	plans, err := measure(ctx, min(o.runs, fewRuns), true, steps...)
	if err != nil {
		return err
	}

	base := plans[0].terraform().Seconds()
	for i, v := range variants {
		r.compared("Terraform's CPU: "+v.Description, plans[i].terraform().Seconds(), base)
	}

	return nil
}
