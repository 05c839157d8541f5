/* Arithmetic without a maths library: the same bits on every IEEE-754 single-precision machine that is
 * compiled with -ffp-contract=off. */
#ifndef FB_MATH_H
#define FB_MATH_H
#include <stdint.h>

/* |x| */
static inline float fb_abs(float x) { return x < 0.0f ? -x : x; }
/* x limited to low..high; a NaN becomes low. */
static inline float fb_limit(float x, float low, float high) {
    return x > high ? high : (x >= low ? x : low);
}
/* Square root, relative error below 2e-7 for x >= 1e-37; 0 for anything smaller, negative or NaN. */
float fb_sqrt(float x);
/* Base-2 logarithm, absolute error below 1e-6 for normal x > 0; -126 for anything smaller. */
float fb_log2(float x);
/* 2 to the power q/12, q from 0 to 1200, relative error below 1e-6. */
float fb_exp2_12th(uint32_t q);
/* tan(pi x) for 0 <= x <= 0.45 (limited to that), relative error below 2e-6. */
float fb_tan_pi(float x);

/* x rounded to nearest and limited to the integer range. A NaN becomes the lower limit. */
uint32_t fb_to_u32(float x);
uint16_t fb_to_u16(float x);
uint8_t fb_to_u8(float x);
int32_t fb_to_i32(float x);
int16_t fb_to_i16(float x);

/* Compensated (Neumaier) sum: error independent of the number of terms. */
typedef struct { float sum, carry; } fb_sum;
void fb_add(fb_sum *s, float x);
static inline float fb_total(const fb_sum *s) { return s->sum + s->carry; }
#endif
