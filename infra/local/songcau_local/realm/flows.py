"""The ways of signing in: each flow of the file as a flat list of steps, which is how the server shows them."""

# ruff: noqa: D102, ARG002 -- the protocol Section says what each method does, once for all kinds

from collections.abc import Iterator
from typing import Any

from songcau_local.realm.sections import Objects, _Section

# Bound in place of ours while ours is made anew, since a flow in use cannot be removed.
STAND_IN = "browser"
BINDINGS = {"browserFlow": STAND_IN}


class Flows(_Section):
    """Sign-in flows of our own; a flow that differs is made anew as a whole."""

    kind = "sign-in flow"

    def declared(self) -> Objects:
        flows = {flow["alias"]: flow for flow in self.raw["authenticationFlows"]}
        return {
            alias: {"description": flow["description"], "steps": "\n".join(self._declared_steps(flow, flows, 0))}
            for alias, flow in flows.items()
            if flow["topLevel"]
        }

    def found(self) -> Objects:
        ours = [flow for flow in self.admin.get_authentication_flows() if not flow["builtIn"]]
        return {
            flow["alias"]: {
                "id": flow["id"],
                "description": flow.get("description", ""),
                "steps": "\n".join(
                    self._found_step(item) for item in self.admin.get_authentication_flow_executions(flow["alias"])
                ),
            }
            for flow in ours
        }

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        flow = next(flow for flow in self.raw["authenticationFlows"] if flow["alias"] == name)
        shape = {key: flow[key] for key in ("alias", "description", "providerId", "topLevel", "builtIn")}
        self.admin.create_authentication_flow(shape, skip_exists=True)
        self._fill(flow)
        self._bind(name, name)

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self._bind(name, STAND_IN)
        self.admin.delete_authentication_flow(found["id"])
        self.create(name, wanted)

    def _bind(self, name: str, to: str) -> None:
        bound = {key: to for key in BINDINGS if self.raw.get(key) == name}
        if bound:
            self.admin.update_realm(self.raw["realm"], bound)

    def _fill(self, flow: dict[str, Any]) -> None:
        """Add the steps of one flow and, for its sub-flows, theirs."""
        alias = flow["alias"]
        for step in flow["authenticationExecutions"]:
            if step["authenticatorFlow"]:
                inner = next(item for item in self.raw["authenticationFlows"] if item["alias"] == step["flowAlias"])
                shape = {"alias": inner["alias"], "type": "basic-flow", "description": inner["description"]}
                self.admin.create_authentication_flow_subflow({**shape, "provider": "registration-page-form"}, alias)
            else:
                self.admin.create_authentication_flow_execution({"provider": step["authenticator"]}, alias)
            added = self.admin.get_authentication_flow_executions(alias)
            created = [item for item in added if item["level"] == 0][-1]
            self.admin.update_authentication_flow_executions(
                {**created, "requirement": step["requirement"], "priority": step["priority"]}, alias
            )
            if step["authenticatorFlow"]:
                self._fill(inner)
            elif step.get("authenticatorConfig"):
                config = {"alias": step["authenticatorConfig"], "config": self._config(step["authenticatorConfig"])}
                self.admin.create_execution_config(created["id"], config)

    def _declared_steps(self, flow: dict[str, Any], flows: Objects, level: int) -> Iterator[str]:
        for step in sorted(flow["authenticationExecutions"], key=lambda item: int(item["priority"])):
            name = step["flowAlias"] if step["authenticatorFlow"] else step["authenticator"]
            config = self._config(step["authenticatorConfig"]) if step.get("authenticatorConfig") else {}
            yield _line(level, name, step["requirement"], config)
            if step["authenticatorFlow"]:
                yield from self._declared_steps(flows[step["flowAlias"]], flows, level + 1)

    def _found_step(self, item: dict[str, Any]) -> str:
        name = item["displayName"] if item.get("authenticationFlow") else item["providerId"]
        config_id = item.get("authenticationConfig")
        config = self.admin.get_authenticator_config(config_id)["config"] if config_id else {}
        return _line(item["level"], name, item["requirement"], config)

    def _config(self, alias: str) -> dict[str, str]:
        found = next(item for item in self.raw["authenticatorConfig"] if item["alias"] == alias)
        config: dict[str, str] = found["config"]
        return config


def _line(level: int, name: str, requirement: str, config: dict[str, str]) -> str:
    told = " ".join(f"{key}={value}" for key, value in sorted(config.items()))
    return f"{'  ' * level}{name} {requirement} {told}".rstrip()
