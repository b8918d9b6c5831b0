"""Bytes that rot on the disk: found, named, and kept to their series; everything else is served."""

import sqlite3
import subprocess
import time

import pytest
import requests
from conftest import Server, binary

ROWS = 3000


def log(server, name):
    run = server.api("POST", "/runs", json={"project": "damage", "name": name}).json()["run"]["id"]
    rows = [{"step": step, "values": {"loss": 1 / (1 + step), "acc": step / ROWS}} for step in range(ROWS)]
    assert server.api("POST", f"/runs/{run}/batches", json={"rows": rows}).status_code == 200
    assert server.api("POST", f"/runs/{run}/finish", json={"state": "finished"}).status_code == 200
    return run


def wait_until_folded(server):
    end = time.monotonic() + 60
    while server.api("GET", "/folding").json()["tailBatches"] > 0:
        assert time.monotonic() < end, "nothing is folded"
        time.sleep(0.05)


DAMAGE = {
    "a flipped bit": lambda data: data[:40] + bytes([data[40] ^ 4]) + data[41:],
    "a truncated blob": lambda data: data[: len(data) // 2],
    "an empty blob": lambda data: b"",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_kept_to_its_series(kind):
    server = Server()
    try:
        hurt, sound = log(server, "hurt"), log(server, "sound")
        wait_until_folded(server)
        server.kill()
        with sqlite3.connect(server.data + "/track.sqlite") as database:
            chunk, data = database.execute("""
                SELECT chunk.id, data FROM chunk JOIN metric ON metric.id = metric_id JOIN metric_name ON metric_name.id = name_id
                JOIN run ON run.id = metric.run_id WHERE code = ? AND metric_name.name = 'loss'""", [hurt]).fetchone()
            database.execute("UPDATE chunk SET data = ? WHERE id = ?", [DAMAGE[kind](data), chunk])
        database.close()
        server.start()

        answer = server.api("POST", "/series/query", json={"runs": [hurt, sound], "metrics": ["loss", "acc"], "buckets": 5000}).json()

        assert answer["missing"] == [{"run": hurt, "metric": "loss", "reason": "damaged"}]
        assert [(series["run"], series["metric"], series["points"]) for series in answer["series"]] == [
            (hurt, "acc", ROWS), (sound, "loss", ROWS), (sound, "acc", ROWS)]
        assert server.api("GET", f"/runs/{hurt}").json()["summary"]["loss"]["count"] == ROWS
        assert server.api("POST", f"/runs/{hurt}/batches", json={"rows": [{"step": ROWS, "values": {"acc": 1}}]}).status_code == 200
        assert "track_store_damaged_reads_total 1\n" in requests.get(server.url + "/metrics").text
        found = subprocess.run([binary(), "verify", "--data", server.data], capture_output=True, text=True)
        assert found.returncode == 1 and hurt in found.stdout and "loss" in found.stdout and sound not in found.stdout, found.stdout
    finally:
        server.stop()
