"""Writes what PyTorch computes for every operation, layer and loss, with gradients, for the Swift tests to compare with.

usage: make_reference.py FOLDER        (then run the tests with TRACK_REFERENCE_DIR=FOLDER)

tensors.json lists the cases: the inputs, the gradient that was sent back from the output, the output, and the gradients
that arrived; layers also give their state before and after. Numbers are in tensors.bin, little-endian float32; a tensor is
written as its shape and the place of its first number.
"""
import json
import sys
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

cases = []
numbers = bytearray()
counter = 0


def sample(*shape, mean=0.0, std=1.0):
    global counter
    counter += 1
    generator = torch.Generator().manual_seed(counter)
    return torch.randn(shape, generator=generator) * std + mean


def positive(*shape):
    return sample(*shape).abs() + 0.5


def tensor(t):
    start = len(numbers) // 4
    numbers.extend(t.detach().float().contiguous().reshape(-1).numpy().astype("<f4").tobytes())
    return {"shape": list(t.shape), "start": start}


def run(function, inputs):
    inputs = [t.clone() for t in inputs]
    for t in inputs:
        if t.is_floating_point():
            t.requires_grad_(True)
    output = function(*inputs)
    gradient = sample(*output.shape)
    output.backward(gradient)
    return inputs, output, gradient


def op(name, function, *inputs):
    given, output, gradient = run(function, inputs)
    cases.append({
        "name": name, "kind": "operation", "inputs": [tensor(t) for t in given], "output": tensor(output),
        "gradient": tensor(gradient), "grads": [tensor(t.grad) if t.grad is not None else None for t in given], "state": []})


def state(module):
    return [{"name": k, "integer": not v.is_floating_point(), **tensor(v)} for k, v in module.state_dict().items()]


def layer(name, module, x, train=True, steps=1):
    torch.manual_seed(len(cases))
    module.train(train)
    before, activations = state(module), []
    for part in module.modules():
        if isinstance(part, ConvLayer):
            part.register_forward_hook(lambda part, x, y: activations.append([y.mean().item(), y.std().item()]))
    for _ in range(steps):
        module.zero_grad()
        given, output, gradient = run(module, [x])
    cases.append({
        "name": name, "kind": "layer", "inputs": [tensor(x)], "output": tensor(output), "gradient": tensor(gradient),
        "grads": [tensor(given[0].grad) if given[0].grad is not None else None], "state": before, "train": train, "steps": steps,
        "activations": activations, "after": state(module), "parameter_grads": [{"name": k, **tensor(p.grad)} for k, p in module.named_parameters()]})


