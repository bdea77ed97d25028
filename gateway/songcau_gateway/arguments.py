"""The arguments of a handler out of a request: what FastAPI found in its signature, without FastAPI's machinery.

FastAPI opens three exit stacks, a telemetry span and a cache of dependencies for every request. Handlers here take what
is in the path, the query and the body, the request, and what a plain asynchronous function of the request gives; for
these its own parsers are called, so that a fault reads the same.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import HTTPException, RequestValidationError
from pydantic_core import PydanticUndefined

_UNUSED = (
    "header_params",
    "cookie_params",
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)


class ArgumentsError(Exception):
    """A handler takes something that is not given here; the application refuses to start with it."""


@dataclass(frozen=True)
class Arguments:
    """What one handler takes."""

    dependant: Dependant
    givers: Sequence[tuple[str, Callable[[Request], Awaitable[Any]]]]

    @classmethod
    def of(cls, dependant: Dependant) -> "Arguments":
        """Read a handler's signature as FastAPI did; raise ArgumentsError for what nobody here takes."""
        strange = [name for name in _UNUSED if getattr(dependant, name)]
        plain = [one for one in dependant.dependencies if one.request_param_name == "request" and one.name and one.call]
        if strange or len(plain) != len(dependant.dependencies) or len(dependant.body_params) > 1:
            raise ArgumentsError(f"{dependant.path}: {', '.join(strange) or 'a dependency or body of another kind'}")
        return cls(dependant, [(str(one.name), one.call) for one in plain if one.call])

    async def read(self, request: Request) -> Mapping[str, Any]:
        """Return the arguments; raises RequestValidationError, and HTTPException 400 for a body that cannot be read."""
        dependant, values, faults = self.dependant, {}, []
        body = await _json(request) if dependant.body_params else None
        for name, give in self.givers:
            values[name] = await give(request)
        for fields, given in ((dependant.path_params, request.path_params), (dependant.query_params, None)):
            if fields:
                found, wrong = request_params_to_args(fields, request.query_params if given is None else given)
                values.update(found)
                faults += wrong
        if dependant.body_params:
            found, wrong = await request_body_to_args(dependant.body_params, body, embed_body_fields=False)
            values.update(found)
            faults += wrong
        if faults:
            raise RequestValidationError(faults)
        if dependant.request_param_name:
            values[dependant.request_param_name] = request
        return values


async def _json(request: Request) -> Any:
    """Return the value of a JSON body, nothing at all where it is empty."""
    content = await request.body()
    try:
        return json.loads(content) if content else PydanticUndefined
    except json.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([fault]) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error
