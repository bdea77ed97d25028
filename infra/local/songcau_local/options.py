"""Options that several commands of `songcau` share."""

from pathlib import Path
from typing import Annotated

import typer

from songcau_local.layout import ROOT

DEFAULT_STATE = ROOT / ".songcau"
State = Annotated[Path, typer.Option("--state", help="folder of the stack's data, keys and logs")]
Offset = Annotated[int | None, typer.Option("--port-offset", help="added to every port, to run stacks side by side")]
Full = Annotated[
    bool | None, typer.Option("--full/--embedded", help="a real Kafka and Keycloak, or what stands in for them")
]
