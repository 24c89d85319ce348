/* The Kalman filter and the LSTM of demos/benchmark/kinds with their gradients, as one writes them in C by hand.

   Parameters, gradient and measurements are arrays in the order of those programs; `turns` is how many steps there are. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* p: A (2 x 2), q (2), r. Returns the cost; adds nothing: `g` is overwritten. */
double kalman(const double *p, const double *ys, double *g, long turns) {
  const double *A = p;
  double noise[2] = {exp(p[4]), exp(p[5])}, measured = exp(p[6]);
  double m[2] = {0.0, 0.0}, P[4] = {1.0, 0.0, 0.0, 1.0}, cost = 0.0;
  double *seen = malloc(turns * 14 * sizeof(double));
  for (long t = 0; t < turns; t++) {
    double *s = seen + 14 * t; /* m, P before; predicted P; S, error, gain */
    memcpy(s, m, sizeof m);
    memcpy(s + 2, P, sizeof P);
    double m0 = A[0] * m[0] + A[1] * m[1], m1 = A[2] * m[0] + A[3] * m[1];
    double a[4] = {A[0] * P[0] + A[1] * P[2], A[0] * P[1] + A[1] * P[3],
                   A[2] * P[0] + A[3] * P[2], A[2] * P[1] + A[3] * P[3]};
    double Q[4] = {a[0] * A[0] + a[1] * A[1] + noise[0], a[0] * A[2] + a[1] * A[3],
                   a[2] * A[0] + a[3] * A[1], a[2] * A[2] + a[3] * A[3] + noise[1]};
    double S = Q[0] + measured, error = ys[t] - m0, gain[2] = {Q[0] / S, Q[2] / S};
    memcpy(s + 6, Q, sizeof Q);
    s[10] = S, s[11] = error, s[12] = gain[0], s[13] = gain[1];
    m[0] = m0 + gain[0] * error, m[1] = m1 + gain[1] * error;
    P[0] = Q[0] - gain[0] * Q[0], P[1] = Q[1] - gain[0] * Q[1];
    P[2] = Q[2] - gain[1] * Q[0], P[3] = Q[3] - gain[1] * Q[1];
    cost += 0.5 * (log(S) + error * error / S);
  }
  double gA[4] = {0}, gq[2] = {0}, gr = 0.0, gm[2] = {0}, gP[4] = {0}, share = 1.0 / turns;
  for (long t = turns - 1; t >= 0; t--) {
    const double *s = seen + 14 * t, *M = s, *B = s + 2, *Q = s + 6, *gain = s + 12;
    double S = s[10], error = s[11];
    double k[2] = {error * gm[0] - gP[0] * Q[0] - gP[1] * Q[1], error * gm[1] - gP[2] * Q[0] - gP[3] * Q[1]};
    double e = gm[0] * gain[0] + gm[1] * gain[1] + share * error / S;
    double gS = 0.5 * share * (1.0 - error * error / S) / S - (k[0] * gain[0] + k[1] * gain[1]) / S;
    double G[4] = {gP[0] - gP[0] * gain[0] - gP[2] * gain[1] + k[0] / S + gS,
                   gP[1] - gP[1] * gain[0] - gP[3] * gain[1], gP[2] + k[1] / S, gP[3]};
    gr += gS, gq[0] += G[0], gq[1] += G[3];
    double n0 = gm[0] - e, n1 = gm[1];
    for (int i = 0; i < 2; i++)
      for (int j = 0; j < 2; j++) {
        gA[2 * i + j] += (i ? n1 : n0) * M[j];
        for (int l = 0; l < 2; l++)
          for (int o = 0; o < 2; o++)
            gA[2 * i + j] += G[2 * i + l] * A[2 * l + o] * B[2 * j + o] + G[2 * l + i] * A[2 * l + o] * B[2 * o + j];
      }
    double h[4] = {G[0] * A[0] + G[1] * A[2], G[0] * A[1] + G[1] * A[3],
                   G[2] * A[0] + G[3] * A[2], G[2] * A[1] + G[3] * A[3]};
    gP[0] = A[0] * h[0] + A[2] * h[2], gP[1] = A[0] * h[1] + A[2] * h[3];
    gP[2] = A[1] * h[0] + A[3] * h[2], gP[3] = A[1] * h[1] + A[3] * h[3];
    gm[0] = A[0] * n0 + A[2] * n1, gm[1] = A[1] * n0 + A[3] * n1;
  }
  memcpy(g, gA, sizeof gA);
  g[4] = gq[0] * noise[0], g[5] = gq[1] * noise[1], g[6] = gr * measured;
  free(seen);
  return cost / turns;
}

