"""What the rights of a person ask of this service: a copy of what it holds, what it must keep, forgetting."""
