"""The OpenAPI document against the server itself: made-up requests of every kind must be answered as it says."""

import atexit
import itertools

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from conftest import Server

CHECKED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance", "negative_data_rejection")


def load():
    """Tests are made from the document before any fixture runs, so this module starts its own server, with a run that has everything."""
    server = Server()
    run = server.api("POST", "/runs", json={"project": "api", "config": {"lr": 0.1}}).json()["run"]["id"]
    stored = server.api("POST", f"/runs/{run}/batches", json={
        "rows": [{"step": step, "values": {"loss": value}} for step, value in enumerate([1, "NaN", 0.5, "Infinity"])],
        "histograms": [{"name": "w", "step": 1, "time": 1, "edges": [0, 1], "counts": [2], "min": 0, "max": 1, "sum": 1, "count": 2, "nan": 0}],
        "logs": [{"time": 1, "stream": "stdout", "text": "hello"}],
        "events": [{"step": 1, "time": 1, "kind": "note", "title": "here"}]})
    assert stored.status_code == 200, stored.text
    assert server.api("PUT", "/projects/api/views/v", json={"name": "V", "state": {}}).status_code == 200
    blob = server.api("POST", "/blobs", data=b"hello").json()["digest"]
    reference = {"name": "m", "step": 1, "time": 1, "kind": "text", "digest": blob, "size": 5, "contentType": "text/plain"}
    assert server.api("POST", f"/runs/{run}/batches", json={"media": [reference]}).status_code == 200
    return server, run, blob, schemathesis.openapi.from_url(server.url + "/api/v1/openapi.json")


SERVER, RUN, BLOB, SCHEMA = load()
atexit.register(SERVER.stop)        # also where none of these tests is chosen
TURN = itertools.count()
SEEN = set()


def with_real_names(case):
    """Made-up ids are nearly always unknown, so every other case is given real ones; nothing is deleted under the others' feet."""
    if case.method.upper() != "DELETE" and next(TURN) % 2 == 0 and case.path_parameters:
        for name, real in {"run": RUN, "project": "api", "view": "v", "digest": BLOB}.items():
            if name in case.path_parameters:
                case.path_parameters[name] = real
    return case


def checked(case):
    """An empty value in a query stands for none, so it is no wrong one; an object or array without members becomes one on its way."""
    is_empty = any(value in ("", {}, []) for value in dict(case.query or {}).values())
    return [name for name in CHECKED if not (is_empty and name == "negative_data_rejection")]


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_route_answers_as_described(case):
    # Live events never end, and a first key would lock the others out.
    if case.path == "/api/v1/events" or case.path.startswith("/api/v1/keys") and case.method.upper() != "GET":
        return
    if case.method.upper() != case.operation.method.upper():      # methods that no route has are the HTTP layer's own business
        return
    response = with_real_names(case).call(base_url=SERVER.url, timeout=20)
    SEEN.add((case.method.upper(), case.path, response.status_code))
    case.validate_response(response, checks=[CHECKS.get_one(name) for name in checked(case)])


def test_good_answers_were_among_them():
    """A check that only ever saw refusals would prove little."""
    for path in ("/api/v1/runs/{run}", "/api/v1/runs/{run}/logs", "/api/v1/runs/{run}/histograms", "/api/v1/projects/{project}/histograms", "/api/v1/runs/{run}/media", "/api/v1/blobs/{digest}", "/api/v1/projects/{project}/runs"):
        assert ("GET", path, 200) in SEEN, f"{path}: {sorted(seen for seen in SEEN if seen[1] == path)}"
