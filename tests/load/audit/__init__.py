"""What the audit log costs: on the way of a request, and behind it."""
