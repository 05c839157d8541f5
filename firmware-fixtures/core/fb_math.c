#include "fb_math.h"
#include <string.h>

float fb_sqrt(float x) {
    if (!(x >= 1.0e-37f)) return 0.0f;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits >> 1) + 0x1fbd1df5u; /* halves the exponent: within 4 % */
    float y;
    memcpy(&y, &bits, sizeof y);
    for (int i = 0; i < 3; i++) y = 0.5f * (y + x / y); /* 8e-4, 4e-7, rounding */
    return y;
}

float fb_log2(float x) {
    if (!(x >= 1.17549435e-38f)) return -126.0f;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (int32_t)((bits >> 23) & 0xffu) - 127;
    bits = (bits & 0x007fffffu) | 0x3f800000u;
    float m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.41421356f) {
        m *= 0.5f;
        exponent++;
    }
    /* log2 m = 2/ln 2 (s + s^3/3 + s^5/5 + s^7/7), |s| < 0.172; the next term is below 4.3e-8 */
    const float s = (m - 1.0f) / (m + 1.0f), q = s * s;
    return (float)exponent + 2.88539008f * s * (1.0f + q * (0.333333333f + q * (0.2f + q * 0.142857143f)));
}

float fb_exp2_12th(uint32_t q) {
    static const float step[12] = {1.0f,        1.05946309f, 1.12246205f, 1.18920712f, 1.25992105f, 1.33483985f,
                                   1.41421356f, 1.49830708f, 1.58740105f, 1.68179283f, 1.78179744f, 1.88774863f};
    const uint32_t octave = q / 12u;
    uint32_t bits = (127u + (octave > 100u ? 100u : octave)) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return step[q % 12u] * power;
}

float fb_tan_pi(float x) {
    const float a = 3.14159265f * fb_limit(x, 0.0f, 0.45f);
    /* Above pi/4 by tan(a) = 1/tan(pi/2 - a), so that the [5/4] Pade approximant stays within 1e-7. */
    const int upper = a > 0.785398163f;
    const float r = upper ? 1.57079633f - a : a, q = r * r;
    const float t = r * (945.0f + q * (q - 105.0f)) / (945.0f + q * (15.0f * q - 420.0f));
    return upper ? 1.0f / t : t;
}

uint32_t fb_to_u32(float x) { return !(x > 0.0f) ? 0u : (x >= 4294967040.0f ? 4294967295u : (uint32_t)(x + 0.5f)); }
uint16_t fb_to_u16(float x) { return (uint16_t)fb_limit(x + 0.5f, 0.0f, 65535.0f); }
uint8_t fb_to_u8(float x) { return (uint8_t)fb_limit(x + 0.5f, 0.0f, 255.0f); }
int32_t fb_to_i32(float x) { return (int32_t)fb_limit(x < 0.0f ? x - 0.5f : x + 0.5f, -2147483520.0f, 2147483520.0f); }
int16_t fb_to_i16(float x) { return (int16_t)fb_limit(x < 0.0f ? x - 0.5f : x + 0.5f, -32768.0f, 32767.0f); }

void fb_add(fb_sum *s, float x) {
    const float t = s->sum + x;
    s->carry += fb_abs(s->sum) >= fb_abs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}
