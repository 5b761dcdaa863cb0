"""Engine port on DBOS Transact: durable queue, limits, retries, cancellation and recovery of segments."""
