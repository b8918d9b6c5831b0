"""The HTTP server as other people's programs meet it: curl, requests, httpx, nginx in front, a Unix-domain socket."""

import asyncio
import concurrent.futures
import gzip
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings

import httpx
import pytest
import requests

from conftest import ROOT, Server


@pytest.fixture(scope="module")
def server():
    server = Server("--web", str(ROOT / "web"))
    yield server
    server.stop()


def need(program):
    found = shutil.which(program)
    if not found:
        warnings.warn(f"{program} is not installed: what it would show is NOT tested")
        pytest.skip(f"{program} is not installed")
    return found


def curl(*arguments, stdin=None):
    done = subprocess.run([need("curl"), "-sS", "--max-time", "60", *arguments], input=stdin, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def project(name):
    return json.dumps({"name": name}).encode()


JSON = ["-H", "Content-Type: application/json"]


# curl

@pytest.mark.parametrize("version", ["--http1.1", "--http1.0"])
def test_curl_speaks_both_versions(server, version):
    assert json.loads(curl(version, server.url + "/readyz")) == {"status": "ready"}


def test_curl_keeps_its_connection(server):
    info = server.url + "/api/v1/info"

    connects = curl("-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects},", info, info)

    assert connects == b"1,0,"


def test_curl_waits_for_100_continue(server):
    shown = subprocess.run([need("curl"), "-sSv", "--max-time", "60", *JSON, "-H", "Expect: 100-continue", "--expect100-timeout", "15",
                            "--data-binary", project("curl-expect"), server.url + "/api/v1/projects"], capture_output=True)

    assert b"< HTTP/1.1 100 Continue" in shown.stderr and json.loads(shown.stdout)["name"] == "curl-expect"


def test_curl_uploads_in_chunks_and_compressed(server):
    answer = curl(*JSON, "-H", "Transfer-Encoding: chunked", "--data-binary", "@-", server.url + "/api/v1/projects", stdin=project("curl-chunks"))
    assert json.loads(answer)["name"] == "curl-chunks"

    answer = curl(*JSON, "-H", "Content-Encoding: gzip", "--data-binary", "@-", server.url + "/api/v1/projects",
                  stdin=gzip.compress(project("curl-gzip")))
    assert json.loads(answer)["name"] == "curl-gzip"


def test_curl_gets_files_whole_in_part_compressed_and_not_at_all(server):
    file = (ROOT / "web/app.js").read_bytes()
    url = server.url + "/app.js"

    assert curl(url) == file and curl("--compressed", url) == file
    assert len(curl("-H", "Accept-Encoding: gzip", url)) < len(file)
    assert curl("-r", "3-12", url) == file[3:13] and curl("-r", "-5", url) == file[-5:]
    assert curl("-r", "3-12", "-o", "/dev/null", "-w", "%{http_code}", url) == b"206"
    head = curl("-I", url).decode().lower()
    assert head.startswith("http/1.1 200 ok\r\n") and f"content-length: {len(file)}\r\n" in head
    beyond = curl("-r", f"{len(file)}-", "-o", "/dev/null", "-w", "%{http_code}", url)
    assert beyond == b"416"


def test_curl_resumes_a_download(server, tmp_path):
    file = (ROOT / "web/app.js").read_bytes()
    part = tmp_path / "part"
    part.write_bytes(file[:100])

    curl("-C", "-", "-o", str(part), server.url + "/app.js")

    assert part.read_bytes() == file


def test_curl_cannot_leave_the_folder(server):
    for path in ["/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/css/..%5c..%5cpasswd"]:
        answer = curl("--path-as-is", "-w", "\n%{http_code}", server.url + path)
        assert b"root:" not in answer and answer.rsplit(b"\n", 1)[1] in (b"404", b"400", b"200"), path
        assert b"/bin/" not in answer


def test_curl_speaks_over_a_unix_socket(server):
    answer = curl("--unix-socket", server.data + "/control.sock", "http://localhost/readyz")

    assert json.loads(answer) == {"status": "ready"}


# requests and httpx

def test_requests_streams_a_body_up_and_keeps_its_connection(server):
    with requests.Session() as session:
        for index in range(20):
            body = project(f"requests-{index}")
            answer = session.post(server.url + "/api/v1/projects", data=iter([body[:5], body[5:]]), headers={"Content-Type": "application/json"})
            assert answer.status_code == 201 and answer.json()["name"] == f"requests-{index}"
        names = [p["name"] for p in session.get(server.url + "/api/v1/projects").json()["projects"]]

    assert {f"requests-{index}" for index in range(20)} <= set(names)


def test_requests_sees_refusals_as_answers(server):
    large = requests.post(server.url + "/api/v1/projects", data=b"x" * 40_000_000, headers={"Content-Type": "application/json"})
    assert large.status_code == 413 and large.json()["error"]["code"] == "body_too_large"

    assert requests.get(server.url + "/" + "a" * 9000).status_code == 414
    assert requests.get(server.url + "/", headers={"X": "a" * 40_000}).status_code == 431
    wrong = requests.delete(server.url + "/api/v1/info")
    assert wrong.status_code == 405 and "GET" in wrong.headers["Allow"]
    assert requests.options(server.url + "/api/v1/info").status_code == 204


def test_httpx_sends_many_at_once(server):
    async def all_of_them():
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=50), timeout=60) as client:
            return await asyncio.gather(*[client.get(server.url + "/api/v1/projects") for _ in range(300)])

    assert {answer.status_code for answer in asyncio.run(all_of_them())} == {200}


