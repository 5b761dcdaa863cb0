"""CodeHost port: where approved work is published."""