def operations():
    a, b, row, column = sample(3, 4), sample(3, 4), sample(4), sample(3, 1)
    op("add", lambda x, y: x + y, a, row)
    op("subtract", lambda x, y: x - y, a, column)
    op("multiply", lambda x, y: x * y, sample(2, 3, 4), column)
    op("divide", lambda x, y: x / y, a, positive(4))
    op("negate", lambda x: -x, a)
    op("pow 3", lambda x: x ** 3, a)
    op("pow 1.5", lambda x: x ** 1.5, positive(3, 4))
    op("pow tensor", lambda x, y: x ** y, positive(3, 4), row)
    for name in ["exp", "tanh", "sigmoid", "relu", "abs", "sin", "cos", "square"]:
        op(name, getattr(torch, name), a * 2)
    for name in ["log", "sqrt", "reciprocal"]:
        op(name, getattr(torch, name), positive(3, 4))
    op("gelu", F.gelu, a * 2)
    op("gelu tanh", lambda x: F.gelu(x, approximate="tanh"), a * 2)
    op("softplus", lambda x: F.softplus(x, threshold=1e9), a * 10)
    op("leaky relu", lambda x: F.leaky_relu(x, 0.1), a)
    op("clamp", lambda x: x.clamp(-0.5, 0.7), a)
    op("maximum", torch.maximum, a, b)
    op("minimum", torch.minimum, a, b)
    op("matmul", lambda x, y: x @ y, sample(5, 7), sample(7, 3))
    op("matmul batched", lambda x, y: x @ y, sample(2, 1, 5, 7), sample(3, 7, 4))
    op("matmul vectors", lambda x, y: x @ y, sample(7), sample(7))
    op("linear", F.linear, sample(6, 20), sample(9, 20), sample(9))
    op("transpose", lambda x: x.transpose(0, 2) * 2, sample(2, 3, 4))
    op("permute", lambda x: x.permute(0, 3, 1, 2) + 1, sample(2, 3, 4, 5))
    op("reshape", lambda x: x.permute(1, 0).reshape(2, 6), a)
    op("slice", lambda x: x[:, 1:7:2], sample(3, 8))
    op("index", lambda x: x[2], sample(4, 5))
    op("concatenate", lambda x, y: torch.cat([x, y], 1), sample(2, 3), sample(2, 5))
    op("stack", lambda x, y: torch.stack([x, y], 1), sample(2, 3), sample(2, 3))
    op("expand", lambda x: x.expand(4, 3, 5), sample(3, 1))
    big = sample(4, 5, 6)
    op("sum all", lambda x: x.sum(), big)
    op("sum 0 2", lambda x: x.sum((0, 2)), big)
    op("mean 1 keep", lambda x: x.mean(1, keepdim=True), big)
    op("variance", lambda x: x.var((0, 2)), big)
    op("variance biased", lambda x: x.var(1, unbiased=False), big)
    op("std all", lambda x: x.std(), big)
    op("max 1", lambda x: x.max(1).values, big)
    op("min 2", lambda x: x.min(2).values, big)
    op("max all", lambda x: x.max(), big)
    op("log sum exp", lambda x: x.logsumexp(1), big)
    op("softmax", lambda x: x.softmax(-1), a * 5)
    op("softmax 0", lambda x: x.softmax(0), a)
    op("log softmax", lambda x: x.log_softmax(-1), a * 5)
    mask = torch.tensor([1.0, 0.0, 1.0, 1.0])
    op("where", lambda x, y: torch.where(mask > 0, x, y), a, b)
    op("masked fill", lambda x: x.masked_fill(mask > 0, -3.0), a)
    op("gather rows", lambda t: t[torch.tensor([[4, 0, 4], [2, 2, 2]])], sample(6, 3))
    op("argmin", lambda x: x.argmin(0).float() + 0 * x.sum(0), a)
    op("sign", lambda x: x.sign() + 0 * x, a)
    op("one hot", lambda x: F.one_hot(torch.tensor([0, 4, 2, 2, 1, 3]), 5).float() + 0 * x, sample(6, 5))
    op("equals", lambda x, y: (x.sign() == y.sign()).float() + 0 * x, a, b)
    op("less", lambda x, y: (x < y).float() + 0 * x, a, b)
    op("less or equal", lambda x, y: (x <= y).float() + 0 * x, a, row)
    op("greater", lambda x, y: (x > y).float() + 0 * x, a, column)
    op("greater or equal", lambda x, y: (x >= y).float() + 0 * x, a, b)
    op("unsqueeze", lambda x: x.unsqueeze(1) * 2, a)
    op("squeeze", lambda x: x.squeeze(1) * 2, column)
    op("contiguous", lambda x: x.permute(2, 0, 1).contiguous() * 2, sample(2, 3, 4))
    op("flatten", lambda x: x.flatten(1) * 2, sample(2, 3, 4))
    op("picked", lambda x: x[torch.arange(6), torch.tensor([0, 4, 2, 2, 1, 3])], sample(6, 5))
    op("argmax", lambda x: x.argmax(1).float() + 0 * x.sum(), a)


CONVOLUTIONS = [  # input, weight, stride, padding, dilation, groups
    ((2, 3, 16, 16), (16, 3, 3, 3), 1, 1, 1, 1), ((2, 16, 9, 8), (32, 16, 3, 3), 2, 1, 1, 1), ((2, 5, 7, 9), (7, 5, 5, 3), (2, 1), (2, 1), 1, 1),
    ((1, 8, 12, 12), (12, 4, 3, 3), 1, 2, 2, 2), ((2, 6, 8, 8), (6, 1, 3, 3), 1, 1, 1, 6), ((3, 10, 5, 5), (40, 10, 1, 1), 1, 0, 1, 1),
    ((2, 4, 11, 10), (33, 4, 3, 3), 3, 1, (2, 1), 1), ((2, 3, 17, 17), (4, 3, 7, 7), 2, 3, 1, 1)]