def test_httpx_streams_and_decodes(server):
    with httpx.Client(timeout=60) as client:
        with client.stream("GET", server.url + "/app.js") as answer:
            assert answer.headers["content-encoding"] == "gzip" and answer.http_version == "HTTP/1.1"
            assert b"".join(answer.iter_bytes()) == (ROOT / "web/app.js").read_bytes()
        assert client.head(server.url + "/app.js").content == b""


def test_httpx_speaks_over_a_unix_socket(server):
    with httpx.Client(transport=httpx.HTTPTransport(uds=server.data + "/control.sock")) as client:
        assert client.get("http://localhost/readyz").json() == {"status": "ready"}


def test_live_events_arrive_while_the_stream_is_open(server):
    with httpx.Client(timeout=60) as client, client.stream("GET", server.url + "/api/v1/events") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        created = server.api("POST", "/runs", json={"project": "events"}).json()["run"]["id"]

        seen = ""
        for text in stream.iter_text():
            seen += text
            if created in seen:
                break

        assert "id: " in seen and "event: run" in seen


def test_nobody_waits_for_a_client_that_sends_its_headers_slowly(server):
    port = int(server.url.rsplit(":", 1)[1])
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHo")
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: requests.get(server.url + "/readyz").status_code, range(40)))
        assert answers == [200] * 40 and time.monotonic() - began < 9      # headers may take 10 s
    finally:
        for connection in slow:
            connection.close()


# nginx in front

NGINX = """
daemon off; {user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    client_max_body_size 0;
    upstream track {{ server {upstream}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        proxy_set_header Connection "";
        proxy_set_header Host $host:$server_port;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto http;
        proxy_set_header X-Forwarded-Host $host:$server_port;
        proxy_buffering off;
        proxy_request_buffering off;
        location /track/ {{ proxy_pass http://track; proxy_http_version 1.1; }}
        location /stripped/ {{ proxy_pass http://track/; proxy_http_version 1.1; }}
        location /old/ {{ proxy_pass http://track/; proxy_http_version 1.0; }}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    def __init__(self, upstream):
        program, port = need("nginx"), free_port()
        self.folder = tempfile.mkdtemp(prefix="track-nginx-")
        configuration = pathlib.Path(self.folder) / "nginx.conf"
        configuration.write_text(NGINX.format(user="user root;" if os.geteuid() == 0 else "", folder=self.folder, port=port, upstream=upstream))
        self.process = subprocess.Popen([program, "-p", self.folder, "-c", str(configuration)], stderr=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if self.process.poll() is not None:
                raise RuntimeError(self.process.stderr.read())
            time.sleep(0.05)
        raise RuntimeError("nginx does not listen")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def proxied():
    need("nginx")
    server = Server("--path-prefix", "/track", "--trusted-proxy", "loopback", "--web", str(ROOT / "web"))
    nginx = Nginx(server.url.split("//")[1].split("/")[0])
    yield nginx
    nginx.stop()
    assert server.stop() == 0


@pytest.mark.parametrize("location", ["/track", "/stripped", "/old"])
def test_nginx_passes_requests_with_and_without_the_prefix(proxied, location):
    with requests.Session() as session:
        for _ in range(30):
            assert session.get(proxied.url + location + "/api/v1/info").status_code == 200
        assert session.get(proxied.url + location + "/app.js").content == (ROOT / "web/app.js").read_bytes()
        made = session.post(proxied.url + location + "/api/v1/projects", json={"name": "nginx" + location.replace("/", "-")})
        assert made.status_code == 201


def test_nginx_passes_pages_whose_links_carry_the_prefix(proxied):
    page = requests.get(proxied.url + "/track/")

    assert page.status_code == 200 and "/track/" in page.text


def test_nginx_passes_chunks_ranges_and_refusals(proxied):
    url = proxied.url + "/track"
    body = project("nginx-chunks")
    assert requests.post(url + "/api/v1/projects", data=iter([body[:4], body[4:]]), headers={"Content-Type": "application/json"}).status_code == 201
    part = requests.get(url + "/app.js", headers={"Range": "bytes=0-9", "Accept-Encoding": "identity"})
    assert part.status_code == 206 and part.content == (ROOT / "web/app.js").read_bytes()[:10]
    assert requests.get(url + "/api/v1/nothing").status_code == 404
    tag = requests.get(url + "/app.js").headers["ETag"]
    assert requests.get(url + "/app.js", headers={"If-None-Match": tag}).status_code == 304


def test_nginx_passes_live_events_at_once(proxied):
    with httpx.Client(timeout=60) as client, client.stream("GET", proxied.url + "/track/api/v1/events") as stream:
        created = requests.post(proxied.url + "/track/api/v1/runs", json={"project": "nginx-events"}).json()["run"]["id"]

        seen = ""
        for text in stream.iter_text():
            seen += text
            if created in seen:
                return
    raise AssertionError(seen)


def test_nginx_reaches_a_unix_socket(server):
    nginx = Nginx(f"unix:{server.data}/control.sock")
    try:
        assert requests.get(nginx.url + "/old/readyz").json() == {"status": "ready"}
    finally:
        nginx.stop()
