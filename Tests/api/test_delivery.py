"""Real clients, real servers, and what happens between them: the `track` program logs, is killed, forks, runs out of room, and syncs."""

import json
import os
import re
import resource
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

import pytest

from campaign import Campaign
from conftest import ROOT, Server, binary


@pytest.fixture
def folder():
    folder = tempfile.mkdtemp(prefix="track-delivery-")
    yield folder
    subprocess.run(["chmod", "-R", "u+w", folder])
    shutil.rmtree(folder, ignore_errors=True)


class Client:
    """`track rehearse` and the other client commands, in a folder of their own."""

    def __init__(self, folder, url, **variables):
        self.folder = folder
        self.environment = {**os.environ, "TRACK_URL": url, "TRACK_DIR": folder, "TRACK_SYSTEM": "off", "TRACK_ENVIRONMENT": "off",
                            "TRACK_COMMAND": binary(), **variables}
        for name in ("TRACK_API_KEY", "RANK", "WORLD_SIZE", "SLURM_PROCID"):
            if name not in variables:
                self.environment.pop(name, None)

    def start(self, *arguments, **keywords):
        # What runs the tests may ignore Ctrl-C (a job in the background does); a program that is started anew does not.
        keywords.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        return subprocess.Popen([binary(), "rehearse", *map(str, arguments)], env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **keywords)

    def rehearse(self, *arguments, expect=0, **keywords):
        """Runs to the end; returns the run's id, the receipt, and what was said on standard error."""
        process = self.start(*arguments, **keywords)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == expect, (process.returncode, output, errors)
        run = re.search(r"started (\w+) (\S+)", output)
        last = output.strip().splitlines()[-1] if output.strip() else ""
        return run.group(1) if run else None, json.loads(last) if last.startswith("{") else None, errors

    def track(self, *arguments, expect=0):
        done = subprocess.run([binary(), *map(str, arguments)], env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    def waiting(self):
        spool = self.folder + "/spool"
        return [os.path.join(base, name) for base, _, names in os.walk(spool) for name in names]


def stored(server, run):
    """How many rows a run has, and the steps of its loss."""
    record = server.api("GET", f"/runs/{run}").json()
    answer = server.api("POST", "/series/query", json={"runs": [run], "metrics": ["loss"], "buckets": 10_000, "columns": ["count", "last"]}).json()["series"]
    steps = answer[0]["x0"] if answer and "x0" in answer[0] else []
    return record["rows"], steps, record


def started(process):
    """Waits for the program's first line; returns its run and writer."""
    line = process.stdout.readline()
    assert line.startswith("started "), line + process.stderr.read()
    return line.split()[1:3]


def logged(ledger):
    """How many calls of `log` had returned; 0 before there is a ledger."""
    try:
        return struct.unpack("<q", open(ledger, "rb").read())[0]
    except (FileNotFoundError, struct.error):
        return 0


def eventually(condition, within=30):
    ends = time.monotonic() + within
    while not condition():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)


def suspend(process):
    """Stops a process, and waits until it stands still: a busy machine takes its time."""
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)


def ended(process):
    """Waits for the end of a program whose first line was read; returns the rest of what it said. (`communicate` would lose what is buffered.)"""
    output, errors = process.stdout.read(), process.stderr.read()
    process.wait(timeout=60)
    return output, errors


def test_faults():
    campaign = Campaign(binary(), str(ROOT / "migrations" / "sqlite"), kills=20, rows=60_000, seed=int(time.time()), rate=10_000)
    try:
        campaign.perform()
        campaign.settle()
        assert campaign.judge() == [], campaign.counts
        assert campaign.counts["client kills"] + campaign.counts["server kills"] >= 20
    finally:
        campaign.close()


