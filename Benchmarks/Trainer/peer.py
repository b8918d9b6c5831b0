"""The same workloads in PyTorch; VARIANT is eager, channels-last or compile.

usage: peer.py WORKLOAD VARIANT THREADS SECONDS     median milliseconds of a step, resident megabytes
       peer.py WORKLOAD VARIANT THREADS start       one step, then "stepped"
       peer.py fit VARIANT THREADS DATA SEED        milliseconds of eight epochs, accuracy at their end
"""
import sys
import time

import torch  # noqa: E402
import torch.nn as nn  # noqa: E402

workload, variant, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(int(sys.argv[5]) if workload == "fit" else 1)


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


def epoch(number, pictures, labels, layout, rows):
    """4,000 pictures to train on, 1,000 to validate, one cycle, accuracy, the four fields kept at each step."""
    model.train()
    correct = 0
    for place, chunk in enumerate(torch.randperm(4000).split(128)):
        share = (number * 32 + place) / 256
        rate = (1 - share / 0.25) * 0.01 + share / 0.25 * 0.1 if share < 0.25 else (1 - (share - 0.25) / 0.75) * 0.1
        optimizer.param_groups[0]["lr"] = rate
        xb, yb = pictures[chunk].to(memory_format=layout), labels[chunk]
        optimizer.zero_grad()
        output = forward(xb)
        value = loss(output, yb)
        value.backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters()])
        optimizer.step()
        correct += (output.argmax(1) == yb).sum().item()
        rows.append([value.item(), norm.item(), rate, number + place / 32])
    model.eval()
    correct = 0
    with torch.no_grad():
        for chunk in torch.arange(4000, 5000).split(256):
            output = forward(pictures[chunk].to(memory_format=layout))
            rows.append([loss(output, labels[chunk]).item()])
            correct += (output.argmax(1) == labels[chunk]).sum().item()
    return correct / 1000


def fit():
    file = torch.from_file(sys.argv[4], size=5000 * 12289, dtype=torch.uint8).reshape(5000, 12289)
    layout = torch.channels_last if variant == "channels-last" else torch.contiguous_format
    pictures = (file[:, :-1].float() / 255).reshape(5000, 3, 64, 64).to(memory_format=layout)
    labels, rows = file[:, -1].long(), []
    for module in model.modules():  # as the other side begins
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.Linear):
            nn.init.xavier_normal_(module.weight)
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.zeros_(module.bias)
    if variant == "compile":  # compiled before the clock starts
        for size in (128, 32):
            loss(forward(pictures[:size]), labels[:size]).backward()
        optimizer.zero_grad()
    start = time.perf_counter()
    for number in range(8):
        accuracy = epoch(number, pictures, labels, layout, rows)
    print((time.perf_counter() - start) * 1e3, accuracy)


def step():
    for _ in range(repeats):
        optimizer.zero_grad()
        loss(forward(x), y).backward()
        optimizer.step()


def measure(seconds):
    for _ in range(5):
        step()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        t = time.perf_counter()
        step()
        times.append((time.perf_counter() - t) * 1e3)
    resident = next((int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmRSS")), 0)
    print(sorted(times)[len(times) // 2] / repeats, resident)


if workload == "fit":
    fit()
elif sys.argv[4] == "start":
    step()
    print("stepped", flush=True)
else:
    measure(float(sys.argv[4]))
