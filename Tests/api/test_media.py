"""Files and where they belong, as curl or any other client would send them."""

import hashlib

from conftest import Server

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415408d763600000000200014bdc1f680000000049454e44ae426082")


def digest(content):
    return hashlib.sha256(content).hexdigest()


def refer(server, run, content, name="m", step=1, kind="file", content_type="application/octet-stream"):
    return server.api("POST", f"/runs/{run}/batches", json={"media": [
        {"name": name, "step": step, "time": 0, "kind": kind, "digest": digest(content), "size": len(content), "contentType": content_type}]})


def test_a_file_is_named_by_its_digest(server):
    content = bytes(range(256)) * 40_000        # 10 MB

    first = server.api("POST", "/blobs", data=content)
    again = server.api("PUT", f"/blobs/{digest(content)}", data=content)
    part = server.api("GET", f"/blobs/{digest(content)}", headers={"Range": "bytes=255-257"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"digest": digest(content), "size": len(content)}
    assert server.api("GET", f"/blobs/{digest(content)}").content == content
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"\xff\x00\x01", f"bytes 255-257/{len(content)}")


def test_a_chunked_body_is_taken_too(server):
    answer = server.api("POST", "/blobs", data=(b"x" * 100_000 for _ in range(20)))

    assert answer.status_code == 201 and answer.json() == {"digest": digest(b"x" * 2_000_000), "size": 2_000_000}


def test_a_wrong_name_stores_nothing(server):
    answer = server.api("PUT", "/blobs/" + "0" * 64, data=b"abc")

    assert answer.status_code == 422 and answer.json()["error"]["code"] == "digest_mismatch"
    assert answer.json()["error"]["details"]["actual"] == digest(b"abc")
    assert server.api("GET", "/blobs/" + digest(b"abc")).status_code == 404


def test_an_image_is_shown_and_html_is_not(server, run):
    page = b"<script>alert(1)</script>"
    for content, name, content_type in ((PNG, "digit", "image/png"), (page, "page", "text/html")):
        assert refer(server, run, content, name, kind="image" if name == "digit" else "file", content_type=content_type).status_code == 200
    assert [entry["pending"] for entry in server.api("GET", f"/runs/{run}/media").json()["media"]] == [True, True]
    for content in (PNG, page):
        server.api("POST", "/blobs", data=content)

    image, other = (server.api("GET", f"/blobs/{digest(content)}") for content in (PNG, page))

    assert image.headers["Content-Type"] == "image/png" and image.headers["Content-Disposition"].startswith("inline")
    assert other.headers["Content-Type"] == "application/octet-stream" and other.headers["Content-Disposition"].startswith("attachment")
    for answer in (image, other):
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer.headers["Content-Security-Policy"]
    page = server.api("GET", f"/runs/{run}/media", params={"kind": "image"}).json()
    assert page["total"] == 1 and page["media"][0]["name"] == "digit" and page["media"][0]["pending"] is False


def test_pages_go_on_where_they_ended(server, run):
    for step in range(1, 8):
        refer(server, run, b"same", step=step)
    steps, cursor = [], None
    while True:
        page = server.api("GET", f"/runs/{run}/media", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        steps += [entry["step"] for entry in page["media"]]
        cursor = page.get("nextCursor")
        if not cursor:
            break

    assert steps == list(range(1, 8))
    assert server.api("GET", f"/runs/{run}/media/names").json() == {"names": [{"name": "m", "kind": "file", "count": 7, "firstStep": 1, "lastStep": 7}]}


def test_deleting_the_last_run_that_refers_to_a_file_frees_it(server, run):
    content = b"only here" * 50_000
    server.api("POST", "/blobs", data=content)
    refer(server, run, content)

    freed = server.api("DELETE", f"/runs/{run}").json()["bytesFreed"]

    assert freed >= len(content)
    assert server.api("GET", f"/blobs/{digest(content)}").status_code == 404


def test_files_survive_the_server_being_killed():
    server = Server()
    try:
        run = server.api("POST", "/runs", json={"project": "api"}).json()["run"]["id"]
        assert server.api("POST", "/blobs", data=b"kept").status_code == 201
        refer(server, run, b"kept")
        server.kill()
        server.start()
        assert server.api("GET", f"/blobs/{digest(b'kept')}").content == b"kept"
        assert server.api("GET", f"/runs/{run}/media").json()["media"][0]["pending"] is False
    finally:
        server.stop()


def test_where_a_run_came_from_is_shown(server):
    told = {"host": "h", "git": {"commit": "c", "dirty": True}, "command": ["train", "--token", "***"]}
    run = server.api("POST", "/runs", json={"project": "api", "environment": told}).json()["run"]["id"]

    assert server.api("GET", f"/runs/{run}").json()["environment"] == told
