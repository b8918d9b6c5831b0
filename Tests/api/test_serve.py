"""`track serve` as an operator meets it: start, stop, keys, a second server, a proxy's prefix, the dashboard's files."""

import json
import os
import re
import socket
import stat
import subprocess
import tempfile
import threading
import time

import pytest
import requests

from conftest import ROOT, Server, binary


def track(*arguments, expect=0):
    done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
    return done.stdout if expect == 0 else done.stderr


def test_it_says_where_it_is_and_stops_with_0():
    server = Server()

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
    assert "There are no keys, so every program on this machine may read and write; `track key create` ends that.\n" in server.output
    assert requests.get(server.url + "/readyz").json() == {"status": "ready"}
    assert server.stop() == 0


def test_the_data_folder_is_the_owners_alone():
    with tempfile.TemporaryDirectory() as parent:
        folder = os.path.join(parent, "new", "data")
        server = Server(data=folder)
        try:
            assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
            assert stat.S_IMODE(os.stat(folder + "/session-secret").st_mode) == 0o600
            assert stat.S_IMODE(os.stat(folder + "/control.sock").st_mode) == 0o600
        finally:
            server.stop()


def test_a_second_server_on_the_same_folder_is_refused(server):
    error = track("serve", "--data", server.data, "--port", "0", expect=1)

    assert error == f"Error: Another server uses the data folder {server.data}. Stop it, or give another folder with --data.\n"


def test_a_port_in_use_is_refused(server):
    port = server.url.rsplit(":", 1)[1]
    with tempfile.TemporaryDirectory() as folder:
        error = track("serve", "--data", folder, "--port", port, expect=1)

        assert port in error and "in use" in error, error


def test_keys_reach_a_running_server():
    server = Server()
    try:
        key = track("key", "create", "--data", server.data, "--scope", "admin", "--name", "me").strip()
        assert re.fullmatch(r"trk-[A-Za-z0-9]{40}", key)
        assert server.api("GET", "/projects").status_code == 401
        assert server.api("GET", "/projects", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        listed = track("key", "list", "--data", server.data)
        assert re.search(r"me +admin +trk-", listed) and key not in listed
        identity = listed.splitlines()[1].split()[0]
        assert track("key", "revoke", "--data", server.data, identity) == f"Key {identity} is revoked.\n"
        assert track("key", "revoke", "--data", server.data, "nope", expect=1) == 'Error: There is no key "nope". GET /api/v1/keys lists all.\n'
    finally:
        server.stop()


def test_keys_are_made_without_a_server_and_hold_after_a_start():
    with tempfile.TemporaryDirectory() as folder:
        key = track("key", "create", "--data", folder, "--scope", "read").strip()
        server = Server(data=folder)
        try:
            assert server.api("GET", "/projects").status_code == 401
            assert server.api("GET", "/projects", headers={"Authorization": f"Bearer {key}"}).status_code == 200
            assert server.api("POST", "/projects", json={"name": "p"}, headers={"Authorization": f"Bearer {key}"}).status_code == 403
        finally:
            server.stop()


def test_a_folder_without_data_is_not_made_by_looking_at_it():
    with tempfile.TemporaryDirectory() as parent:
        missing = os.path.join(parent, "typo")

        error = track("key", "list", "--data", missing, expect=1)

        assert error.startswith(f"Error: There is no data in {missing}. Name the folder with --data")
        assert not os.path.exists(missing)


def test_other_addresses_demand_keys_and_print_the_first_one_once():
    with tempfile.TemporaryDirectory() as folder:
        server = Server("--host", "0.0.0.0", data=folder)
        try:
            key = next(line for line in server.output if line.startswith("The first admin key")).split()[-1]
            assert server.api("GET", "/projects").status_code == 401
            assert server.api("GET", "/keys", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        finally:
            server.stop()
        again = Server("--host", "0.0.0.0", data=folder)
        try:
            assert not [line for line in again.output if "trk-" in line]
            assert again.api("GET", "/keys", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        finally:
            again.stop()


def test_a_browser_session_outlives_a_restart():
    with tempfile.TemporaryDirectory() as folder:
        key = track("key", "create", "--data", folder, "--scope", "admin").strip()
        browser = requests.Session()
        server = Server(data=folder)
        try:
            assert browser.post(server.url + "/api/v1/session", json={"key": key}).json()["signedIn"]
            server.kill()
            server.start()
            answer = browser.get(server.url + "/api/v1/session").json()
            assert answer["signedIn"] and answer["scope"] == "admin"
            made = browser.post(server.url + "/api/v1/projects", json={"name": "p"}, headers={"X-CSRF-Token": answer["csrfToken"]})
            assert made.status_code == 201
        finally:
            server.stop()


def test_requests_under_way_finish_when_it_is_stopped():
    server = Server()
    run = server.api("POST", "/runs", json={"project": "p"}).json()["run"]["id"]
    body = json.dumps({"rows": [{"step": 1, "values": {"a": 1}}]}).encode()
    port = int(server.url.rsplit(":", 1)[1])
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(f"POST /api/v1/runs/{run}/batches HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
    reader = connection.makefile("rb")
    assert b"100 Continue" in reader.readline() and reader.readline() == b"\r\n"       # it is under way
    connection.sendall(body[:10])
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    time.sleep(0.3)
    connection.sendall(body[10:])

    answer = reader.read()

    stopping.join()
    assert b"200 OK" in answer and b'"rows":1' in answer, answer
    assert server.process.returncode == 0


def test_live_streams_end_when_it_is_stopped():
    server = Server()
    stream = requests.get(server.url + "/api/v1/events", stream=True)
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 8        # what is under way may take 10 s
    stream.close()


@pytest.fixture(scope="module")
def prefixed():
    server = Server("--path-prefix", "/track", "--trusted-proxy", "loopback", "--web", str(ROOT / "web"))
    yield server
    server.stop()


def test_pages_hang_under_the_prefix(prefixed):
    assert prefixed.url.endswith("/track")
    page = requests.get(prefixed.url + "/p/some.project/r/abcdefgh/charts")

    assert page.status_code == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert re.search(r'src="/track/app(-\w+)?\.js"', page.text)         # as it is written, or bundled
    assert re.findall(r'(?:src|href)="(?!/track/)[^"]*"', page.text) == []
    assert page.headers["Cache-Control"] == "no-cache"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "object-src 'none'" in policy and "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert requests.get(prefixed.url + "/", headers={"If-None-Match": requests.get(prefixed.url).headers["ETag"]}).status_code == 304


def test_modules_are_files_with_tags(prefixed):
    module = requests.get(prefixed.url + "/app.js")
    assert module.status_code == 200 and module.headers["Content-Type"].startswith("text/javascript")
    assert module.headers["Cache-Control"] == "no-cache"
    again = requests.get(prefixed.url + "/app.js", headers={"If-None-Match": module.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""
    for path in ("/missing.js", "/../Package.swift", "/%2e%2e/Package.swift", "/.git/config", "/api/v1/missing"):
        assert requests.get(prefixed.url + path).status_code == 404


def test_the_api_answers_with_and_without_the_prefix(prefixed):
    bare = prefixed.url.removesuffix("/track")
    assert requests.get(prefixed.url + "/api/v1/info").json() == requests.get(bare + "/api/v1/info").json()
    assert requests.get(prefixed.url + "/api/v1/openapi.json").json()["servers"] == [{"url": "/track"}]
