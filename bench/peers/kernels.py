"""The kernels of the vector bench as one writes them with Numba, and a driver that times one of them:

    python3 kernels.py NAME ROUNDS ARGUMENT...

An argument is a number, or the path of a file with the elements of an array, whose ending names their kind. The first
call's arrays are written back into their files; the answer is one line of JSON, {"value": …, "samples": [ns per call,
…]}, or null for a kernel that is not here. protocol.ts has the other side.

fastmath assumes that there are no infinities, hence the finite starts of minima and maxima.
"""
import json
import math
import os
import sys
import time

import numpy as np
from numba import njit, prange

parallel = njit(parallel=True, fastmath=True)
sequential = njit(fastmath=True)
GREATEST = sys.float_info.max


@parallel
def saxpy(a, x, y):
    for i in prange(len(x)):
        y[i] = a * x[i] + y[i]


@parallel
def total(x):
    s = x.dtype.type(0)
    for i in prange(len(x)):
        s += x[i]
    return s


@parallel
def dot(x, y):
    s = x.dtype.type(0)
    for i in prange(len(x)):
        s += x[i] * y[i]
    return s


@parallel
def wave(x, y, z, out):
    for i in prange(len(x)):
        out[i] = math.sin(x[i]) * math.cos(y[i]) + math.sqrt(z[i]) - 1.5


@sequential
def normal_cdf(x):
    t = 1 / (1 + 0.2316419 * abs(x))
    poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = 0.3989422804014327 * math.exp(-0.5 * x * x) * poly
    return tail if x < 0 else 1 - tail


@parallel
def black_scholes(spot, strike, years, rate, sigma, call):
    spread = sigma * math.sqrt(years)
    discount = math.exp(-rate * years)
    for i in prange(len(spot)):
        d1 = (math.log(spot[i] / strike) + (rate + 0.5 * sigma * sigma) * years) / spread
        call[i] = spot[i] * normal_cdf(d1) - strike * discount * normal_cdf(d1 - spread)


@parallel
def haversine(lat, lon, lat0, lon0, km):
    phi0 = math.radians(lat0)
    for i in prange(len(lat)):
        phi = math.radians(lat[i])
        a = math.sin((phi - phi0) / 2)
        b = math.sin(math.radians(lon[i] - lon0) / 2)
        km[i] = 2 * 6371.0088 * math.asin(math.sqrt(a * a + math.cos(phi) * math.cos(phi0) * b * b))


@parallel
def cosine(rows, query, out):
    for i in prange(rows.shape[0]):
        both = np.float32(0)
        own = np.float32(0)
        other = np.float32(0)
        for k in range(rows.shape[1]):
            a = rows[i, k]
            b = query[k]
            both += a * b
            own += a * a
            other += b * b
        out[i] = both / math.sqrt(own * other)


@parallel
def matmul_ikj(a, b, c):
    n = len(a)
    for i in prange(n):
        for j in range(n):
            c[i, j] = 0
        for k in range(n):
            for j in range(n):
                c[i, j] += a[i, k] * b[k, j]


@parallel
def matmul_ijk(a, b, c):
    n = len(a)
    for i in prange(n):
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += a[i, k] * b[k, j]
            c[i, j] = s


@parallel
def mandelbrot(out, limit):
    height, width = out.shape
    for py in prange(height):
        for px in range(width):
            cx = px / width * 3 - 2
            cy = py / height * 2 - 1
            x = 0.0
            y = 0.0
            n = 0
            while n < limit and x * x + y * y < 4:
                x, y = x * x - y * y + cx, 2 * x * y + cy
                n += 1
            out[py, px] = n


@parallel
def grey(rgba, out):
    for i in prange(len(out)):
        out[i] = (rgba[i, 0] * 77 + rgba[i, 1] * 150 + rgba[i, 2] * 29) >> 8


@parallel
def alpha_blend(a, b, alpha, out):
    for i in prange(len(a)):
        out[i] = (a[i] * alpha[i] + b[i] * (255 - alpha[i]) + 128) >> 8


