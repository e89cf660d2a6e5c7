/*
 * The kernels of the vector bench as one writes them in C with OpenMP, and a driver that times one of them:
 *
 *     kernels NAME ROUNDS ARGUMENT...
 *
 * An argument is a number, or the path of a file with the elements of an array. The first call's arrays are written
 * back into their files; the answer is one line of JSON, {"value": …, "samples": [ns per call, …]}, or null for a
 * kernel that is not here. protocol.ts has the other side.
 */
#define _POSIX_C_SOURCE 200809L
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- kernels ---- */

static void saxpy_f64(int n, double a, const double *restrict x, double *restrict y) {
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}

static void saxpy_f32(int n, float a, const float *restrict x, float *restrict y) {
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}

static double sum_f64(int n, const double *x) {
  double s = 0;
#pragma omp parallel for simd reduction(+ : s)
  for (int i = 0; i < n; i++) s += x[i];
  return s;
}

static double sum_f32(int n, const float *x) {
  float s = 0;
#pragma omp parallel for simd reduction(+ : s)
  for (int i = 0; i < n; i++) s += x[i];
  return s;
}

static double dot_f64(int n, const double *x, const double *y) {
  double s = 0;
#pragma omp parallel for simd reduction(+ : s)
  for (int i = 0; i < n; i++) s += x[i] * y[i];
  return s;
}

static double dot_f32(int n, const float *x, const float *y) {
  float s = 0;
#pragma omp parallel for simd reduction(+ : s)
  for (int i = 0; i < n; i++) s += x[i] * y[i];
  return s;
}

static void wave(int n, const double *restrict x, const double *restrict y, const double *restrict z,
                 double *restrict out) {
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) out[i] = sin(x[i]) * cos(y[i]) + sqrt(z[i]) - 1.5;
}

static inline double normal_cdf(double x) {
  double t = 1 / (1 + 0.2316419 * fabs(x));
  double poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  double tail = 0.3989422804014327 * exp(-0.5 * x * x) * poly;
  return x < 0 ? tail : 1 - tail;
}

static void black_scholes(int n, const double *restrict spot, double strike, double years, double rate, double sigma,
                          double *restrict call) {
  double spread = sigma * sqrt(years), discount = exp(-rate * years);
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) {
    double d1 = (log(spot[i] / strike) + (rate + 0.5 * sigma * sigma) * years) / spread;
    call[i] = spot[i] * normal_cdf(d1) - strike * discount * normal_cdf(d1 - spread);
  }
}

static void haversine(int n, const double *restrict lat, const double *restrict lon, double lat0, double lon0,
                      double *restrict km) {
  const double radians = 3.14159265358979323846 / 180;
  double phi0 = lat0 * radians;
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) {
    double phi = lat[i] * radians;
    double a = sin((phi - phi0) / 2), b = sin((lon[i] - lon0) * radians / 2);
    km[i] = 2 * 6371.0088 * asin(sqrt(a * a + cos(phi) * cos(phi0) * b * b));
  }
}

static void cosine(const float *restrict rows, const float *restrict query, float *restrict out, int count, int size) {
#pragma omp parallel for
  for (int i = 0; i < count; i++) {
    const float *row = rows + (size_t)i * size;
    float both = 0, own = 0, other = 0;
#pragma omp simd reduction(+ : both, own, other)
    for (int k = 0; k < size; k++) {
      both += row[k] * query[k];
      own += row[k] * row[k];
      other += query[k] * query[k];
    }
    out[i] = both / sqrtf(own * other);
  }
}

static void matmul_ikj(const double *restrict a, const double *restrict b, double *restrict c, int n) {
#pragma omp parallel for
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) c[i * n + j] = 0;
    for (int k = 0; k < n; k++)
      for (int j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
  }
}

static void matmul_ijk(const double *restrict a, const double *restrict b, double *restrict c, int n) {
#pragma omp parallel for
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double s = 0;
      for (int k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j];
      c[i * n + j] = s;
    }
}

static void mandelbrot(uint8_t *out, int width, int height, int limit) {
#pragma omp parallel for schedule(dynamic, 8)
  for (int py = 0; py < height; py++)
    for (int px = 0; px < width; px++) {
      double cx = (double)px / width * 3 - 2, cy = (double)py / height * 2 - 1, x = 0, y = 0;
      int n = 0;
      while (n < limit && x * x + y * y < 4) {
        double next = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = next;
        n++;
      }
      out[py * width + px] = n;
    }
}