def test_a_killed_client_loses_nothing_and_sync_says_what_it_was(server, folder):
    client = Client(folder, server.url, TRACK_MODE="offline")
    ledger = folder + "/ledger"
    process = client.start("--rows", 1_000_000, "--progress", ledger)
    run, writer = started(process)
    eventually(lambda: logged(ledger) > 1_000)
    process.kill()
    process.communicate()
    count = logged(ledger)

    first, second = client.track("sync"), client.track("sync")

    rows, _, record = stored(server, run)
    assert count > 1_000 and count <= rows <= count + 1
    assert first == f"{rows} rows delivered; 1 writers done, 0 still writing, 0 not delivered.\n" and second.startswith("0 rows delivered; 0 writers")
    assert record["state"] == "killed" and record["report"]["loggedRows"] == record["report"]["storedRows"] == rows and record["report"]["complete"]
    assert client.waiting() == []
    assert client.track("verify", run).endswith(f"{run}: all is well.\n")


def test_sync_takes_any_folder_of_the_spool_and_refuses_what_is_not_there(server, folder):
    client = Client(folder, server.url, TRACK_MODE="offline")
    for place in ["", "/spool", "/spool/{run}", "/spool/"]:
        run, _, _ = client.rehearse("--rows", 10)
        assert client.track("sync", folder + place.format(run=run)).startswith("10 rows delivered; 1 writers done")
    assert client.track("sync", folder + "/nothing", expect=1) == "" and client.waiting() == []


def test_sync_while_the_writer_lives_doubles_nothing(server, folder):
    client = Client(folder, server.url, TRACK_MODE="offline")
    process = client.start("--rows", 4_000, "--rate", 2_000)
    run, _ = started(process)
    said = [client.track("sync") for _ in range(4)]
    assert any("1 still writing" in text for text in said)
    process.communicate(timeout=30)

    client.track("sync")

    rows, steps, record = stored(server, run)
    assert rows == 4_000 and steps == list(range(4_000)) and record["state"] == "finished" and record["report"]["complete"]


def test_several_processes_log_into_one_run(server, folder):
    run = "ranksaaa"
    processes = []
    for rank in range(3):
        client = Client(folder, server.url, RANK=str(rank), WORLD_SIZE="3", TRACK_LAUNCH="launch-1")
        processes.append(client.start("--id", run, "--from", rank * 100, "--rows", 100))
    writers = [started(process)[1] for process in processes]
    for process in processes:
        output, errors = ended(process)
        assert process.returncode == 0 and "100 stored" in output, output + errors

    rows, steps, record = stored(server, run)
    assert rows == 300 and steps == list(range(300)) and record["state"] == "finished"
    assert [writer.split("-")[0] for writer in writers] == ["r0", "r1", "r2"]
    assert [attempt["number"] for attempt in record["attempts"]] == [1]         # one launch, one attempt
    assert record["report"]["writers"] == 3 and record["report"]["loggedRows"] == 300 and record["report"]["complete"]
    listed = server.api("GET", f"/runs/{run}/writers").json()["writers"]
    assert sorted(writer["name"] for writer in listed) == sorted(writers) and all(writer["rows"] == 100 for writer in listed)

    again = Client(folder, server.url, RANK="0", WORLD_SIZE="3", TRACK_LAUNCH="launch-2")
    again.rehearse("--id", run, "--from", 300, "--rows", 10)
    assert [attempt["number"] for attempt in stored(server, run)[2]["attempts"]] == [1, 2]


