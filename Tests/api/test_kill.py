"""The server is killed with SIGKILL while 100 000 points come in, again and again: what was acknowledged is there, once."""

import random
import struct
import threading
import time

import requests

from conftest import Server

WRITERS, BATCHES, ROWS = 4, 250, 100
KILLS = 6


def raw_batch(writer, sequence, steps, values):
    """The binary form of docs/formats/batch.md, one column."""
    name, text = b"loss", writer.encode()
    names = struct.pack("<HB", len(name), 0) + name
    head = struct.pack("<IHHIIIIQIB3x", 0x424B5254, 1, 0, 1, len(steps), 1, 0, sequence, len(names), len(text)) + text + names
    head += b"\0" * (-len(head) % 8)
    times = [1_700_000_000_000_000 + step for step in steps]
    return head + struct.pack(f"<{len(steps)}q", *steps) + struct.pack(f"<{len(times)}q", *times) + struct.pack(f"<{len(values)}d", *values)


class Writer(threading.Thread):
    """Posts its batches in order; a batch that got no answer is sent again, as a client does."""

    def __init__(self, place, url, run):
        super().__init__(daemon=True)
        self.place, self.url, self.run_id = place, url, run
        self.acknowledged = 0
        self.duplicates = 0
        self.failures = []

    def run(self):
        session = requests.Session()
        while self.acknowledged < BATCHES:
            sequence = self.acknowledged + 1
            first = (self.place * BATCHES + self.acknowledged) * ROWS
            steps = list(range(first, first + ROWS))
            body = raw_batch(f"w{self.place}", sequence, steps, [step / 2 for step in steps])
            try:
                answer = session.post(f"{self.url[0]}/api/v1/runs/{self.run_id}/batches", data=body, timeout=10,
                                      headers={"Content-Type": "application/vnd.track.batch"})
            except requests.RequestException:
                time.sleep(0.02)
                continue
            if answer.status_code == 200:
                self.duplicates += answer.json()["duplicate"]
                self.acknowledged += 1
            elif answer.status_code != 503:
                self.failures.append(answer.text)
                return


def points(url, run):
    return requests.get(f"{url}/api/v1/runs/{run}", timeout=20).json()["points"]


def test_every_acknowledged_point_is_there_once():
    server = Server()
    run = server.api("POST", "/runs", json={"project": "kill"}).json()["run"]["id"]
    url = [server.url]
    writers = [Writer(place, url, run) for place in range(WRITERS)]
    chance = random.Random(7)
    for writer in writers:
        writer.start()
    kills = 0
    while kills < KILLS and any(writer.is_alive() for writer in writers):
        time.sleep(chance.uniform(0.01, 0.08))
        server.kill()
        kills += 1
        acknowledged = sum(writer.acknowledged for writer in writers) * ROWS
        server.start()
        stored = points(server.url, run)
        # An answer may have been on its way when the server died, so up to one batch a writer is stored and not acknowledged yet.
        assert acknowledged <= stored, f"{acknowledged} acknowledged, {stored} stored"
        assert stored <= acknowledged + WRITERS * ROWS
        url[0] = server.url
    for writer in writers:
        writer.join(timeout=60)
    assert not any(writer.failures for writer in writers), [writer.failures for writer in writers]
    assert all(writer.acknowledged == BATCHES for writer in writers)
    assert kills == KILLS

    total = WRITERS * BATCHES * ROWS
    assert points(server.url, run) == total
    for start in range(0, total, 10_000):
        answer = server.api("POST", "/series/query", json={"runs": [run], "metrics": ["loss"], "buckets": 10_000,
                                                           "from": start, "to": start + 9_999, "columns": ["count", "last"]}).json()["series"][0]
        assert answer["x0"] == list(range(start, start + 10_000))
        assert answer["count"] == [1] * 10_000
        assert answer["last"] == [step / 2 for step in range(start, start + 10_000)]
    assert server.stop() == 0
