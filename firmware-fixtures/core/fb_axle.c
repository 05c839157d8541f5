#include "fb_axle.h"

/* exp(-u) (cos u - sin u) for u = 0, 0.25 ... 5, linearly interpolated: within 0.01. */
#define SHAPE_STEPS 20u
static const float shape_table[SHAPE_STEPS + 1u] = {
    1.0f,       0.561911f,  0.241494f,  0.023642f,  -0.110794f, -0.181547f, -0.206788f, -0.201966f, -0.179379f, -0.148217f, -0.114887f,
    -0.083487f, -0.056315f, -0.034351f, -0.017686f, -0.005856f, 0.001889f,  0.006403f,  0.008518f,  0.008971f,  0.008372f};

static float shape(float u) {
    const float at = 4.0f * u;
    const uint32_t i = (uint32_t)at;
    if (i >= SHAPE_STEPS) return 0.0f;
    return shape_table[i] + (at - (float)i) * (shape_table[i + 1u] - shape_table[i]);
}

void fb_matched_design(fb_matched *m, float speed, float frame_hz) {
    float du = FB_BETA_1_M * speed / frame_hz;
    m->coarse = 1;
    while (du < 0.2f && m->coarse < 64u) {
        du *= 2.0f;
        m->coarse *= 2u;
    }
    m->half = (uint32_t)(4.5f / du);
    if (m->half > FB_TAPS_MAX) m->half = FB_TAPS_MAX;
    if (m->half < 3u) m->half = 3u;
    float sum = 0.0f;
    for (uint32_t j = 0; j <= m->half; j++) {
        m->tap[j] = shape((float)j * du);
        sum += m->tap[j] * (j ? 2.0f : 1.0f);
    }
    const float mean = sum / (float)(2u * m->half + 1u); /* blind to a constant */
    float energy = 0.0f;
    for (uint32_t j = 0; j <= m->half; j++) {
        m->tap[j] -= mean;
        energy += m->tap[j] * m->tap[j] * (j ? 2.0f : 1.0f);
    }
    const float scale = 1.0f / fb_sqrt(energy);
    for (uint32_t j = 0; j <= m->half; j++) m->tap[j] *= scale;
    m->apart = 1.2f * FB_BETA_1_M / du;
}

/* Runs over the history in coarse frames and yields the matched response of each. */
#define WINDOW 128u
typedef struct {
    const fb_history *h;
    const fb_matched *m;
    float lf[WINDOW];
    uint32_t read;   /* coarse frames read */
    uint32_t count;  /* coarse frames in the history */
} scan;

static void scan_begin(scan *s, const fb_history *h, const fb_matched *m) {
    s->h = h;
    s->m = m;
    s->read = 0;
    s->count = h->count / m->coarse;
    for (uint32_t i = 0; i < WINDOW; i++) s->lf[i] = 0.0f;
}

static void scan_read(scan *s) {
    int32_t sum = 0;
    if (s->read < s->count)
        for (uint32_t i = 0; i < s->m->coarse; i++) sum += fb_history_lf(s->h, (int32_t)(s->read * s->m->coarse + i));
    s->lf[s->read % WINDOW] = (float)sum * (FB_LF_LSB / (float)s->m->coarse);
    s->read++;
}

/* Response centred on coarse frame j; called with j = 0, 1, 2 ... */
static float scan_at(scan *s, uint32_t j) {
    while (s->read <= j + s->m->half) scan_read(s);
    float y = s->m->tap[0] * s->lf[j % WINDOW];
    for (uint32_t i = 1; i <= s->m->half; i++)
        y += s->m->tap[i] * (s->lf[(j + i) % WINDOW] + (j >= i ? s->lf[(j - i) % WINDOW] : 0.0f));
    return y;
}

/* Peaks of the response, at least `apart` from one another (the larger one wins), handed out in order. */
typedef struct {
    scan s;
    float a, b;      /* response of the two last coarse frames */
    uint32_t j;
    float held_at, held;
    bool holding;
} peaks;

