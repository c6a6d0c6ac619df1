"""The default target model of the small experiment in PyTorch, alpha = 0: trains on one exported image set, prints the accuracy on another.

    python3 bench/target-accuracy.py TRAIN.safetensors TEST.safetensors TRAININGS
"""
import json
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
SIZE, BATCH, EPOCHS, RATE = 32, 12, 32, 0.012
GREY = torch.tensor([0.2989, 0.587, 0.114])[None, :, None, None]


def load(file):
    data = open(file, 'rb').read()
    length = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + length])

    def array(name, dtype):
        start, end = header[name]['data_offsets']
        return np.frombuffer(data[8 + length + start:8 + length + end], dtype).reshape(header[name]['shape'])

    images = array('images', np.uint8).transpose(0, 3, 1, 2).astype(np.float32) / 255
    return torch.tensor(images), torch.tensor(array('labels', np.int32).astype(np.int64))


class Block(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, residual=False):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.residual = residual

    def forward(self, x):
        y = self.norm(self.convolution(x))
        return F.relu(y + x if self.residual else y)


def target(classes):
    return nn.Sequential(
        Block(3, 16, 5, 2), Block(16, 32, 3, 2), Block(32, 48, 3, 1), Block(48, 64, 3, 2), Block(64, 64, 3, 1, True),
        nn.Flatten(), nn.Linear(1024, classes))


def crops(offset, side, mirrored):
    """Interpolation matrices [n, SIZE, SIZE]: row i reads coordinate offset + side (i + 1/2) / SIZE - 1/2."""
    index = torch.arange(SIZE).float()
    place = torch.where(mirrored[:, None], SIZE - 1 - index[None], index[None].expand(len(offset), -1))
    coordinate = (offset[:, None] + side[:, None] * (place + 0.5) / SIZE - 0.5).clamp(0, SIZE - 1)
    return (1 - (coordinate[:, :, None] - index[None, None]).abs()).clamp(min=0)


def augmented(x, generator):
    n = len(x)
    uniform = lambda *shape: torch.rand(*shape, generator=generator)
    side = SIZE * torch.sqrt(0.85 + 0.15 * uniform(n))
    top, left = uniform(n) * (SIZE - side), uniform(n) * (SIZE - side)
    rows = crops(top, side, torch.zeros(n, dtype=torch.bool))
    columns = crops(left, side, uniform(n) < 0.5)
    x = torch.einsum('nij,ncjk,nlk->ncil', rows, x, columns)
    factor = lambda width: 1 + width * (2 * uniform(n, 1, 1, 1) - 1)
    x = (x * factor(0.2)).clamp(0, 1)
    mean = (x * GREY).sum(1, keepdim=True).mean((2, 3), keepdim=True)
    x = (mean + (x - mean) * factor(0.2)).clamp(0, 1)
    grey = (x * GREY).sum(1, keepdim=True)
    return (grey + (x - grey) * factor(0.1)).clamp(0, 1)


def train(images, labels, seed):
    torch.manual_seed(seed)
    model = target(int(labels.max()) + 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    generator = torch.Generator().manual_seed(seed)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group['lr'] = RATE * (0.1 if epoch >= 0.9 * EPOCHS else 1)
        for batch in torch.randperm(len(images), generator=generator).split(BATCH):
            if len(batch) <= BATCH / 4:
                continue
            loss = F.cross_entropy(model((augmented(images[batch], generator) - 0.5) / 0.5), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


train_set, test_set = load(sys.argv[1]), load(sys.argv[2])
for seed in range(int(sys.argv[3])):
    model = train(*train_set, seed)
    with torch.no_grad():
        print((model((test_set[0] - 0.5) / 0.5).argmax(1) == test_set[1]).float().mean().item())
