"""What a Python program without our client does: requests and httpx, NaN as Python writes it, binary answers."""

import gzip
import json
import math
import struct

import httpx
import requests


def series(server, run, metric, **parameters):
    answer = server.api("GET", f"/runs/{run}/series", params={"metric": metric, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()["series"][0]


def test_nan_as_python_writes_it(server, run):
    body = json.dumps({"rows": [{"step": 1, "values": {"loss": math.nan}}, {"step": 2, "values": {"loss": math.inf}},
                                {"step": 3, "values": {"loss": 0.25}}]})
    assert "NaN" in body and "Infinity" in body

    answer = server.api("POST", f"/runs/{run}/batches", data=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200, answer.text
    assert answer.json()["points"] == 3
    curve = series(server, run, "loss")
    assert curve["nan"] == 1 and curve["positiveInfinity"] == 1
    assert curve["mean"] == [None, None, 0.25]


def test_gzip_both_ways(server, run):
    rows = [{"step": step, "values": {"loss": step / 7}} for step in range(2_000)]
    body = gzip.compress(json.dumps({"rows": rows}).encode())

    with httpx.Client(base_url=server.url) as client:
        stored = client.post(f"/api/v1/runs/{run}/batches", content=body,
                             headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
        answer = client.get(f"/api/v1/runs/{run}/series", params={"metric": "loss", "buckets": 1000}, headers={"Accept-Encoding": "gzip"})

    assert stored.json()["rows"] == 2_000, stored.text
    assert answer.headers["Content-Encoding"] == "gzip"
    curve = answer.json()["series"][0]
    assert sum(curve["count"]) == 2_000
    assert max(curve["max"]) == 1_999 / 7


def test_binary_answer_equals_json(server, run):
    rows = [{"step": step, "values": {"loss": math.sin(step)}} for step in range(5_000)]
    assert server.api("POST", f"/runs/{run}/batches", json={"rows": rows}).status_code == 200
    query = {"runs": [run], "metrics": ["loss"], "buckets": 100}
    as_json = server.api("POST", "/series/query", json=query).json()["series"][0]

    answer = server.api("POST", "/series/query", json=query, headers={"Accept": "application/vnd.track.series"})

    assert answer.headers["Content-Type"] == "application/vnd.track.series"
    data = answer.content
    assert data[:4] == b"TRKS"
    version, flags, header_length = struct.unpack_from("<HHI", data, 4)
    assert (version, flags) == (1, 0)
    header = json.loads(data[16:16 + header_length])
    start = 16 + (header_length + 7) // 8 * 8
    curve = header["series"][0]
    for column in curve["columns"]:
        expected = as_json[column["name"]]
        given = read(column, data, start, curve["bucketCount"])
        assert len(given) == len(expected)
        for one, other in zip(given, expected):
            assert other is None or abs(one - other) <= 2 ** -19 * 2, column


def read(column, data, start, count):
    if "constant" in column:
        return [column["constant"]] * count
    letter = {"f64": "d", "f32": "f", "u32": "I", "u8": "B"}[column["type"]]
    values = struct.unpack_from(f"<{count}{letter}", data, start + column["offset"])
    return [value + column.get("base", 0) for value in values]


def test_unchanged_answers_are_304(server, run):
    server.api("POST", f"/runs/{run}/batches", json={"rows": [{"step": 1, "values": {"loss": 1}}]})
    server.api("POST", f"/runs/{run}/finish", json={"state": "finished"})
    path = f"/runs/{run}/series?metric=loss"
    tag = server.api("GET", path).headers["ETag"]

    again = server.api("GET", path, headers={"If-None-Match": tag})
    post = server.api("POST", "/series/query", json={"runs": [run], "metrics": ["loss"]})
    again_post = server.api("POST", "/series/query", json={"runs": [run], "metrics": ["loss"]}, headers={"If-None-Match": post.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again_post.status_code == 304
    server.api("POST", f"/runs/{run}/batches", json={"rows": [{"step": 2, "values": {"loss": 2}}]})
    assert server.api("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_one_connection_for_many_requests(server):
    with requests.Session() as session:
        for _ in range(200):
            assert session.get(server.url + "/healthz").json() == {"status": "ok"}


def test_head_and_options(server):
    assert requests.head(server.url + "/api/v1/projects").content == b""
    assert "GET" in requests.options(server.url + "/api/v1/projects").headers["Allow"]


def test_body_too_large_is_413(server, run):
    answer = server.api("POST", f"/runs/{run}/batches", data=b" " * (33 << 20), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    error = answer.json()["error"]
    assert error["code"] == "body_too_large"
    assert error["message"] == "The request's body is larger than 33554432 bytes. Send it in parts."


def test_metrics_count_what_came_in(server, run):
    server.api("POST", f"/runs/{run}/batches", json={"rows": [{"step": 1, "values": {"loss": 1}}]})
    text = requests.get(server.url + "/metrics").text

    assert 'track_http_requests_total{method="POST",route="/api/v1/runs/{run}/batches",status="200"}' in text
    assert "track_ingest_points_total" in text