static void grey(int n, const uint8_t *restrict rgba, uint8_t *restrict out) {
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) out[i] = (rgba[4 * i] * 77 + rgba[4 * i + 1] * 150 + rgba[4 * i + 2] * 29) >> 8;
}

static void alpha_blend(int n, const uint8_t *restrict a, const uint8_t *restrict b, const uint8_t *restrict alpha,
                        uint8_t *restrict out) {
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) out[i] = (a[i] * alpha[i] + b[i] * (255 - alpha[i]) + 128) >> 8;
}

static void box_blur(const uint8_t *restrict src, uint8_t *restrict dst, int width, int height) {
#pragma omp parallel for
  for (int y = 1; y < height - 1; y++)
    for (int x = 1; x < width - 1; x++) {
      const uint8_t *p = src + y * width + x;
      int up = p[-width - 1] + p[-width] + p[-width + 1], down = p[width - 1] + p[width] + p[width + 1];
      dst[y * width + x] = ((up + p[-1] + p[0] + p[1] + down) * 57) >> 9;
    }
}

static void stencil(const double *restrict src, double *restrict dst, int width, int height) {
#pragma omp parallel for
  for (int y = 1; y < height - 1; y++)
    for (int x = 1; x < width - 1; x++) {
      const double *p = src + y * width + x;
      dst[y * width + x] = 0.2 * (p[0] + p[-1] + p[1] + p[-width] + p[width]);
    }
}

static void distances(const double *restrict x, const double *restrict y, const double *restrict z,
                      double *restrict out, int n) {
#pragma omp parallel for
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
      out[(size_t)i * n + j] = sqrt(dx * dx + dy * dy + dz * dz);
    }
}

static void polynomial(int n, const double *restrict x, int terms, const double *restrict coefficients,
                       double *restrict out) {
#pragma omp parallel for
  for (int i = 0; i < n; i++) {
    double value = 0;
    for (int k = terms - 1; k >= 0; k--) value = value * x[i] + coefficients[k];
    out[i] = value;
  }
}

static void n_body(const double *restrict x, const double *restrict y, const double *restrict z,
                   const double *restrict m, double *restrict ax, int n) {
#pragma omp parallel for
  for (int i = 0; i < n; i++) {
    double s = 0;
#pragma omp simd reduction(+ : s)
    for (int j = 0; j < n; j++) {
      double dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
      double d = dx * dx + dy * dy + dz * dz + 0.01;
      s += m[j] * dx / (d * sqrt(d));
    }
    ax[i] = s;
  }
}

/* Marsaglia, "Xorshift RNGs". */
static inline uint32_t xorshift(uint32_t state) {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^ (state << 5);
}

static double monte_carlo(const int32_t *seeds, int samples) {
  int inside = 0;
#pragma omp parallel for reduction(+ : inside)
  for (int k = 0; k < 4; k++) {
    uint32_t state = seeds[k];
    for (int i = 0; i < samples; i++) {
      state = xorshift(state);
      double x = state / 4294967296.0;
      state = xorshift(state);
      double y = state / 4294967296.0;
      if (x * x + y * y < 1) inside++;
    }
  }
  return (double)inside / samples;
}

static double greatest(int n, const double *x) {
  double most = -DBL_MAX;
#pragma omp parallel for simd reduction(max : most)
  for (int i = 0; i < n; i++)
    if (x[i] > most) most = x[i];
  return most;
}

static double find(int n, const int32_t *x, int wanted) {
  for (int i = 0; i < n; i++)
    if (x[i] == wanted) return i;
  return -1;
}

static void k_means(int n, const double *restrict x, const double *restrict y, int clusters, const double *restrict cx,
                    const double *restrict cy, int32_t *restrict label) {
#pragma omp parallel for
  for (int i = 0; i < n; i++) {
    int best = 0;
    double least = DBL_MAX;
    for (int c = 0; c < clusters; c++) {
      double dx = x[i] - cx[c], dy = y[i] - cy[c], d = dx * dx + dy * dy;
      if (d < least) {
        least = d;
        best = c;
      }
    }
    label[i] = best;
  }
}

static void moving_average(const double *restrict x, double *restrict out, int n, int width) {
#pragma omp parallel for
  for (int i = 0; i < n; i++) {
    double s = 0;
    for (int k = 0; k < width; k++) s += x[i + k];
    out[i] = s / width;
  }
}

static void softmax(int n, const double *restrict x, double *restrict out) {
  double most = -DBL_MAX, s = 0;
#pragma omp parallel for simd reduction(max : most)
  for (int i = 0; i < n; i++)
    if (x[i] > most) most = x[i];
#pragma omp parallel for simd reduction(+ : s)
  for (int i = 0; i < n; i++) s += out[i] = exp(x[i] - most);
#pragma omp parallel for simd
  for (int i = 0; i < n; i++) out[i] /= s;
}

