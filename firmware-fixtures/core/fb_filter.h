/* Second-order filters, designed at run time for the measured sample rate (bilinear transform with the
 * corner pre-warped by fb_tan_pi), transposed direct form II. */
#ifndef FB_FILTER_H
#define FB_FILTER_H

typedef struct {
    float b0, b1, b2, a1, a2; /* transfer function, a0 = 1 */
    float s1, s2;             /* state */
} fb_biquad;

/* Low-pass with corner corner_hz at rate_hz and quality q (0.70711: Butterworth). Clears the state. The corner is
 * limited to 0.45 of the rate; below 1/4000 of the rate single precision loses more than 1 % of the corner. */
void fb_lowpass(fb_biquad *f, float corner_hz, float rate_hz, float q);
/* High-pass, same rules. */
void fb_highpass(fb_biquad *f, float corner_hz, float rate_hz, float q);
/* Clears the state. */
void fb_biquad_reset(fb_biquad *f);
/* One sample through the filter: five multiplications. */
static inline float fb_biquad_step(fb_biquad *f, float x) {
    const float y = f->b0 * x + f->s1;
    f->s1 = f->b1 * x - f->a1 * y + f->s2;
    f->s2 = f->b2 * x - f->a2 * y;
    return y;
}
/* Butterworth quality factors: second order, and the two sections of fourth order. */
#define FB_Q2 0.70710678f
#define FB_Q4A 0.54119610f
#define FB_Q4B 1.30656296f
#endif
