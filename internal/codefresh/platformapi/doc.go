// Package platformapi is the generated GraphQL client of the Codefresh platform: platform.graphql is the part of its
// schema in use, operations.graphql what is asked.
package platformapi

//go:generate go tool -modfile=../../../tools/genqlient/go.mod genqlient genqlient.yaml
