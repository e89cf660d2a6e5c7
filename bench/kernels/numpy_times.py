"""Times of NumPy (and zlib) for the rows of vector-rows.ts and block-rows.ts, as JSON of nanoseconds. One thread."""
import json
import os
import statistics
import time
import zlib

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

N = 100_000
SIDE = 512
random = np.random.default_rng(1)
x, y = random.uniform(-1, 1, N), random.uniform(-1, 1, N)
million = random.uniform(-1, 1, 1_000_000)
sorted_x = np.sort(x)
rounded = np.round(x * 1000)
a, b = random.uniform(-1, 1, (SIDE, SIDE)), random.uniform(-1, 1, (SIDE, SIDE))
a32, b32 = a.astype(np.float32), b.astype(np.float32)
definite = a @ a.T + SIDE * np.eye(SIDE)
vector = random.uniform(-1, 1, SIDE)
signal = random.uniform(-1, 1, 65_536)
complex_signal = signal + 1j * random.uniform(-1, 1, 65_536)
out, out64, out32 = np.empty(N), np.empty((SIDE, SIDE)), np.empty((SIDE, SIDE), np.float32)
data = random.integers(0, 256, N, np.uint8).tobytes()
generator = np.random.Generator(np.random.Philox(1))

ROWS = {
    "sum f64": lambda: x.sum(),
    "mean f64": lambda: x.mean(),
    "variance f64": lambda: x.var(ddof=1),
    "max f64": lambda: x.max(),
    "median f64": lambda: np.median(x),
    "dot f64": lambda: x @ y,
    "add f64": lambda: np.add(x, y, out),
    "cumsum f64": lambda: np.cumsum(x, out=out),
    "sort f64": lambda: np.sort(x),
    "sort f64, 1 M": lambda: np.sort(million),
    "argsort f64": lambda: np.argsort(x, kind="stable"),
    "histogram f64, 64 bins": lambda: np.histogram(x, 64, (-1, 1)),
    "binary search, 100 k in 100 k": lambda: np.searchsorted(sorted_x, y),
    "unique f64": lambda: np.unique(rounded),
    "random uniform f64": lambda: generator.random(out=out),
    "crc32, 100 kB": lambda: zlib.crc32(data),
    "gemm f64, 512²": lambda: np.matmul(a, b, out64),
    "gemm f32, 512², plain": lambda: np.matmul(a32, b32, out32),
    "gemv f64, 512²": lambda: a @ vector,
    "Cholesky f64, 512²": lambda: np.linalg.cholesky(definite),
    "solve f64, 512², 1 right side": lambda: np.linalg.solve(a, vector),
    "FFT real, 2^16": lambda: np.fft.rfft(signal),
    "FFT complex, 2^16": lambda: np.fft.fft(complex_signal),
}


def nanoseconds(action):
    action()
    start = time.perf_counter()
    action()
    calls = max(1, int(0.005 / max(time.perf_counter() - start, 1e-7)))
    samples = []
    for _ in range(11):
        start = time.perf_counter()
        for _ in range(calls):
            action()
        samples.append((time.perf_counter() - start) / calls)
    return statistics.median(samples) * 1e9


print(json.dumps({"version": np.__version__, "rows": {name: nanoseconds(action) for name, action in ROWS.items()}}))
