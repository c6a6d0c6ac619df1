"""The steps of run.ts in PyTorch, of the same sizes, on a GPU if CUDA finds one.

Reads the sizes as JSON on standard input; writes {device, torch, milliseconds: {step: median}} as JSON. The weights are random: only the time is compared.
"""
import json
import math
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

device = "cuda" if torch.cuda.is_available() else "cpu"


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width))
        self.shortcut = nn.Sequential(nn.Conv2d(channels, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)) if channels != 4 * width else nn.Identity()

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


# The second one only stands for a small classifier, where this is tried out.
residual = {"resnet50": ([3, 4, 6, 3], 64), "target-small": ([1, 1, 1, 1], 8)}


def classifier(architecture, classes):
    depths, first = residual[architecture]
    layers = [nn.Conv2d(3, first, 7, 2, 3, bias=False), nn.BatchNorm2d(first), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    channels = first
    for stage, blocks in enumerate(depths):
        width = first * 2**stage
        for block in range(blocks):
            layers.append(Bottleneck(channels, width, 2 if stage > 0 and block == 0 else 1))
            channels = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)).to(device)


def modulated(x, w, layer, up):
    """A modulated convolution with demodulation: channels are scaled before and after it."""
    style = w @ layer["affine"] + 1
    scale = torch.rsqrt(style.square() @ layer["weight"].square().sum((2, 3)).T + 1e-8)
    x = x * style[:, :, None, None]
    if up:
        x = F.conv_transpose2d(x, layer["weight"].transpose(0, 1), stride=2)
        taps = torch.tensor([1.0, 3, 3, 1], device=device)
        taps = (taps[:, None] * taps / 16).expand(x.shape[1], 1, 4, 4)
        x = F.conv2d(x, taps, padding=1, groups=x.shape[1])
    else:
        x = F.conv2d(x, layer["weight"], padding=1)
    x = x * scale[:, :, None, None] + layer["noise"]
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


def generator(resolution, channel_base, channel_max):
    channels_at = lambda at: min(channel_base // at, channel_max)
    random = lambda *shape: torch.randn(*shape, device=device) / math.sqrt(math.prod(shape[1:]))
    layer = lambda inputs, outputs, at: {"affine": random(512, inputs), "weight": random(outputs, inputs, 3, 3), "noise": random(at, at)}
    blocks = []
    at = 4
    while at <= resolution:
        outputs = channels_at(at)
        blocks.append({
            "conv0": layer(channels_at(at // 2), outputs, at) if at > 4 else None,
            "conv1": layer(outputs, outputs, at),
            "rgb": (random(512, outputs), random(3, outputs, 1, 1))})
        at *= 2
    constant = torch.randn(1, channels_at(4), 4, 4, device=device)

    def synthesize(w):
        x, image = constant.expand(len(w), -1, -1, -1), None
        for block in blocks:
            if block["conv0"] is not None:
                x = modulated(x, w, block["conv0"], up=True)
                image = F.interpolate(image, scale_factor=2, mode="bilinear", align_corners=False)
            x = modulated(x, w, block["conv1"], up=False)
            affine, weight = block["rgb"]
            rgb = F.conv2d(x * (w @ affine + 1)[:, :, None, None], weight)
            image = rgb if image is None else image + rgb
        return image

    return synthesize


def poincare(logits, targets):
    u = logits / logits.abs().sum(1, keepdim=True)
    v = F.one_hot(targets, logits.shape[1]) * 0.9999
    delta = 2 * (u - v).square().sum(1) / ((1 - u.square().sum(1)) * (1 - v.square().sum(1)))
    return torch.arccosh(1 + delta)


def training_step(batch, side, classes, architecture):
    net = classifier(architecture, classes)
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)
    images, labels = torch.randn(batch, 3, side, side, device=device), torch.arange(batch, device=device) % classes

    def step():
        adam.zero_grad()
        loss = F.cross_entropy(net(images), labels)
        loss.backward()
        adam.step()
        return loss.item()

    return step


def attack_step(batch, resolution, side, classes, architecture, channelBase, channelMax):
    synthesize, target = generator(resolution, channelBase, channelMax), classifier(architecture, classes).eval()
    for parameter in target.parameters():
        parameter.requires_grad_(False)
    w, targets = torch.randn(batch, 512, device=device, requires_grad=True), torch.arange(batch, device=device) % classes

    def step():
        images = F.interpolate(synthesize(w), size=(side, side), mode="bilinear", antialias=True)
        cropped = F.interpolate(images[:, :, : side - side // 16, : side - side // 16], size=(side, side), mode="bilinear", antialias=True)
        return torch.autograd.grad(poincare(target(cropped), targets).sum(), w)[0].sum().item()

    return step


def median(step, count):
    for _ in range(2):
        step()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step()  # reads a number, so that it waits for the GPU
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


work = json.load(sys.stdin)
makers = {"training": training_step, "attack": attack_step}
result = {}
for precision in ["float32"] + (["tf32"] if device == "cuda" else []):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    result[precision] = {name: median(makers[name](**sizes), work["steps"]) for name, sizes in work["sizes"].items()}
name = torch.cuda.get_device_name() if device == "cuda" else f"cpu, {torch.get_num_threads()} threads"
print(json.dumps({"torch": torch.__version__, "device": name, "milliseconds": result}))
