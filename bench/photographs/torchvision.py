"""Reads photographs with Pillow and torchvision in the workers of a DataLoader, for photographs.ts.

The first line that comes in is JSON: files, size and workers. After that, `pixels` is answered with the SHA-256 of each image's pixels, and `pass` with
the milliseconds that reading them all took.
"""
import hashlib
import json
import sys
import time

import numpy as np
import torch
from PIL import Image
from torchvision import transforms

given = json.loads(sys.stdin.readline())
torch.set_num_threads(1)


class Photographs(torch.utils.data.Dataset):
    """The authors' transform, but for the division by 255."""

    transform = transforms.Compose([transforms.Resize(given["size"]), transforms.CenterCrop(given["size"])])

    def __len__(self):
        return len(given["files"])

    def __getitem__(self, index):
        return torch.from_numpy(np.array(self.transform(Image.open(given["files"][index]).convert("RGB"))))


loader = torch.utils.data.DataLoader(Photographs(), batch_size=32, num_workers=given["workers"], persistent_workers=True)
for line in sys.stdin:
    digests = []
    started = time.perf_counter()
    for batch in loader:
        if line.strip() == "pixels":
            digests += [hashlib.sha256(image.numpy().tobytes()).hexdigest() for image in batch]
    print(json.dumps(digests if line.strip() == "pixels" else 1000 * (time.perf_counter() - started)), flush=True)
