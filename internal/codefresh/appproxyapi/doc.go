// Package appproxyapi is the generated GraphQL client of a GitOps Runtime's app-proxy: appproxy.graphql is the part
// of its schema in use, operations.graphql what is asked.
package appproxyapi

//go:generate go tool -modfile=../../../tools/genqlient/go.mod genqlient genqlient.yaml
