package sandbox

import (
	"net/http"
)

const (
	runtimeVersion   = "0.27.0"
	appProxyVersion  = "1.3700.0"
	runtimeTokenType = "RUNTIME_TOKEN"
	userTokenType    = "USER_TOKEN"
)

// appProxyHandler is what answers at a runtime's ingress host.
func (s *Sandbox) appProxyHandler(runtime *cfRuntime) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		reach, shape := runtime.reach, appProxyShape(runtime.UpdateAnswers)
		s.mu.Unlock()

		switch {
		case reach == ReachDown:
			nginx(http.StatusBadGateway).writeTo(w)
		case reach == ReachTunnelDown:
			noTunnel().writeTo(w)
		case r.URL.Path == "/app-proxy/api/readyz" || r.URL.Path == "/app-proxy/api/healthz":
			answer{http.StatusOK, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, "OK"}.writeTo(w)
		case r.URL.Path != "/app-proxy/api/graphql":
			nginx(http.StatusNotFound).writeTo(w)
		default:
			q, refused := readGraphQL(r)

			user := s.caller(r, false)
			switch {
			case user == nil:
				rejected(false).writeTo(w)
			case refused != nil:
				refused.writeTo(w)
			default:
				done := q.execute(withCall(r.Context(), cfCall{s, user, runtime}), shape)
				if q.isMutation && s.losesAnswer(runtime) {
					reset(w)

					return
				}

				done.writeTo(w)
			}
		}
	})
}

func (s *Sandbox) losesAnswer(runtime *cfRuntime) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	if runtime.loseAnswers == 0 {
		return false
	}

	runtime.loseAnswers--

	return true
}

// reset ends the connection of w with a TCP reset and without an answer.
func reset(w http.ResponseWriter) {
	if rec, ok := w.(*statusRecorder); ok {
		rec.cut = true
	}

	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to end a connection
	}

	abort(conn)
}

// noTunnel is what a tunnel server answers for a host name that no client claims.
func noTunnel() answer {
	return answer{
		http.StatusNotFound,
		http.Header{"Content-Type": {"text/html"}},
		"<!DOCTYPE html>\n<html>\n<head><title>Not Found</title></head>\n" +
			"<body><h1>Not Found</h1><p>No tunnel serves this host name.</p></body>\n</html>\n",
	}
}
