"""The same workloads in PyTorch. usage: peer.py WORKLOAD VARIANT THREADS SECONDS; VARIANT is eager, channels-last or compile.

Prints: median milliseconds of a step, resident megabytes, milliseconds from the start to the end of the first step.
"""
import sys
import time

start = time.perf_counter()
import torch  # noqa: E402
import torch.nn as nn  # noqa: E402

workload, variant, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
torch.set_num_threads(threads)
torch.manual_seed(1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention, self.norm2 = nn.LayerNorm(128), nn.MultiheadAttention(128, 4, batch_first=True), nn.LayerNorm(128)
        self.mlp = nn.Sequential(nn.Linear(128, 512), nn.GELU(), nn.Linear(512, 128))

    def forward(self, x):
        h = self.norm1(x)
        y = x + self.attention(h, h, h, need_weights=False)[0]
        return y + self.mlp(self.norm2(y))


def make():
    labels = torch.arange(128) % 10
    if workload in ("cnn", "fit"):
        layers = []
        for i, o in ((3, 16), (16, 32), (32, 64), (64, 128)):
            layers += [nn.Conv2d(i, o, 3, 2, 1), nn.ReLU()]
        model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10))
        return model, torch.randn(128, 3, 64, 64), labels, nn.CrossEntropyLoss(), 1
    if workload.startswith("mlp"):
        batch = int(workload[3:])
        model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
        return model, torch.randn(batch, 784), labels[:batch], nn.CrossEntropyLoss(), 1
    if workload == "block":
        return Block(), torch.randn(8, 64, 128), None, lambda output, _: output.square().mean(), 1
    x = torch.arange(11.0).reshape(11, 1)
    return nn.Linear(1, 1), x, 2 * x + 1, nn.MSELoss(), 100


model, x, y, loss, repeats = make()
if variant == "channels-last":
    model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
forward = torch.compile(model) if variant == "compile" else model


def epoch():
    """4,000 pictures to train on, 1,000 to validate, one cycle, accuracy, the four fields kept at each step."""
    model.train()
    order = torch.randperm(4000)
    for number, chunk in enumerate(order.split(128)):
        share = number / 32
        rate = (1 - share / 0.25) * 0.01 + share / 0.25 * 0.1 if share < 0.25 else (1 - (share - 0.25) / 0.75) * 0.1
        optimizer.param_groups[0]["lr"] = rate
        xb, yb = pictures[chunk].to(memory_format=layout), labels[chunk]
        optimizer.zero_grad()
        output = forward(xb)
        value = loss(output, yb)
        value.backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters()])
        optimizer.step()
        rows.append([value.item(), norm.item(), rate, share, (output.argmax(1) == yb).sum().item()])
    model.eval()
    with torch.no_grad():
        for chunk in torch.arange(4000, 5000).split(256):
            output = forward(pictures[chunk].to(memory_format=layout))
            rows.append([loss(output, labels[chunk]).item(), (output.argmax(1) == labels[chunk]).sum().item()])


if workload == "fit":
    pictures, labels, rows = torch.rand(5000, 3, 64, 64), torch.arange(5000) % 10, []
    layout = torch.channels_last if variant == "channels-last" else torch.contiguous_format


def step():
    if workload == "fit":
        return epoch()
    for _ in range(repeats):
        optimizer.zero_grad()
        loss(forward(x), y).backward()
        optimizer.step()


step()
first = (time.perf_counter() - start) * 1e3
for _ in range(5):
    step()
times, end = [], time.perf_counter() + seconds
while time.perf_counter() < end:
    t = time.perf_counter()
    step()
    times.append((time.perf_counter() - t) * 1e3)
resident = next((int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmRSS")), 0)
print(sorted(times)[len(times) // 2] / repeats, resident, first)
