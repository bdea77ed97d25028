"""Consent of people to the processing of their data: one purpose at a time, to a text of a version."""
