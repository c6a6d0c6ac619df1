"""The steps of cases.ts in PyTorch, on as many threads as OMP_NUM_THREADS says, for steps.ts.

Protocol: the first line names a folder with what the steps start from, NAME.safetensors; after that a line with a step's name comes in on standard
input, and a line with its milliseconds and its loss goes out.
"""
import json
import os
import struct
import sys
import time

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
DTYPES = {"F32": np.float32, "I32": np.int32}


def load(file):
    data = open(file, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    facts = {key: json.loads(value) for key, value in header.pop("__metadata__").items()}
    arrays = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        arrays[name] = torch.tensor(np.frombuffer(data[start:end], DTYPES[entry["dtype"]]).reshape(entry["shape"]))
    return facts, arrays


class Block(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, residual=False):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.residual = residual

    def forward(self, x):
        y = self.norm(self.convolution(x))
        return F.relu(y + x if self.residual else y)


class TargetSmall(nn.Module):
    """target-small of models/architectures.ts."""

    def __init__(self, arrays):
        super().__init__()
        self.blocks = nn.Sequential(Block(3, 16, 5, 2), Block(16, 32, 3, 2), Block(32, 48, 3, 1), Block(48, 64, 3, 2), Block(64, 64, 3, 1, residual=True))
        classes = arrays["head/bias"].shape[0]
        # The pipeline flattens position by position, PyTorch channel by channel.
        kernel = arrays["head/kernel"].reshape(4, 4, 64, classes).permute(3, 2, 0, 1).reshape(classes, 1024)
        self.head = nn.Linear(1024, classes)
        with torch.no_grad():
            for number, block in enumerate(self.blocks, 1):
                block.convolution.weight.copy_(arrays[f"block{number}/kernel"].permute(3, 2, 0, 1))
            self.head.weight.copy_(kernel)
            self.head.bias.copy_(arrays["head/bias"])

    def forward(self, x):
        return self.head(self.blocks(x).flatten(1))


def classifier(facts, arrays):
    if facts["architecture"] == "target-small":
        return TargetSmall(arrays)
    net = getattr(torchvision.models, facts["architecture"])(num_classes=arrays["fc.bias"].shape[0])
    net.load_state_dict({name: value for name, value in arrays.items() if "." in name}, strict=False)
    return net


def training(facts, arrays):
    net = classifier(facts, arrays).train()
    adam = torch.optim.Adam(net.parameters(), lr=facts["learningRate"])
    images = arrays["images"].permute(0, 3, 1, 2).contiguous()
    labels = arrays["classes"].long()

    def step():
        adam.zero_grad()
        logits = net(images)
        loss = F.cross_entropy(logits, labels, label_smoothing=facts["labelSmoothing"])
        loss.backward()
        adam.step()
        correct = (logits.argmax(1) == labels).sum().item()
        return loss.item()

    return step


def poincare(logits, classes):
    u = logits / logits.abs().sum(1, keepdim=True)
    v = 0.9999 * F.one_hot(classes, logits.shape[1])
    size = u.abs()
    delta = 2 * (u - v).square().sum(1) / ((size * (1 - size)).sum(1) * (1 - 0.9999 ** 2))
    return torch.acosh(1 + delta)


def attack(facts, arrays):
    net = classifier(facts, arrays).eval().requires_grad_(False)
    size = facts["size"]
    layers = [(arrays[f"decoder{index}/kernel"].T.contiguous(), arrays[f"decoder{index}/bias"]) for index in (1, 2, 3)]
    # Pixels in the order of PyTorch.
    first = lambda rows: rows.reshape(-1, size, size, 3).permute(0, 3, 1, 2).reshape(-1, 3 * size * size).contiguous()
    basis, mean = first(arrays["basis"]).T.contiguous(), first(arrays["mean"])[0]
    latents = arrays["latents"].clone().requires_grad_()
    adam = torch.optim.Adam([latents], lr=facts["learningRate"], betas=(facts["beta1"], facts["beta2"]))
    classes = arrays["classes"].long()
    middles = torch.arange(size) + 0.5
    windows = iter(arrays["windows"])

    def coordinates(offset, length):
        pixels = (offset[:, None] + length[:, None] * middles / size - 0.5).clamp(0, size - 1)
        return 2 * pixels / (size - 1) - 1

    def step():
        top, height, left, width = next(windows).unbind(1)
        rows, columns = coordinates(top, height), coordinates(left, width)
        grid = torch.stack((columns[:, None, :].expand(-1, size, -1), rows[:, :, None].expand(-1, -1, size)), 3)
        adam.zero_grad()
        x = latents
        for index, (kernel, bias) in enumerate(layers):
            x = F.linear(x, kernel, bias)
            x = x if index == 2 else F.leaky_relu(x, 0.2)
        images = F.linear(x, basis, mean).clamp(0, 1).reshape(-1, 3, size, size)
        crops = F.grid_sample(images, grid, align_corners=True, padding_mode="border")
        logits = net(2 * crops - 1)
        losses = poincare(logits, classes)
        confidences = logits.detach().softmax(1).gather(1, classes[:, None])
        losses.sum().backward()
        adam.step()
        return (losses.detach().mean().item(), confidences.mean().item())[0]

    return step


folder = sys.stdin.readline().strip()
steps = {}
for line in sys.stdin:
    name = line.strip()
    if name not in steps:
        facts, arrays = load(os.path.join(folder, f"{name}.safetensors"))
        steps[name] = (training if facts["kind"] == "training" else attack)(facts, arrays)
    start, cpu = time.perf_counter(), time.process_time()
    loss = steps[name]()
    print(json.dumps({"wall": 1000 * (time.perf_counter() - start), "cpu": 1000 * (time.process_time() - cpu), "loss": loss}), flush=True)