def images():
    for x, w, stride, padding, dilation, groups in CONVOLUTIONS:
        name = f"conv2d {list(x)} {list(w)}"
        op(name, lambda x, w, b: F.conv2d(x, w, b, stride, padding, dilation, groups), sample(*x), sample(*w, std=0.3), sample(w[0]))
    op("conv2d relu", lambda x, w, b: F.conv2d(x, w, b, 2, 1).relu(), sample(2, 3, 8, 8), sample(5, 3, 3, 3), sample(5))
    op("max pool 2", lambda x: F.max_pool2d(x, 2), sample(2, 3, 7, 6))
    op("max pool 3 2 1", lambda x: F.max_pool2d(x, 3, 2, 1), sample(2, 5, 9, 8))
    op("adaptive pool 1", lambda x: F.adaptive_avg_pool2d(x, 1), sample(2, 3, 5, 4))
    op("adaptive pool 3 2", lambda x: F.adaptive_avg_pool2d(x, (3, 2)), sample(2, 3, 7, 5))
    op("mean of height and width", lambda x: x.mean((2, 3)), sample(2, 3, 5, 4))


def focal(x, labels, reduction):
    """Lin et al. (2017), as their paper writes it; PyTorch has none."""
    log_p = x.log_softmax(1)[torch.arange(len(labels)), labels]
    each = -torch.tensor([0.5, 1, 2, 1, 0.25])[labels] * (1 - log_p.exp()) ** 2 * log_p
    return each if reduction == "none" else getattr(each, reduction)()


def losses():
    logits, labels, soft = sample(6, 5) * 3, torch.tensor([0, 4, 2, 2, 1, 3]), sample(6, 5).softmax(1)
    huge = torch.tensor([[1e4, -1e4, 0.0], [0.0, 1e4, 1e4]])
    for reduction in ["mean", "sum", "none"]:
        op(f"mse {reduction}", nn.MSELoss(reduction=reduction), sample(6, 5), soft)
        op(f"cross entropy {reduction}", lambda x: F.cross_entropy(x, labels, reduction=reduction), logits)
        op(f"cross entropy smooth {reduction}", lambda x: F.cross_entropy(x, labels, label_smoothing=0.1, reduction=reduction), logits)
        op(f"cross entropy soft {reduction}", lambda x: F.cross_entropy(x, soft, label_smoothing=0.1, reduction=reduction), logits)
        op(f"focal {reduction}", lambda x: focal(x, labels, reduction), logits)
        op(f"nll {reduction}", lambda x: F.nll_loss(x.log_softmax(1), labels, reduction=reduction), logits)
        op(f"bce {reduction}", lambda x: F.binary_cross_entropy_with_logits(x, soft, reduction=reduction), logits * 10)
        op(f"bce weighted {reduction}", lambda x: F.binary_cross_entropy_with_logits(
            x, soft, pos_weight=torch.tensor(3.0), reduction=reduction), logits)
    op("cross entropy huge", lambda x: F.cross_entropy(x, torch.tensor([1, 2])), huge)
    op("cross entropy ignoring", lambda x: F.cross_entropy(x, torch.tensor([0, -100, 2, 2, -100, 3])), logits)


class ConvLayer(nn.Module):
    def __init__(self, inputs, outputs, stride=1, act=True):
        super().__init__()
        self.weight, self.bias = nn.Parameter(sample(outputs, inputs, 3, 3, std=0.3)), nn.Parameter(sample(outputs))
        self.stride, self.act = stride, act

    def forward(self, x):
        y = F.conv2d(x, self.weight, self.bias, self.stride, 1)
        return y.relu() if self.act else y


class AdaptivePool(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def simple_cnn():
    return nn.Sequential(ConvLayer(3, 16, 2), ConvLayer(16, 32, 2), ConvLayer(32, 64, 2), ConvLayer(64, 128, 2), AdaptivePool(), nn.Linear(128, 10))


class Scam(nn.Module):  # the example network with 25 entries
    def __init__(self):
        super().__init__()
        def block(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, 2), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))
        self.layer1, self.layer2, self.layer3 = block(3, 16), block(16, 32), block(32, 64)
        self.drop_out, self.fc1, self.fc2 = nn.Dropout(0.0), nn.Linear(576, 10), nn.Linear(10, 1)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc2(self.fc1(self.drop_out(x.reshape(x.size(0), -1))))


