"""`track demo`: the curves stay on the screen when the training is over, and Ctrl-C ends it cleanly."""

import os
import re
import signal
import subprocess
import tempfile
import time

import requests


def start(folder, *options):
    return subprocess.Popen([os.environ["TRACK_BINARY"], "demo", "--port", "0", "--epochs", "2", "--data", folder, *options],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "TRACK_DIR": folder + "/client"})


def read_until(process, word):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return "".join(lines)
    raise AssertionError(f"{word!r} was not printed:\n" + "".join(lines))


def test_it_serves_on_after_the_training_until_ctrl_c():
    with tempfile.TemporaryDirectory() as folder:
        process = start(folder)
        try:
            printed = read_until(process, "The training is over")
            url = re.search(r"Track is ready at (\S+)", printed).group(1)
            time.sleep(1)

            runs = requests.get(f"{url}/api/v1/projects/digits/runs", timeout=5).json()["runs"]
            assert [run["state"] for run in runs] == ["finished"]
            assert runs[0]["summary"]["loss"]["count"] == runs[0]["lastStep"] > 0

            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_once_it_stops_by_itself():
    with tempfile.TemporaryDirectory() as folder:
        process = start(folder, "--once")
        try:
            assert "accuracy on unseen digits" in process.communicate(timeout=60)[0]
            assert process.returncode == 0
        finally:
            process.kill()


def test_ctrl_c_ends_a_training_under_way():
    with tempfile.TemporaryDirectory() as folder:
        process = start(folder, "--epochs", "5000")
        try:
            read_until(process, "epoch 2/5000")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