def test_any_program_logs_lines_of_json(server, folder):
    client = Client(folder, server.url)
    lines = ['{"step": 5, "loss": 0.5, "val": {"loss": NaN, "deep": {"x": 2}}, "done": true, "word": "w"}', "no JSON", '{"loss": -Infinity}', '{"word": "w"}', "[1]", ""]
    done = subprocess.run([binary(), "log", "--jsonl"], input="\n".join(lines) + "\n", env=client.environment, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    *passed, last = done.stdout.splitlines()
    run = last.split(":")[0]
    _, _, record = stored(server, run)
    summary = record["summary"]
    assert passed == ["no JSON", '{"word": "w"}', "[1]", ""] and "2 rows logged, 2 stored, nothing dropped" in last
    assert record["project"] == "default" and record["rows"] == 2 and record["lastStep"] == 6
    assert summary["loss"]["negativeInfinity"] == 1 and summary["val/loss"]["nan"] == 1 and summary["val/deep/x"]["last"] == 2 and summary["done"]["last"] == 1
    assert [line["text"] for line in server.api("GET", f"/runs/{run}/logs").json()["lines"]] == passed

    client.track("log", "--id", run, "--project", "default", "loss=0.25", "step=9")
    assert stored(server, run)[2]["lastStep"] == 9
    client.track("log", expect=64)
    client.track("log", "loss", expect=64)


def test_resume_rules(server, folder):
    client = Client(folder, server.url)
    run, _, _ = client.rehearse("--rows", 50)

    _, _, errors = client.rehearse("--id", run, "--resume", "never", expect=1)
    assert "exists already" in errors and "track: " not in errors
    assert "There is no run" in client.rehearse("--id", "missinga", "--resume", "must", expect=1)[2]
    client.rehearse("--id", run, "--resume", "must", "--from", 50, "--rows", 10)
    client.rehearse("--id", "allowaaa", "--resume", "allow", "--rows", 5)
    assert stored(server, run)[1] == list(range(60)) and stored(server, "allowaaa")[0] == 5

    client.rehearse("--id", run, "--resume", 20, "--from", 20, "--rows", 5)
    rows, steps, record = stored(server, run)
    assert rows == 65 and steps == list(range(25))          # what came after step 20 is hidden, not gone
    assert record["attempts"][-1]["resumeStep"] == 20 and client.waiting() == []


def test_a_child_of_fork_writes_for_itself(server, folder):
    run, receipt, errors = Client(folder, server.url).rehearse("--fork", "--rows", 2_000)

    rows, steps, record = stored(server, run)
    writers = server.api("GET", f"/runs/{run}/writers").json()["writers"]
    assert rows == 2_000 and steps == list(range(2_000)), errors
    assert sorted(writer["name"][0] for writer in writers) == ["f", "w"] and all(writer["rows"] == 1_000 for writer in writers)
    assert receipt["complete"] and record["state"] == "finished" and record["report"]["writers"] == 2 and record["report"]["storedRows"] == 2_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_deliver_and_end_as_before(server, folder, number):
    process = Client(folder, server.url).start("--rows", 1_000_000, "--rate", 5_000, "--progress", folder + "/ledger")
    run, _ = started(process)
    eventually(lambda: logged(folder + "/ledger") > 1_000)

    process.send_signal(number)
    process.communicate(timeout=20)

    count = logged(folder + "/ledger")
    rows, _, record = stored(server, run)
    assert process.returncode == -number and record["state"] == "killed" and record["report"]["complete"]
    assert 0 < rows <= count + 1


def test_a_signal_without_a_server_leaves_everything_in_the_spool(folder):
    client = Client(folder, "http://127.0.0.1:9", TRACK_COMMAND="/nowhere/track")
    process = client.start("--rows", 1_000, "--rate", 200)
    started(process)
    before = time.monotonic()

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)

    assert process.returncode == -signal.SIGTERM and time.monotonic() - before < 10
    assert any(name.endswith(".seg") for name in client.waiting())


def test_finish_keeps_its_deadline_and_a_detached_sync_goes_on(folder):
    server = Server()
    run, _, _ = Client(folder, server.url).rehearse("--rows", 10)
    suspend(server.process)             # accepts connections, and never answers
    client = Client(folder, server.url)
    before = time.monotonic()
    process = client.start("--id", run, "--from", 10, "--rows", 500, "--deadline", 1)
    output, errors = process.communicate(timeout=60)
    took = time.monotonic() - before
    assert process.returncode == 0 and took < 15, (took, output, errors)
    assert "500 rows were not delivered in time" in errors and "goes on in the background" in errors

    server.process.send_signal(signal.SIGCONT)
    eventually(lambda: stored(server, run)[0] == 510 and not client.waiting())
    rows, steps, record = stored(server, run)
    assert rows == 510 and steps == list(range(510)) and record["report"]["complete"] and client.waiting() == []
    server.stop()


