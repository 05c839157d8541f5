#include "fb_filter.h"
#include "fb_math.h"

static float poles(fb_biquad *f, float corner_hz, float rate_hz, float q) {
    const float k = fb_tan_pi(corner_hz / rate_hz), n = 1.0f / (1.0f + k / q + k * k);
    f->a1 = 2.0f * (k * k - 1.0f) * n;
    f->a2 = (1.0f - k / q + k * k) * n;
    fb_biquad_reset(f);
    return k;
}

void fb_lowpass(fb_biquad *f, float corner_hz, float rate_hz, float q) {
    poles(f, corner_hz, rate_hz, q);
    f->b0 = 0.25f * (1.0f + f->a1 + f->a2); /* unit gain at zero frequency with the rounded poles */
    f->b1 = 2.0f * f->b0;
    f->b2 = f->b0;
}

void fb_highpass(fb_biquad *f, float corner_hz, float rate_hz, float q) {
    poles(f, corner_hz, rate_hz, q);
    f->b0 = 0.25f * (1.0f - f->a1 + f->a2); /* unit gain at half the rate */
    f->b1 = -2.0f * f->b0;
    f->b2 = f->b0;
}

void fb_biquad_reset(fb_biquad *f) {
    f->s1 = 0.0f;
    f->s2 = 0.0f;
}
