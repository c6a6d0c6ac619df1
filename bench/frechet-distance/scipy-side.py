"""NumPy's and SciPy's side of frechet-distance.ts, with the formula of pytorch-fid."""
import json
import sys
import time

import numpy as np
from scipy import linalg


def frechet(a, b):
    mu1, mu2, sigma1, sigma2 = a.mean(0), b.mean(0), np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root, _ = linalg.sqrtm(sigma1.dot(sigma2), disp=False)
    return float((mu1 - mu2).dot(mu1 - mu2) + np.trace(sigma1) + np.trace(sigma2) - 2 * np.trace(np.real(root)))


for line in sys.stdin:
    given = json.loads(line)
    first, second = (np.fromfile(file, np.float32).reshape(-1, given["size"]).astype(np.float64) for file in given["files"])
    started = time.process_time()
    distance = frechet(first, second)
    print(json.dumps({"cpu": time.process_time() - started, "distance": distance}), flush=True)