def test_a_key_that_is_refused_ends_at_once_and_says_how_to_mend(folder):
    server = Server()           # open until it has its first key
    subprocess.run([binary(), "key", "create", "--data", server.data, "--name", "admin", "--scope", "admin"], capture_output=True, text=True)
    client = Client(folder, server.url, TRACK_API_KEY="trk-" + "x" * 40, TRACK_COMMAND="/nowhere/track")
    before = time.monotonic()
    _, receipt, errors = client.rehearse("--rows", 100, "--deadline", 30)

    assert time.monotonic() - before < 15 and receipt["storedRows"] == 0 and receipt["loggedRows"] == 100
    assert "track login" in errors and "The server refuses the key" in errors
    assert any(name.endswith(".seg") for name in client.waiting())
    server.stop()


def test_without_a_folder_to_write_in_rows_go_from_memory(server, folder):
    missing = "/proc/no/such/folder"
    run, receipt, errors = Client(missing, server.url).rehearse("--rows", 5_000)

    assert stored(server, run)[:2] == (5_000, list(range(5_000))) and receipt["complete"]
    assert errors.count("cannot be written") == 1 and "Rows wait in memory" in errors


def limited(bytes):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, bytes))


def test_a_full_disk_counts_what_is_lost_and_says_it_once(folder):
    """No file may be longer than 300 kB: the first segment fits, later ones do not; memory takes 8 MiB; the rest is lost."""
    client = Client(folder, "http://127.0.0.1:9", TRACK_MODE="offline")
    run, receipt, errors = client.rehearse("--rows", 400_000, preexec_fn=limited(300_000))

    assert receipt["loggedRows"] + receipt["droppedRows"] == 400_000 and receipt["droppedRows"] > 100_000 and not receipt["complete"]
    assert errors.count("Rows wait in memory meanwhile") == 1 and errors.count("they are lost") == 1, errors

    server = Server()
    there = Client(folder, server.url)
    there.track("sync", "--url", server.url)
    rows, steps, record = stored(server, run)
    assert rows == receipt["loggedRows"] and record["report"]["droppedRows"] == receipt["droppedRows"]
    assert "rows could not be kept" in there.track("verify", run, expect=1)
    server.stop()


def test_a_full_disk_is_no_loss_while_the_server_takes_rows(server, folder):
    run, receipt, errors = Client(folder, server.url).rehearse("--rows", 60_000, "--rate", 30_000, preexec_fn=limited(300_000))

    assert stored(server, run)[0] == 60_000 and receipt["complete"], (receipt, errors)


@pytest.mark.parametrize("policy", ["dropNewest", "dropOldest"])
def test_a_full_spool_keeps_what_was_asked(server, folder, policy):
    client = Client(folder, server.url, TRACK_MODE="offline", TRACK_SPOOL_LIMIT=str(3 << 20), TRACK_SPOOL_POLICY=policy)
    run, receipt, errors = client.rehearse("--rows", 300_000)
    assert errors.count("which is its limit") == 1 and receipt["droppedRows"] > 0
    assert receipt["loggedRows"] + receipt["droppedRows"] == 300_000

    client.track("sync")

    rows, steps, record = stored(server, run)
    assert rows == receipt["loggedRows"] and record["report"]["droppedRows"] == receipt["droppedRows"]
    assert (steps[0] == 0) == (policy == "dropNewest") and (record["lastStep"] == 299_999) == (policy == "dropOldest")


