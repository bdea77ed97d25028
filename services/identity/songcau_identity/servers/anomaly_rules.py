"""Who may call which RPC of AnomalyService: data officers, and the officer an anomaly is about."""

from collections.abc import Mapping

from songcau_kit.rpc_server import Rule

from songcau_identity.auditing import OFFICERS, Operation

_ACTIVITY = "look-up-supervision"
_DATA_OFFICER = Rule(roles=frozenset({"data-officer"}), scopes=frozenset({"breach:manage"}), activity=_ACTIVITY)
_OFFICER = Rule(roles=frozenset(OFFICERS), scopes=frozenset({"identity:lookup"}), activity=_ACTIVITY)

RULES: Mapping[Operation, Rule] = {
    Operation.LIST_ANOMALIES: _DATA_OFFICER,
    Operation.GET_ANOMALY: _DATA_OFFICER,
    Operation.ASK_ABOUT_ANOMALY: _DATA_OFFICER,
    Operation.DECIDE_ANOMALY: _DATA_OFFICER,
    Operation.GET_ANOMALY_REPORT: _DATA_OFFICER,
    Operation.LIST_OWN_ANOMALIES: _OFFICER,
    Operation.GET_OWN_ANOMALY: _OFFICER,
    Operation.EXPLAIN_ANOMALY: _OFFICER,
    Operation.LIST_WATCHED_CITIZENS: _DATA_OFFICER,
    Operation.WATCH_CITIZEN: _DATA_OFFICER,
    Operation.UNWATCH_CITIZEN: _DATA_OFFICER,
}

METHODS: Mapping[str, Operation] = {
    "songcau.identity.v1.AnomalyService/ListAnomalies": Operation.LIST_ANOMALIES,
    "songcau.identity.v1.AnomalyService/GetAnomaly": Operation.GET_ANOMALY,
    "songcau.identity.v1.AnomalyService/AskAboutAnomaly": Operation.ASK_ABOUT_ANOMALY,
    "songcau.identity.v1.AnomalyService/DecideAnomaly": Operation.DECIDE_ANOMALY,
    "songcau.identity.v1.AnomalyService/GetAnomalyReport": Operation.GET_ANOMALY_REPORT,
    "songcau.identity.v1.AnomalyService/ListOwnAnomalies": Operation.LIST_OWN_ANOMALIES,
    "songcau.identity.v1.AnomalyService/GetOwnAnomaly": Operation.GET_OWN_ANOMALY,
    "songcau.identity.v1.AnomalyService/ExplainAnomaly": Operation.EXPLAIN_ANOMALY,
    "songcau.identity.v1.AnomalyService/ListWatchedCitizens": Operation.LIST_WATCHED_CITIZENS,
    "songcau.identity.v1.AnomalyService/WatchCitizen": Operation.WATCH_CITIZEN,
    "songcau.identity.v1.AnomalyService/UnwatchCitizen": Operation.UNWATCH_CITIZEN,
}

STEP_UP_LEVELS: Mapping[Operation, int] = {
    Operation.ASK_ABOUT_ANOMALY: 2,
    Operation.DECIDE_ANOMALY: 2,
    Operation.GET_ANOMALY_REPORT: 2,
    Operation.EXPLAIN_ANOMALY: 2,
    Operation.WATCH_CITIZEN: 2,
    Operation.UNWATCH_CITIZEN: 2,
}
