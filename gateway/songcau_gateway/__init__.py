"""The one API of the province."""