static void peaks_begin(peaks *p, const fb_history *h, const fb_matched *m) {
    scan_begin(&p->s, h, m);
    p->a = p->b = 0.0f;
    p->j = 0;
    p->holding = false;
}

/* Next peak above `low`: place in coarse frames (centre of frame 0 is 0.5) and height. False at the end. */
static bool peaks_next(peaks *p, float low, float *at, float *height) {
    while (p->j <= p->s.count) {
        const float c = p->j < p->s.count ? scan_at(&p->s, p->j) : 0.0f;
        const float a = p->a, b = p->b, centre = (float)p->j - 0.5f; /* b is coarse frame j-1 */
        p->a = b;
        p->b = c;
        p->j++;
        if (!(b > low && b > a && b >= c)) continue;
        const float bend = a - 2.0f * b + c, shift = bend < 0.0f ? 0.5f * (a - c) / bend : 0.0f;
        const float here = centre + shift, size = b - 0.25f * (a - c) * shift;
        if (!p->holding || here - p->held_at < p->s.m->apart) {
            if (!p->holding || size > p->held) {
                p->held = size;
                p->held_at = here;
            }
            p->holding = true;
            continue;
        }
        *at = p->held_at;
        *height = p->held;
        p->held = size;
        p->held_at = here;
        return true;
    }
    if (!p->holding) return false;
    p->holding = false;
    *at = p->held_at;
    *height = p->held;
    return true;
}

/* The response that half of the energy of all peaks lies above: the size of a typical axle, whatever the noise between. */
static float typical(const fb_history *h, const fb_matched *m, float low) {
    uint16_t histogram[256] = {0};
    peaks p;
    float at, height, total = 0.0f, above = 0.0f;
    peaks_begin(&p, h, m);
    while (peaks_next(&p, low, &at, &height)) {
        histogram[fb_env_code(height)]++;
        total += height * height;
    }
    for (uint32_t code = 255u; code > 0; code--) {
        const float size = fb_env_value((uint8_t)code);
        above += (float)histogram[code] * size * size;
        if (above >= 0.5f * total) return size;
    }
    return 0.0f;
}

void fb_axles_find(fb_axles *out, const fb_history *h, const fb_matched *m, float noise) {
    const float floor = 5.0f * noise;
    const float level = typical(h, m, floor);
    const float low = 0.3f * level > floor ? 0.3f * level : floor;
    float energy = 0.0f, at, height;
    for (uint32_t i = 0; i < h->count; i++) {
        const float x = FB_LF_LSB * (float)fb_history_lf(h, (int32_t)i);
        energy += x * x;
    }
    out->n = 0;
    out->truncated = false;
    out->explained = 0.0f;
    if (level <= 0.0f) return;
    peaks p;
    peaks_begin(&p, h, m);
    while (peaks_next(&p, low, &at, &height)) {
        if (out->n == FB_AXLES_MAX) {
            out->truncated = true;
            break;
        }
        out->t[out->n] = at * (float)m->coarse;
        out->size[out->n] = height;
        out->n++;
        out->explained += height * height;
    }
    if (energy > 0.0f) out->explained *= (float)m->coarse / energy;
}

float fb_axle_impact(const fb_history *h, float t, float reach, float *when) {
    int32_t from = (int32_t)(t - reach), to = (int32_t)(t + reach);
    if (from < 0) from = 0;
    if (to >= (int32_t)h->count) to = (int32_t)h->count - 1;
    uint8_t best = 0;
    *when = t;
    for (int32_t i = from; i <= to; i++) {
        const uint32_t slot = fb_history_slot(h, (uint32_t)i);
        if (h->env[slot] <= best) continue;
        best = h->env[slot];
        *when = (float)i + (float)h->at[slot] * 0.00390625f;
    }
    return fb_env_value(best);
}

float fb_axle_kurtosis(const fb_history *h, float t) {
    int32_t i = (int32_t)t + (int32_t)(FB_KURT_FRAMES / 2u >> h->fold);
    if (i >= (int32_t)h->count) i = (int32_t)h->count - 1;
    return i < 0 ? 0.0f : fb_kurt_value(h->kurt[fb_history_slot(h, (uint32_t)i)]);
}
