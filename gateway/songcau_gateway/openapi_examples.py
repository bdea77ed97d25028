"""Builds one coherent example out of the examples that stand at the fields of a schema."""

from collections.abc import Mapping
from typing import Any

_BY_FORMAT = {
    "uuid": "019ab6c2-7c1e-7000-8000-000000000001",
    "date-time": "2026-11-23T02:00:00Z",
    "date": "2026-11-23",
}
_BY_TYPE: Mapping[str, Any] = {"boolean": False, "integer": 1, "number": 1, "string": "…", "null": None, "object": {}}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """Return a value that satisfies the schema; `schemas` are the components that it may refer to."""
    if "$ref" in schema and "examples" not in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas)
    return _of_type(schema, schemas)


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    if "properties" in schema:
        return {name: example_of(inner, schemas) for name, inner in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(schema.get("type", "null")))
