"""What the same machine does without the platform: the bare limits that the figures are divided by."""
