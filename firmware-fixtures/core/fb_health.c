#include "fb_health.h"

void fb_health_init(fb_health *h, float lsb, float range, uint8_t bits, float rate_hz) {
    *h = (fb_health){0};
    const float full = (float)((1u << ((bits > 24u || bits < 2u ? 24u : bits) - 1u)) - 1u);
    const float counts = range > 0.0f && range / lsb < full ? range / lsb : full;
    h->clip_counts = (int32_t)(counts * 0.9995f) - 1; /* parts clip a little short of their nominal range */
    h->stuck_after = lsb < FB_STUCK_LSB_MAX ? (uint32_t)(FB_STUCK_S * rate_hz) : 0u;
}

bool fb_health_sample(fb_health *h, const int32_t xyz[FB_AXES]) {
    bool clipped = false;
    const int32_t z = xyz[FB_AXES - 1];
    if (z >= h->clip_counts || z <= -h->clip_counts) h->cut++;
    for (int a = 0; a < FB_AXES; a++) {
        const int32_t v = xyz[a];
#ifdef FB_DEFECT_CLIP_ONE_SIDED
        if (v >= h->clip_counts) clipped = true;
#else
        if (v >= h->clip_counts || v <= -h->clip_counts) clipped = true;
#endif
        if (v == h->last[a]) {
            if (h->same[a] < 0xffffffffu) h->same[a]++;
        } else {
            h->same[a] = 0;
            h->last[a] = v;
        }
        if (v < h->low[a]) h->low[a] = v;
        if (v > h->high[a]) h->high[a] = v;
    }
#ifdef FB_DEFECT_CLIP_SILENT
    if (clipped) h->clipped++;
    return false;
#else
    if (clipped) h->clipped++;
    return clipped;
#endif
}

bool fb_health_stuck(const fb_health *h) {
    for (int a = 0; a < FB_AXES; a++)
        if (h->stuck_after && h->same[a] >= h->stuck_after) return true;
    return false;
}

void fb_health_mark(fb_health *h) {
    for (int a = 0; a < FB_AXES; a++) h->low[a] = h->high[a] = h->last[a];
    h->cut = 0;
}

bool fb_health_dead_axis(const fb_health *h) {
    bool dead = false, moved = false;
    for (int a = 0; a < FB_AXES; a++) {
        if (h->high[a] == h->low[a]) dead = true;
        if (h->high[a] - h->low[a] > 50) moved = true;
    }
#ifdef FB_DEFECT_STUCK_MISSED
    return dead && moved && false;
#else
    return dead && moved;
#endif
}

void fb_health_noise(fb_health *h, const fb_frame *frame, uint32_t size, bool pending) {
    if (frame->filled) return;
#ifdef FB_DEFECT_NOISE_WITH_TRAINS
    (void)pending;
    for (int a = 0; a < FB_AXES; a++) fb_add(&h->noise[a], frame->sum2[a]);
    h->noise_n += size;
#else
    for (int a = 0; a < FB_AXES; a++) fb_add(pending ? &h->pending[a] : &h->noise[a], frame->sum2[a]);
    if (pending) h->pending_n += size;
    else h->noise_n += size;
#endif
}

void fb_health_decide(fb_health *h, bool train) {
    for (int a = 0; a < FB_AXES; a++) {
        if (!train && h->noise_n < h->pending_n) fb_add(&h->noise[a], fb_total(&h->pending[a]));
        h->pending[a] = (fb_sum){0};
    }
    if (!train && h->noise_n < h->pending_n) h->noise_n += h->pending_n;
    h->pending_n = 0;
}

void fb_health_noise_rms(const fb_health *h, float rms[FB_AXES]) {
    for (int a = 0; a < FB_AXES; a++)
        rms[a] = h->noise_n ? fb_sqrt(fb_total(&h->noise[a]) / (float)h->noise_n) : 0.0f;
}

void fb_health_noise_restart(fb_health *h) {
    for (int a = 0; a < FB_AXES; a++) h->noise[a] = (fb_sum){0};
    h->noise_n = 0;
}