@pytest.mark.parametrize("full", ["limit", "disk"])
def test_a_signal_ends_a_program_whose_spool_is_full(folder, full):
    """The end of the run finds no room either; the process ends all the same, and what was logged and dropped is known."""
    limit, keywords, mark = {"limit": (1 << 20, {}, "which is its limit"),
                             "disk": (1 << 30, {"preexec_fn": limited(300_000)}, "memory for waiting rows are full")}[full]
    client = Client(folder, "http://127.0.0.1:9", TRACK_MODE="offline", TRACK_SPOOL_LIMIT=str(limit))
    process = client.start("--rows", 1_000_000_000, "--progress", folder + "/ledger", **keywords)
    giving_up = threading.Timer(120, process.kill)
    giving_up.start()
    run, _ = started(process)
    assert any(mark in line for line in iter(process.stderr.readline, ""))

    process.send_signal(signal.SIGTERM)
    ended(process)
    giving_up.cancel()

    count = logged(folder + "/ledger")
    assert process.returncode == -signal.SIGTERM
    server = Server()
    client.track("sync", "--url", server.url)
    rows, _, record = stored(server, run)
    report = record["report"]
    assert record["state"] == "killed" and report["storedRows"] == rows > 0
    assert count <= rows + report["droppedRows"] <= count + 1, (count, rows, report)
    server.stop()


def test_flush_delivers_and_a_kill_after_it_loses_nothing(server, folder):
    process = Client(folder, server.url).start("--rows", 300, "--hold")
    run, _ = started(process)
    assert process.stdout.readline() == "flushed true\n"
    process.kill()
    process.communicate()

    assert stored(server, run)[:2] == (300, list(range(300)))


def test_rows_that_the_server_has_lost_are_not_called_stored(server, folder):
    process = Client(folder, server.url).start("--rows", 1_000_000_000, "--rate", 2_000)
    run, _ = started(process)

    def wait_for_rows():
        while server.api("GET", f"/runs/{run}").json().get("rows", 0) == 0:
            assert process.poll() is None
            time.sleep(0.05)

    wait_for_rows()
    server.api("DELETE", f"/runs/{run}")
    wait_for_rows()
    process.send_signal(signal.SIGTERM)
    _, errors = ended(process)

    rows, steps, record = stored(server, run)
    report = record["report"]
    assert steps[-1] - steps[0] + 1 == rows == report["storedRows"] == report["loggedRows"] and report["droppedRows"] == steps[0] > 0, report
    assert report["gaps"] > 0 and not report["complete"] and "The server has lost batches" in errors


def test_a_run_that_is_taken_up_gets_its_earlier_rows_first(folder):
    server = Server()
    offline = Client(folder, server.url, TRACK_MODE="offline")
    process = offline.start("--id", "earlieru", "--rows", 200, "--hold")
    started(process)
    process.stdout.readline()
    process.kill()
    process.communicate()

    Client(folder, server.url).rehearse("--id", "earlieru", "--resume", "must", "--from", 200, "--rows", 100)

    rows, steps, record = stored(server, "earlieru")
    assert rows == 300 and steps == list(range(300)) and len(record["attempts"]) == 2 and record["report"]["complete"]
    server.stop()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem",
                    "-days", "1", "-subj", "/CN=localhost"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def greet():
        while True:
            try:
                context.wrap_socket(listener.accept()[0], server_side=True).close()
            except ssl.SSLError:
                continue            # the client hangs up
            except OSError:
                return

    threading.Thread(target=greet, daemon=True).start()
    client = Client(folder, f"https://127.0.0.1:{listener.getsockname()[1]}", TRACK_COMMAND="/nowhere/track")

    _, receipt, errors = client.rehearse("--rows", 10, "--deadline", 1)

    listener.close()
    assert errors.count("certificate is not trusted") == 1 and "CURL_CA_BUNDLE" in errors and receipt["storedRows"] == 0, errors
    assert any(name.endswith(".seg") for name in client.waiting())
