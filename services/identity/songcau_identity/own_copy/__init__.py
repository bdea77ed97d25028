"""This service's own part of the copy of a person's data: every section, made of the tables it names."""