class Attention(nn.Module):
    def __init__(self, causal):
        super().__init__()
        self.attention, self.causal = nn.MultiheadAttention(16, 4, batch_first=True), causal
        nn.init.normal_(self.attention.in_proj_bias)

    def forward(self, x):
        mask = torch.ones(x.size(1), x.size(1), dtype=torch.bool).triu(1) if self.causal else None
        return self.attention(x, x, x, attn_mask=mask, need_weights=False)[0]


class AttentionOverOthers(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)
        nn.init.normal_(self.attention.in_proj_bias)

    def forward(self, x):
        others, mask = x[:, 2:6], torch.zeros(3, 4, dtype=torch.bool)
        mask[:2, 3] = True
        return self.attention(x[:, :3], others, others * 2, attn_mask=mask, need_weights=False)[0]


class Embedding(nn.Embedding):  # indexes come as numbers with a fraction of 0
    def forward(self, indexes):
        return super().forward(indexes.long())


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.attention, self.n2 = nn.LayerNorm(16), nn.MultiheadAttention(16, 4, batch_first=True), nn.LayerNorm(16)
        self.mlp = nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.Linear(64, 16))

    def forward(self, x):
        h = self.n1(x)
        x = x + self.attention(h, h, h, need_weights=False)[0]
        return x + self.mlp(self.n2(x))


def layers():
    torch.manual_seed(0)
    layer("Linear", nn.Linear(7, 4), sample(5, 7))
    layer("Linear without bias", nn.Linear(7, 4, bias=False), sample(2, 3, 7))
    layer("Conv2d", nn.Conv2d(3, 8, 3, 2, 1), sample(2, 3, 9, 9))
    layer("ConvLayer", ConvLayer(3, 16), sample(2, 3, 8, 8))
    layer("ConvLayer stride 2", ConvLayer(16, 24, 2), sample(2, 16, 8, 8))
    layer("ConvLayer without act", ConvLayer(4, 5, act=False), sample(2, 4, 6, 6))
    layer("BatchNorm2d three steps", nn.BatchNorm2d(5), sample(4, 5, 3, 3, mean=2), steps=3)
    trained = nn.BatchNorm2d(5)
    trained(sample(8, 5, 3, 3, mean=-1, std=2))
    layer("BatchNorm2d eval", trained, sample(4, 5, 3, 3), train=False)
    norm = nn.LayerNorm([3, 4])
    nn.init.normal_(norm.weight)
    layer("LayerNorm", norm, sample(5, 3, 4))
    layer("Sequential with ReLU", nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)), sample(4, 6))
    layer("Nested Sequential", nn.Sequential(nn.Sequential(nn.Linear(6, 8), nn.GELU()), nn.Sequential(nn.Linear(8, 3), nn.Tanh())), sample(4, 6))
    layer("MultiHeadAttention", Attention(False), sample(2, 6, 16))
    layer("MultiHeadAttention causal", Attention(True), sample(2, 6, 16))
    layer("Attention over others", AttentionOverOthers(), sample(2, 6, 16))
    layer("Embedding", Embedding(9, 4), torch.tensor([[0.0, 8, 3], [3, 3, 1]]))
    layer("Windows, Flatten, Sigmoid", nn.Sequential(nn.AdaptiveAvgPool2d((2, 3)), nn.Flatten(), nn.Linear(24, 3), nn.Sigmoid()), sample(3, 4, 5, 7))
    layer("Transformer block", Block(), sample(3, 5, 16))
    layer("AdaptivePool", AdaptivePool(), sample(2, 3, 5, 4))
    layer("simple_cnn", simple_cnn(), sample(4, 3, 64, 64))
    layer("25 entries, train", Scam(), sample(2, 3, 224, 224), train=True)
    layer("25 entries, eval", Scam(), sample(2, 3, 224, 224), train=False)


operations()
images()
losses()
layers()
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
(folder / "tensors.bin").write_bytes(numbers)
(folder / "tensors.json").write_text(json.dumps({"torch": torch.__version__, "cases": cases}))
print(f"{len(cases)} cases from PyTorch {torch.__version__} in {folder}")

import photographs  # noqa: E402  (beside this file)
import runs_reference  # noqa: E402
import training_reference  # noqa: E402

training_reference.write(folder)
photographs.write(folder)
runs_reference.write(folder)
try:
    import transforms_reference
    transforms_reference.write(folder)
except Exception as error:  # the package needs the very version of torch that is installed
    print(f"WARNING: torchvision cannot be loaded ({error}): transforms are NOT COMPARED with it.", file=sys.stderr)