static void histogram(int n, const uint8_t *restrict x, uint32_t *restrict counts) {
#pragma omp parallel for reduction(+ : counts[ : 256])
  for (int i = 0; i < n; i++) counts[x[i]]++;
}

/* Recurrences: each step needs the one before. */

static void prefix_sum(int n, const double *restrict x, double *restrict out) {
  double s = 0;
  for (int i = 0; i < n; i++) out[i] = s += x[i];
}

static double crc32(int n, const uint8_t *restrict bytes, const uint32_t *restrict table) {
  uint32_t crc = ~0u;
  for (int i = 0; i < n; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >> 8);
  return ~crc;
}

/* ---- their arguments ---- */

typedef struct {
  double number;
  const char *path; /* of an array, else NULL */
  void *data;
  size_t bytes;
} Argument;

#define NUMBER(i) (args[i].number)
#define ARRAY(type, i) ((type *)args[i].data)
#define LENGTH(type, i) ((int)(args[i].bytes / sizeof(type)))
#define F64(i) ARRAY(double, i)
#define F32(i) ARRAY(float, i)
#define U8(i) ARRAY(uint8_t, i)

typedef double (*Call)(const Argument *args);

#define GIVES(name, call) \
  static double call_##name(const Argument *args) { return call; }
#define DOES(name, call) \
  static double call_##name(const Argument *args) { \
    call; \
    return 0; \
  }

DOES(saxpy_f64, saxpy_f64(LENGTH(double, 1), NUMBER(0), F64(1), F64(2)))
DOES(saxpy_f32, saxpy_f32(LENGTH(float, 1), NUMBER(0), F32(1), F32(2)))
GIVES(sum_f64, sum_f64(LENGTH(double, 0), F64(0)))
GIVES(sum_f32, sum_f32(LENGTH(float, 0), F32(0)))
GIVES(dot_f64, dot_f64(LENGTH(double, 0), F64(0), F64(1)))
GIVES(dot_f32, dot_f32(LENGTH(float, 0), F32(0), F32(1)))
DOES(wave, wave(LENGTH(double, 0), F64(0), F64(1), F64(2), F64(3)))
DOES(black_scholes, black_scholes(LENGTH(double, 0), F64(0), NUMBER(1), NUMBER(2), NUMBER(3), NUMBER(4), F64(5)))
DOES(haversine, haversine(LENGTH(double, 0), F64(0), F64(1), NUMBER(2), NUMBER(3), F64(4)))
DOES(cosine, cosine(F32(0), F32(1), F32(2), NUMBER(3), NUMBER(4)))
DOES(matmul_ikj, matmul_ikj(F64(0), F64(1), F64(2), NUMBER(3)))
DOES(matmul_ijk, matmul_ijk(F64(0), F64(1), F64(2), NUMBER(3)))
DOES(mandelbrot, mandelbrot(U8(0), NUMBER(1), NUMBER(2), NUMBER(3)))
DOES(grey, grey(LENGTH(uint8_t, 1), U8(0), U8(1)))
DOES(alpha_blend, alpha_blend(LENGTH(uint8_t, 0), U8(0), U8(1), U8(2), U8(3)))
DOES(box_blur, box_blur(U8(0), U8(1), NUMBER(2), NUMBER(3)))
DOES(stencil, stencil(F64(0), F64(1), NUMBER(2), NUMBER(3)))
DOES(distances, distances(F64(0), F64(1), F64(2), F64(3), NUMBER(4)))
DOES(polynomial, polynomial(LENGTH(double, 0), F64(0), LENGTH(double, 1), F64(1), F64(2)))
DOES(n_body, n_body(F64(0), F64(1), F64(2), F64(3), F64(4), NUMBER(5)))
GIVES(monte_carlo, monte_carlo(ARRAY(int32_t, 0), NUMBER(1)))
GIVES(greatest, greatest(LENGTH(double, 0), F64(0)))
GIVES(find, find(LENGTH(int32_t, 0), ARRAY(int32_t, 0), NUMBER(1)))
DOES(k_means, k_means(LENGTH(double, 0), F64(0), F64(1), LENGTH(double, 2), F64(2), F64(3), ARRAY(int32_t, 4)))
DOES(moving_average, moving_average(F64(0), F64(1), NUMBER(2), NUMBER(3)))
DOES(softmax, softmax(LENGTH(double, 0), F64(0), F64(1)))
DOES(histogram, histogram(LENGTH(uint8_t, 0), U8(0), ARRAY(uint32_t, 1)))
DOES(prefix_sum, prefix_sum(LENGTH(double, 0), F64(0), F64(1)))
GIVES(crc32, crc32(LENGTH(uint8_t, 0), U8(0), ARRAY(uint32_t, 1)))

