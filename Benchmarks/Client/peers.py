"""Logs the same rows with another client: usage: peers.py wandb|tensorboard|mlflow|trackio STEPS. Prints one line of JSON.

`seconds` runs from the first call until the rows are where a reader finds them, scaled to 20 000 steps.
"""
import json
import os
import sys
import tempfile
import time

peer, steps = sys.argv[1], int(sys.argv[2])
folder = tempfile.mkdtemp(prefix=f"{peer}-")
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=folder, TRACKIO_DIR=folder, HF_HUB_OFFLINE="1", MLFLOW_ENABLE_ASYNC_LOGGING="false")
names = ["loss", "accuracy", "lr", "grad", "momentum", "entropy", "weights", "epoch"]


def rows():
    for step in range(steps):
        yield step, {name: step / 3 + place for place, name in enumerate(names)}


def timed(call):
    """Microseconds of each call, in order."""
    times = []
    for step, values in rows():
        started = time.perf_counter_ns()
        call(step, values)
        times.append((time.perf_counter_ns() - started) / 1_000)
    return times


started = time.perf_counter()
if peer == "wandb":
    import wandb
    title = "wandb.log, offline"
    run = wandb.init(project="bench", dir=folder)
    started = time.perf_counter()
    times = timed(lambda step, values: run.log(values, step=step))
    run.finish()
elif peer == "tensorboard":
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    title = "SummaryWriter.add_scalar × 8"
    try:
        from tensorboardX import SummaryWriter
        writer = SummaryWriter(folder)
        add = writer.add_scalar
    except ImportError:
        writer = EventFileWriter(folder)

        def add(tag, value, step):      # what torch.utils.tensorboard's SummaryWriter does
            writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=float(value))])))
    started = time.perf_counter()

    def log(step, values):
        for name, value in values.items():
            add(name, value, step)
    times = timed(log)
    writer.flush()
    writer.close()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    reader = EventAccumulator(folder, size_guidance={"scalars": 0})
    reader.Reload()
    assert len(reader.Scalars("loss")) == steps
elif peer == "mlflow":
    import mlflow
    title = "mlflow.log_metrics, SQLite store"
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    run = mlflow.start_run()
    started = time.perf_counter()
    times = timed(lambda step, values: mlflow.log_metrics(values, step=step))
    assert len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")) == steps
else:
    import trackio
    title = "trackio.log"
    trackio.init(project="bench", embed=False) if "embed" in trackio.init.__code__.co_varnames else trackio.init(project="bench")
    started = time.perf_counter()
    times = timed(lambda step, values: trackio.log(values, step=step))
    trackio.finish()
seconds = time.perf_counter() - started
times.sort()
print(json.dumps({"name": title, "p50_us": times[steps // 2], "p99_us": times[steps * 99 // 100], "seconds": seconds * 20_000 / steps}))
os._exit(0)
