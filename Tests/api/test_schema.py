"""The OpenAPI document against the server itself: made-up requests of every kind must be answered as it says."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from conftest import Server


def load():
    """Tests are made from the document before any fixture runs, so this module starts its own server."""
    server = Server()
    return server, schemathesis.openapi.from_url(server.url + "/api/v1/openapi.json")


SERVER, SCHEMA = load()


def teardown_module():
    SERVER.stop()


def answers_as_described(case):
    # Live events never end, and a changed key would lock the others out.
    if case.path == "/api/v1/events" or case.path.startswith("/api/v1/keys") and case.method != "GET":
        return
    response = case.call(base_url=SERVER.url, timeout=20)
    assert response.status_code < 500, response.text
    names = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
    case.validate_response(response, checks=[CHECKS.get_one(name) for name in names])


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_route_answers_as_described(case):
    answers_as_described(case)