static const struct {
  const char *name;
  Call call;
} KERNELS[] = {
    {"saxpy f64", call_saxpy_f64},
    {"saxpy f32", call_saxpy_f32},
    {"sum f64", call_sum_f64},
    {"sum f32", call_sum_f32},
    {"sum of 1 k f32", call_sum_f32},
    {"dot f64", call_dot_f64},
    {"dot f32", call_dot_f32},
    {"wave", call_wave},
    {"Black-Scholes", call_black_scholes},
    {"haversine", call_haversine},
    {"cosine similarity", call_cosine},
    {"matmul 512 i-k-j", call_matmul_ikj},
    {"matmul 256 i-j-k", call_matmul_ijk},
    {"Mandelbrot 256²", call_mandelbrot},
    {"RGBA to grey", call_grey},
    {"alpha blend u8", call_alpha_blend},
    {"box blur 3×3 u8", call_box_blur},
    {"stencil 300²", call_stencil},
    {"distances 2 k²", call_distances},
    {"polynomial, degree 9", call_polynomial},
    {"n-body 500²", call_n_body},
    {"Monte-Carlo pi, 4 streams", call_monte_carlo},
    {"greatest", call_greatest},
    {"find in i32", call_find},
    {"k-means step, k = 8", call_k_means},
    {"moving average of 16", call_moving_average},
    {"softmax", call_softmax},
    {"histogram u8", call_histogram},
    {"prefix sum", call_prefix_sum},
    {"CRC-32", call_crc32},
};

static Call kernel_named(const char *name) {
  for (size_t i = 0; i < sizeof KERNELS / sizeof *KERNELS; i++)
    if (strcmp(KERNELS[i].name, name) == 0) return KERNELS[i].call;
  return NULL;
}

/* ---- the driver ---- */

enum { MOST_ARGUMENTS = 16 };
static const double WARM_UP_NS = 120e6, SAMPLE_NS = 6e6;

static void fail(const char *what, const char *which) {
  fprintf(stderr, "%s %s\n", what, which);
  exit(1);
}

static Argument argument_of(const char *text) {
  char *end;
  Argument argument = {.number = strtod(text, &end)};
  if (*end == 0) return argument;
  FILE *file = fopen(text, "rb");
  if (!file) fail("cannot read", text);
  fseek(file, 0, SEEK_END);
  argument.path = text;
  argument.bytes = ftell(file);
  argument.data = aligned_alloc(64, (argument.bytes + 64) / 64 * 64);
  rewind(file);
  if (!argument.data || fread(argument.data, 1, argument.bytes, file) != argument.bytes) fail("cannot read", text);
  fclose(file);
  return argument;
}

static void write_back(const Argument *argument) {
  FILE *file = fopen(argument->path, "wb");
  if (!file || fwrite(argument->data, 1, argument->bytes, file) != argument->bytes || fclose(file) != 0)
    fail("cannot write", argument->path);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static double repeat(Call call, const Argument *args, long times) {
  double start = now();
  for (long i = 0; i < times; i++) call(args);
  return now() - start;
}

/* How many calls make one sample long enough for the clock. */
static long calibrated(Call call, const Argument *args) {
  for (double end = now() + WARM_UP_NS; now() < end;) call(args);
  long times = 1;
  while (repeat(call, args, times) < SAMPLE_NS) times *= 2;
  return times;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc - 3 > MOST_ARGUMENTS) fail("usage:", "kernels NAME ROUNDS ARGUMENT...");
  Call call = kernel_named(argv[1]);
  if (!call) return puts("null"), 0;
  int count = argc - 3, rounds = atoi(argv[2]);
  Argument args[MOST_ARGUMENTS];
  for (int i = 0; i < count; i++) args[i] = argument_of(argv[3 + i]);
  double value = call(args);
  for (int i = 0; i < count; i++)
    if (args[i].path) write_back(&args[i]);
  long times = rounds > 0 ? calibrated(call, args) : 0;
  printf("{\"value\": %.17g, \"samples\": [", value);
  for (int i = 0; i < rounds; i++) printf("%s%.17g", i ? ", " : "", repeat(call, args, times) / times);
  puts("]}");
  return 0;
}
