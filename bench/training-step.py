"""One training step of each network of training-step.ts in PyTorch, on as many threads as OMP_NUM_THREADS says.

Protocol: a line with a network's name comes in on standard input, a line with the milliseconds of one step goes out.
"""
import json
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.residual = [layer.get("residual", False) for layer in spec["layers"]]
        self.flatten = spec["flatten"]
        channels = 3
        blocks = []
        for layer in spec["layers"]:
            size, out = layer["kernel"], layer["channels"]
            blocks.append(nn.Sequential(nn.Conv2d(channels, out, size, layer["stride"], size // 2, bias=False), nn.BatchNorm2d(out)))
            channels = out
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(spec["features"], 30)

    def forward(self, x):
        for block, residual in zip(self.blocks, self.residual):
            x = F.relu(block(x) + x) if residual else F.relu(block(x))
        return self.head(x.flatten(1) if self.flatten else x.mean((2, 3)))


def trainer(spec):
    net = Net(spec)
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)
    images = torch.randn(spec["batch"], 3, 32, 32)
    labels = torch.arange(spec["batch"]) % 30

    def step():
        adam.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        adam.step()

    return step


trainers = {name: trainer(spec) for name, spec in json.loads(sys.stdin.readline()).items()}
for line in sys.stdin:
    step = trainers[line.strip()]
    start, cpu = time.perf_counter(), time.process_time()
    step()
    print(json.dumps({"wall": 1000 * (time.perf_counter() - start), "cpu": 1000 * (time.process_time() - cpu)}), flush=True)