#ifndef N
#define N 16 /* width */
#endif
#define I 4  /* inputs */
#define GATE (N * I + N * N + N)

static double sigmoid(double z) { return 1.0 / (1.0 + exp(-z)); }

/* p: v (N); then W (N x I), U (N x N), b (N) of each of the gates i, f, o, g. */
double lstm(const double *p, const double *xs, double y, double *grad, long turns) {
  double *seen = calloc((turns + 1) * 7 * N, sizeof(double)); /* h, c before; gates; tanh(c) after */
  double output = -y;
  for (long t = 0; t < turns; t++) {
    double *s = seen + 7 * N * t, *h = s, *c = s + N, *after = s + 7 * N;
    for (int k = 0; k < 4; k++) {
      const double *W = p + N + k * GATE, *U = W + N * I, *b = U + N * N;
      for (int j = 0; j < N; j++) {
        double z = b[j];
        for (int l = 0; l < I; l++) z += W[j * I + l] * xs[t * I + l];
        for (int l = 0; l < N; l++) z += U[j * N + l] * h[l];
        s[(2 + k) * N + j] = k < 3 ? sigmoid(z) : tanh(z);
      }
    }
    for (int j = 0; j < N; j++) {
      after[N + j] = s[3 * N + j] * c[j] + s[2 * N + j] * s[5 * N + j];
      s[6 * N + j] = tanh(after[N + j]);
      after[j] = s[4 * N + j] * s[6 * N + j];
    }
  }
  const double *last = seen + 7 * N * turns;
  for (int j = 0; j < N; j++) output += p[j] * last[j];
  memset(grad, 0, (N + 4 * GATE) * sizeof(double));
  double dh[N], dc[N] = {0}, d[4 * N];
  for (int j = 0; j < N; j++) grad[j] = 2.0 * output * last[j], dh[j] = 2.0 * output * p[j];
  for (long t = turns - 1; t >= 0; t--) {
    const double *s = seen + 7 * N * t, *i = s + 2 * N, *f = s + 3 * N, *o = s + 4 * N, *g = s + 5 * N, *a = s + 6 * N;
    for (int j = 0; j < N; j++) {
      dc[j] += dh[j] * o[j] * (1.0 - a[j] * a[j]);
      d[j] = dc[j] * g[j] * i[j] * (1.0 - i[j]);
      d[N + j] = dc[j] * s[N + j] * f[j] * (1.0 - f[j]);
      d[2 * N + j] = dh[j] * a[j] * o[j] * (1.0 - o[j]);
      d[3 * N + j] = dc[j] * i[j] * (1.0 - g[j] * g[j]);
      dc[j] *= f[j];
    }
    memset(dh, 0, sizeof dh);
    for (int k = 0; k < 4; k++) {
      const double *U = p + N + k * GATE + N * I;
      double *gW = grad + N + k * GATE, *gU = gW + N * I, *gb = gU + N * N;
      for (int j = 0; j < N; j++) {
        double delta = d[k * N + j];
        for (int l = 0; l < I; l++) gW[j * I + l] += delta * xs[t * I + l];
        for (int l = 0; l < N; l++) gU[j * N + l] += delta * s[l], dh[l] += delta * U[j * N + l];
        gb[j] += delta;
      }
    }
  }
  free(seen);
  return output * output;
}