@parallel
def box_blur(src, dst):
    height, width = src.shape
    for y in prange(1, height - 1):
        for x in range(1, width - 1):
            up = src[y - 1, x - 1] + src[y - 1, x] + src[y - 1, x + 1]
            row = src[y, x - 1] + src[y, x] + src[y, x + 1]
            down = src[y + 1, x - 1] + src[y + 1, x] + src[y + 1, x + 1]
            dst[y, x] = ((up + row + down) * 57) >> 9


@parallel
def stencil(src, dst):
    height, width = src.shape
    for y in prange(1, height - 1):
        for x in range(1, width - 1):
            dst[y, x] = 0.2 * (src[y, x] + src[y, x - 1] + src[y, x + 1] + src[y - 1, x] + src[y + 1, x])


@parallel
def distances(x, y, z, out):
    n = len(x)
    for i in prange(n):
        for j in range(n):
            dx = x[i] - x[j]
            dy = y[i] - y[j]
            dz = z[i] - z[j]
            out[i, j] = math.sqrt(dx * dx + dy * dy + dz * dz)


@parallel
def polynomial(x, coefficients, out):
    for i in prange(len(x)):
        value = 0.0
        for k in range(len(coefficients) - 1, -1, -1):
            value = value * x[i] + coefficients[k]
        out[i] = value


@parallel
def n_body(x, y, z, m, ax):
    n = len(x)
    for i in prange(n):
        s = 0.0
        for j in range(n):
            dx = x[j] - x[i]
            dy = y[j] - y[i]
            dz = z[j] - z[i]
            d = dx * dx + dy * dy + dz * dz + 0.01
            s += m[j] * dx / (d * math.sqrt(d))
        ax[i] = s


@sequential
def xorshift(state):
    """Marsaglia, "Xorshift RNGs"; uint32 arithmetic widens, hence the conversions."""
    state = np.uint32(state ^ (state << np.uint32(13)))
    state = np.uint32(state ^ (state >> np.uint32(17)))
    return np.uint32(state ^ (state << np.uint32(5)))


@parallel
def monte_carlo(seeds, samples):
    inside = 0
    for k in prange(len(seeds)):
        state = np.uint32(seeds[k])
        for _ in range(samples):
            state = xorshift(state)
            x = state / 4294967296
            state = xorshift(state)
            y = state / 4294967296
            if x * x + y * y < 1:
                inside += 1
    return inside / samples


@parallel
def greatest(x):
    most = -GREATEST
    for i in prange(len(x)):
        most = max(most, x[i])
    return most


@sequential
def find(x, wanted):
    for i in range(len(x)):
        if x[i] == wanted:
            return i
    return -1


@parallel
def k_means(x, y, cx, cy, label):
    for i in prange(len(x)):
        best = 0
        least = GREATEST
        for c in range(len(cx)):
            dx = x[i] - cx[c]
            dy = y[i] - cy[c]
            d = dx * dx + dy * dy
            if d < least:
                least = d
                best = c
        label[i] = best


@parallel
def moving_average(x, out, width):
    for i in prange(len(out)):
        s = 0.0
        for k in range(width):
            s += x[i + k]
        out[i] = s / width


@parallel
def softmax(x, out):
    most = -GREATEST
    for i in prange(len(x)):
        most = max(most, x[i])
    s = 0.0
    for i in prange(len(x)):
        e = math.exp(x[i] - most)
        out[i] = e
        s += e
    for i in prange(len(x)):
        out[i] /= s


# Each step of these needs the one before, or would race with another.


@sequential
def histogram(x, counts):
    for i in range(len(x)):
        counts[x[i]] += 1


@sequential
def prefix_sum(x, out):
    s = 0.0
    for i in range(len(x)):
        s += x[i]
        out[i] = s


