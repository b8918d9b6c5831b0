"""verify, export, backup and restore, with a server running on the folder and without."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

import pytest

from conftest import Server, binary
from test_serve import track


@pytest.fixture(scope="module")
def logged():
    """A server whose project `tools` has one run of 300 rows, and the run's id."""
    server = Server()
    run = server.api("POST", "/runs", json={"project": "tools"}).json()["run"]["id"]
    rows = [{"step": step, "time": 1_700_000_000_000_000 + step, "values": {"loss": "NaN" if step == 7 else step / 4, "acc": step}} for step in range(300)]
    assert server.api("POST", f"/runs/{run}/batches", json={"rows": rows}).status_code == 200
    yield server, run
    server.stop()


def test_verify_of_a_running_server(logged):
    server, _ = logged

    assert track("verify", "--data", server.data) == "1 runs, 1 batches, 0 chunks, 0 points: all is well.\n"
    assert not [name for name in os.listdir(server.data) if name.startswith(("copy-", "sending-"))]


def test_export_as_text(logged):
    server, run = logged
    table = list(csv.DictReader(io.StringIO(track("export", "tools", "--data", server.data))))
    lines = [json.loads(line) for line in track("export", run, "--data", server.data, "--format", "jsonl").splitlines()]

    assert len(table) == len(lines) == 600
    losses = [row for row in table if row["metric"] == "loss"]
    assert [int(row["step"]) for row in losses] == list(range(300))
    assert losses[7]["value"] == "NaN" and float(losses[299]["value"]) == 299 / 4
    assert [line for line in lines if line["metric"] == "loss"][7]["value"] == "NaN"
    assert int(losses[3]["time_us"]) == 1_700_000_000_000_003


def test_export_as_a_database(logged):
    server, run = logged
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "tools.sqlite")

        assert track("export", "tools", "--data", server.data, "--format", "sqlite", "-o", file) == f"600 points are in {file}.\n"

        with sqlite3.connect(file) as database:
            assert database.execute("SELECT id, project FROM run").fetchall() == [(run, "tools")]
            assert database.execute("SELECT COUNT(*), SUM(value) FROM point WHERE metric = 'acc'").fetchone() == (300, 299 * 150)
        assert "already" in track("export", "tools", "--data", server.data, "--format", "csv", "-o", file, expect=1)


def test_backup_while_it_runs_and_restore(logged):
    server, run = logged
    with tempfile.TemporaryDirectory() as folder:
        file, other = os.path.join(folder, "backup.sqlite"), os.path.join(folder, "data")
        assert track("backup", "--data", server.data, file) == f"The backup is in {file}.\n"
        server.api("POST", f"/runs/{run}/batches", json={"rows": [{"step": 1_000, "values": {"late": 1}}]})

        assert track("restore", "--data", other, file) == "The backup is in place.\n"

        second = Server(data=other)
        try:
            record = second.api("GET", f"/runs/{run}").json()
            assert record["points"] == 600 and "late" not in record["summary"]
            error = track("restore", "--data", other, file, expect=1)
            assert "Another server uses the data folder" in error
        finally:
            second.stop()
        assert "points: all is well." in track("verify", "--data", other)


def test_what_is_not_there_is_named(logged):
    server, _ = logged

    assert track("export", "nope", "--data", server.data, expect=1) == 'Error: There is no project "nope". Create it, or check the name: GET /api/v1/projects lists all.\n'
    with tempfile.TemporaryDirectory() as folder:
        for command in (["verify"], ["backup", folder + "/b"], ["export", "x"]):
            assert "There is no data in" in track(*command, "--data", folder + "/missing", expect=1)
        open(folder + "/text", "w").write("no database")
        assert "is not a sound database" in track("restore", "--data", folder + "/d", folder + "/text", expect=1)


def test_damage_is_found():
    server = Server()
    run = server.api("POST", "/runs", json={"project": "p"}).json()["run"]["id"]
    for sequence in (1, 2):
        server.api("POST", f"/runs/{run}/batches", json={"writer": "w", "sequence": sequence, "rows": [{"step": sequence, "values": {"a": 1}}]})
    server.owns_data = False
    server.stop()
    with sqlite3.connect(server.data + "/track.sqlite") as database:
        assert database.execute("UPDATE batch SET bytes = zeroblob(length(bytes)) WHERE sequence = 2").rowcount == 1

    done = subprocess.run([binary(), "verify", "--data", server.data], capture_output=True, text=True, timeout=30)

    shutil.rmtree(server.data)
    assert done.returncode == 1 and done.stderr == ""
    assert f"run {run}" in done.stdout and done.stdout.endswith("1 runs, 2 batches, 0 chunks, 0 points: 1 problems.\n"), done.stdout
