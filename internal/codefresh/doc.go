// Package codefresh is Codefresh's API, as far as Git tokens need it: the platform (who am I, which runtimes are
// there) and the app-proxy of each GitOps Runtime (which takes tokens), both GraphQL, and the settings that say where
// and with which key.
//
// The operations are in platformapi and appproxyapi, whose clients are generated. This package sends them, judges the
// answers and remembers them: a Client asks each question once, however many callers want to know.
//
// One rule runs through it: only an answer in GraphQL's own form proves that something is absent. Web pages,
// gateways' answers and broken connections say nothing of what Codefresh holds.
package codefresh
