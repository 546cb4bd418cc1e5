package transport

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// circuit keeps questions from waiting one after another for a server that lets them wait in vain. After an attempt
// that got no answer in time one more is let through, for which the others wait. If that, too, gets no answer, new
// questions are refused for as long as an attempt may take; then the next one is let through again. Any answer, even an
// error of the network, ends all of this.
type circuit struct {
	now func() time.Time

	mu       sync.Mutex
	silences int           // attempts since the last answer that got none in time
	last     time.Time     // when the latest of them was given up
	limit    time.Duration // after how long
	trial    chan struct{} // closed when the attempt that was let through ends; nil if there is none
}

// enter waits until an attempt may be made. again says that it repeats one that failed. The error is a *TimeoutError,
// or that of ctx. Without an error the attempt must be followed by leave, with what enter returned.
func (c *circuit) enter(ctx context.Context, again bool) (trial bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	for c.silences > 0 {
		if !again && c.silences > 1 && c.now().Sub(c.last) < c.limit {
			return false, c.refusal()
		}

		if c.trial == nil {
			c.trial = make(chan struct{})

			return true, nil
		}

		before := c.silences

		if err := c.await(ctx, c.trial); err != nil {
			return false, err
		}

		if c.silences > before {
			return false, c.refusal()
		}
	}

	return false, nil
}

// await waits, without the lock, for the end of a trial or of ctx.
func (c *circuit) await(ctx context.Context, trial <-chan struct{}) error {
	c.mu.Unlock()
	defer c.mu.Lock()

	select {
	case <-trial:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *circuit) refusal() error { return &TimeoutError{Limit: c.limit, Unsent: true} }

// leave tells how an attempt ended: err is nil for an answer. cancelled says that the caller did not wait for the end.
func (c *circuit) leave(trial bool, err error, cancelled bool, limit time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()

	if trial {
		close(c.trial)
		c.trial = nil
	}

	switch {
	case cancelled:
	case isTimeout(err):
		c.silences++
		c.last, c.limit = c.now(), limit
	default:
		c.silences = 0
	}
}

func isTimeout(err error) bool {
	var network net.Error

	return errors.As(err, &network) && network.Timeout()
}
