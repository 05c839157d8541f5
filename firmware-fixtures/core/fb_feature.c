#include "fb_feature.h"

static const float edge[FB_BANDS + 1] = {5.0f, 20.0f, 60.0f, 150.0f, 350.0f, 700.0f, 1500.0f};

float fb_band_low(int b) { return edge[b]; }
float fb_band_high(int b) { return edge[b + 1]; }

void fb_feature_design(fb_feature *f, float rate_hz) {
#ifdef FB_DEFECT_FILTER_FIXED
    rate_hz = 4000.0f; /* as on the first board */
#endif
    f->slow = (uint32_t)fb_limit(rate_hz / FB_SLOW_HZ + 0.5f, 1.0f, 1000.0f);
    const float slow_hz = rate_hz / (float)f->slow;
    fb_lowpass(&f->low[0], 0.35f * slow_hz, rate_hz, FB_Q4A);
    fb_lowpass(&f->low[1], 0.35f * slow_hz, rate_hz, FB_Q4B);
    for (int b = 0; b < FB_BANDS; b++) {
        const float at = b < FB_LOW_BANDS ? slow_hz : rate_hz;
        f->measured[b] = fb_band_high(b) <= 0.45f * at;
        fb_highpass(&f->band[b][0], fb_band_low(b), at, FB_Q2);
        fb_lowpass(&f->band[b][1], fb_band_high(b), at, FB_Q2);
    }
}

static void part_clear(fb_feature *f) {
    for (int a = 0; a < FB_AXES; a++) f->part[a][0] = f->part[a][1] = f->part[a][2] = 0.0f;
    for (int b = 0; b < FB_BANDS; b++) f->band_part[b] = 0.0f;
    f->part_n = 0;
}

void fb_feature_begin(fb_feature *f, uint32_t from, float scale, const float offset[FB_AXES]) {
#ifdef FB_DEFECT_PEAK_KEPT
    const fb_feature_sums old = f->open;
    f->open = (fb_feature_sums){0};
    for (int a = 0; a < FB_AXES; a++) f->open.peak[a] = old.peak[a];
    f->kept = f->open;
#else
    f->open = (fb_feature_sums){0};
    f->kept = f->open;
#endif
    part_clear(f);
    for (int b = 0; b < FB_BANDS; b++) {
        fb_biquad_reset(&f->band[b][0]);
        fb_biquad_reset(&f->band[b][1]);
    }
    fb_biquad_reset(&f->low[0]);
    fb_biquad_reset(&f->low[1]);
    f->slow_sum = 0.0f;
    f->slow_at = 0;
    f->scale = scale;
#ifdef FB_DEFECT_OFFSET_IN_PEAK
    for (int a = 0; a < FB_AXES; a++) f->offset[a] = 0.0f * offset[a];
#else
    for (int a = 0; a < FB_AXES; a++) f->offset[a] = offset[a];
#endif
    f->next = from;
    f->keep_due = false;
    f->overflow = false;
}

static void part_close(fb_feature *f) {
    for (int a = 0; a < FB_AXES; a++) {
        fb_add(&f->open.sum[a], f->part[a][0]);
        fb_add(&f->open.sum2[a], f->part[a][1]);
        fb_add(&f->open.sum4[a], f->part[a][2]);
    }
#ifdef FB_DEFECT_RMS_OVERFLOW
    for (int a = 0; a < FB_AXES; a++) /* 32 bits with 16 behind the point, m2/s4 */
        while (fb_total(&f->open.sum2[a]) >= 65536.0f) fb_add(&f->open.sum2[a], -65536.0f);
#endif
    for (int b = 0; b < FB_BANDS; b++) fb_add(&f->open.band2[b], f->band_part[b]);
    f->open.n += f->part_n;
    part_clear(f);
}

static void bands(fb_feature *f, int first, int end, float x) {
    for (int b = first; b < end; b++) {
        if (!f->measured[b]) continue;
        const float y = fb_biquad_step(&f->band[b][1], fb_biquad_step(&f->band[b][0], x));
        f->band_part[b] += y * y;
    }
}

static void sample(fb_feature *f, const int32_t raw[FB_AXES]) {
    for (int a = 0; a < FB_AXES; a++) {
        const float x = (float)raw[a] * f->scale - f->offset[a], x2 = x * x, size = fb_abs(x);
        if (size > f->open.peak[a]) f->open.peak[a] = size;
        f->part[a][0] += x;
        f->part[a][1] += x2;
        f->part[a][2] += x2 * x2;
    }
    const float z = (float)raw[FB_AXES - 1] * f->scale - f->offset[FB_AXES - 1];
    bands(f, FB_LOW_BANDS, FB_BANDS, z);
    f->slow_sum += fb_biquad_step(&f->low[1], fb_biquad_step(&f->low[0], z));
    if (++f->slow_at == f->slow) {
        bands(f, 0, FB_LOW_BANDS, f->slow_sum / (float)f->slow);
        f->open.slow_n++;
        f->slow_at = 0;
        f->slow_sum = 0.0f;
    }
    if (++f->part_n == 2u * f->slow) part_close(f);
}

static void keep_if_read(fb_feature *f) {
    if (!f->keep_due || (int32_t)(f->next - f->keep_until) < 0) return;
    f->kept = f->open;
    f->keep_due = false;
}