@sequential
def crc32(data, table):
    crc = 0xFFFFFFFF
    for i in range(len(data)):
        crc = table[(crc ^ data[i]) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def square(x, n):
    return x.reshape(n, n)


# Each kernel with its arguments in the shapes in which one has them in NumPy; all are views.
KERNELS = {
    "saxpy f64": lambda a, x, y: (saxpy, a, x, y),
    "saxpy f32": lambda a, x, y: (saxpy, np.float32(a), x, y),
    "sum f64": lambda x: (total, x),
    "sum f32": lambda x: (total, x),
    "sum of 1 k f32": lambda x: (total, x),
    "dot f64": lambda x, y: (dot, x, y),
    "dot f32": lambda x, y: (dot, x, y),
    "wave": lambda *args: (wave, *args),
    "Black-Scholes": lambda *args: (black_scholes, *args),
    "haversine": lambda *args: (haversine, *args),
    "cosine similarity": lambda rows, query, out, count, size: (cosine, rows.reshape(count, size), query, out),
    "matmul 512 i-k-j": lambda a, b, c, n: (matmul_ikj, square(a, n), square(b, n), square(c, n)),
    "matmul 256 i-j-k": lambda a, b, c, n: (matmul_ijk, square(a, n), square(b, n), square(c, n)),
    "Mandelbrot 256²": lambda out, width, height, limit: (mandelbrot, out.reshape(height, width), limit),
    "RGBA to grey": lambda rgba, out: (grey, rgba.reshape(-1, 4), out),
    "alpha blend u8": lambda *args: (alpha_blend, *args),
    "box blur 3×3 u8": lambda src, dst, w, h: (box_blur, src.reshape(h, w), dst.reshape(h, w)),
    "stencil 300²": lambda src, dst, w, h: (stencil, src.reshape(h, w), dst.reshape(h, w)),
    "distances 2 k²": lambda x, y, z, out, n: (distances, x, y, z, square(out, n)),
    "polynomial, degree 9": lambda *args: (polynomial, *args),
    "n-body 500²": lambda x, y, z, m, ax, n: (n_body, x, y, z, m, ax),
    "Monte-Carlo pi, 4 streams": lambda *args: (monte_carlo, *args),
    "greatest": lambda x: (greatest, x),
    "find in i32": lambda *args: (find, *args),
    "k-means step, k = 8": lambda *args: (k_means, *args),
    "moving average of 16": lambda x, out, n, width: (moving_average, x, out, width),
    "softmax": lambda *args: (softmax, *args),
    "histogram u8": lambda *args: (histogram, *args),
    "prefix sum": lambda *args: (prefix_sum, *args),
    "CRC-32": lambda *args: (crc32, *args),
}

KINDS = {
    ".f64": np.float64,
    ".f32": np.float32,
    ".i32": np.int32,
    ".u32": np.uint32,
    ".u8": np.uint8,
}
WARM_UP = 0.12
SAMPLE = 0.006


def argument_of(text):
    kind = KINDS.get(os.path.splitext(text)[1])
    if kind is not None:
        return np.fromfile(text, kind)
    number = float(text)
    return int(number) if number.is_integer() and "." not in text else number


def seconds(kernel, args, times):
    start = time.perf_counter()
    for _ in range(times):
        kernel(*args)
    return time.perf_counter() - start


def calibrated(kernel, args):
    """How many calls make one sample long enough for the clock."""
    end = time.perf_counter() + WARM_UP
    while time.perf_counter() < end:
        kernel(*args)
    times = 1
    while seconds(kernel, args, times) < SAMPLE:
        times *= 2
    return times


def answer(name, rounds, *texts):
    if name not in KERNELS:
        return None
    given = [argument_of(text) for text in texts]
    kernel, *args = KERNELS[name](*given)
    value = kernel(*args)
    for text, argument in zip(texts, given):
        if isinstance(argument, np.ndarray):
            argument.tofile(text)
    times = calibrated(kernel, args) if rounds > 0 else 0
    samples = [seconds(kernel, args, times) / times * 1e9 for _ in range(rounds)]
    return {"value": 0 if value is None else float(value), "samples": samples}


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])))