void fb_feature_read(fb_feature *f, const fb_ring *ring, uint32_t most) {
    int32_t raw[FB_AXES];
    while (most-- && f->next != ring->written) {
        if (!fb_ring_get(ring, f->next, raw)) {
            f->overflow = true;
            f->next = fb_ring_oldest(ring);
            continue;
        }
        sample(f, raw);
        f->next++;
        keep_if_read(f);
    }
}

void fb_feature_keep(fb_feature *f, uint32_t until) {
    f->keep_until = until;
    f->keep_due = true;
    keep_if_read(f);
}

void fb_feature_axis(const fb_feature *f, int axis, fb_axis_features *out) {
    const fb_feature_sums *k = &f->kept;
    *out = (fb_axis_features){.peak = k->peak[axis]};
    if (k->n == 0) return;
    const float n = (float)k->n, mean = fb_total(&k->sum[axis]) / n, power = fb_total(&k->sum2[axis]) / n;
    const float variance = power - mean * mean; /* the mean is small: the offset has been taken off */
    out->rms = fb_sqrt(variance);
    if (out->rms <= 0.0f) return;
    out->crest = out->peak / out->rms;
    out->kurtosis = fb_total(&k->sum4[axis]) / n / (variance * variance);
}

float fb_feature_band(const fb_feature *f, int band) {
    if (!f->measured[band]) return -1.0f;
    const uint32_t n = band < FB_LOW_BANDS ? f->kept.slow_n : f->kept.n;
    return n ? fb_sqrt(fb_total(&f->kept.band2[band]) / (float)n) : 0.0f;
}

/* Median of the first n values, which it reorders. Insertion sort: n is the number of bogies. */
static float median(float *v, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        const float x = v[i];
        uint32_t j = i;
        for (; j > 0 && v[j - 1u] > x; j--) v[j] = v[j - 1u];
        v[j] = x;
    }
    return n == 0 ? 0.0f : (n % 2u ? v[n / 2u] : 0.5f * (v[n / 2u - 1u] + v[n / 2u]));
}

#define GROUPS_MAX (FB_AXLES_MAX / 2u) /* bogies of the longest list of axles */
#define STORED_M 1.0e-6f /* per count of the stored displacement: +-32 mm */

/* Acceleration to displacement, forwards. */
static void integrate(fb_history *h, float frame_hz, float low_hz, float high_hz) {
#ifdef FB_DEFECT_DISPLACEMENT_DRIFT
    float speed = 0.0f, place = 0.0f; /* the sum of sums: what is left of the offset grows with the square of time */
    for (uint32_t i = 0; i < h->count && low_hz < high_hz; i++) {
        const uint32_t slot = fb_history_slot(h, i);
        speed += FB_LF_LSB * (float)h->lf[slot] / frame_hz;
        place += speed / frame_hz;
        h->lf[slot] = fb_to_i16(place / STORED_M);
    }
#else
    fb_biquad twice, smooth;
    fb_lowpass(&twice, low_hz, frame_hz, FB_Q2);
    fb_lowpass(&smooth, high_hz, frame_hz, FB_Q2);
    const float w = 6.28318531f * low_hz, gain = FB_LF_LSB / (w * w * STORED_M);
    for (uint32_t i = 0; i < h->count; i++) {
        const uint32_t slot = fb_history_slot(h, i);
        h->lf[slot] = fb_to_i16(fb_biquad_step(&smooth, fb_biquad_step(&twice, gain * (float)h->lf[slot])));
    }
#endif
}

float fb_displacement(fb_history *h, float frame_hz, float speed, const float *times, uint32_t n, float apart) {
    const bool known = speed > 0.0f;
    const float low_hz = known ? fb_limit(speed / FB_LONG_M, FB_SLOWEST_HZ, 2.0f) : 2.0f, high_hz = known ? speed / FB_SHORT_M : 30.0f;
    const float reach = 0.5f * apart;
    fb_biquad high, smooth;
    float span[GROUPS_MAX], low = 0.0f, top = 0.0f;
    uint32_t groups = 0, left = n; /* axles still to come, backwards */
    bool inside = false;
    if (h->count == 0) return 0.0f;
    integrate(h, frame_hz, low_hz, high_hz);
    fb_highpass(&high, low_hz, frame_hz, FB_Q2);
    fb_lowpass(&smooth, high_hz, frame_hz, FB_Q2);
    const float rest = (float)fb_history_lf(h, (int32_t)h->count - 1);
    for (uint32_t i = h->count; i-- > 0 && left > 0 && groups < GROUPS_MAX;) {
        const float t = (float)i + 0.5f, x = STORED_M * ((float)fb_history_lf(h, (int32_t)i) - rest);
#ifdef FB_DEFECT_DISPLACEMENT_DRIFT
        const float d = STORED_M * (float)fb_history_lf(h, (int32_t)i) + 0.0f * fb_biquad_step(&smooth, fb_biquad_step(&high, x));
#else
        const float d = fb_biquad_step(&smooth, fb_biquad_step(&high, x));
#endif
        if (t > times[left - 1u] + reach) continue;
        if (!inside || d < low) low = d;
        if (!inside || d > top) top = d;
        inside = true;
        while (left > 1u && t <= times[left - 1u] && times[left - 1u] - times[left - 2u] < apart) left--;
        if (t <= times[left - 1u] - reach) {
            span[groups++] = top - low;
            inside = false;
            left--;
        }
    }
    return median(span, groups);
}
