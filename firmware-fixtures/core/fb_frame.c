#include "fb_frame.h"

_Static_assert((FB_FRAMES & (FB_FRAMES - 1u)) == 0, "FB_FRAMES is a power of two");

void fb_front_design(fb_front *f, float rate_hz) {
    f->slow = (uint32_t)fb_limit(rate_hz / FB_SLOW_HZ + 0.5f, 1.0f, 1000.0f);
    f->size = 2u * f->slow;
    fb_lowpass(&f->low[0], FB_LOWPASS_HZ, rate_hz, FB_Q4A);
    fb_lowpass(&f->low[1], FB_LOWPASS_HZ, rate_hz, FB_Q4B);
    fb_highpass(&f->high, FB_ENVELOPE_HZ, rate_hz, FB_Q2);
    f->count = 0;
}

void fb_front_restart(fb_front *f) {
    fb_biquad_reset(&f->low[0]);
    fb_biquad_reset(&f->low[1]);
    fb_biquad_reset(&f->high);
    f->count = 0;
    for (uint32_t i = 0; i < FB_KURT_FRAMES; i++) f->s2[i] = f->s4[i] = 0.0f;
    if (f->learned > FB_LEARN_FRAMES) f->learned = FB_LEARN_FRAMES;
}

static void frame_open(fb_front *f, uint32_t index) {
    f->open = (fb_frame){0};
    f->open.first = index;
    f->lf_sum = 0.0f;
    f->sum4 = 0.0f;
    f->at = 0;
}

static void frame_close(fb_front *f) {
    f->open.lf = f->lf_sum / (float)f->size;
    f->open.at = (uint8_t)((f->at * 256u + 128u) / f->size);
    f->s2[f->kurt_slot] = f->open.sum2[FB_AXES - 1];
    f->s4[f->kurt_slot] = f->sum4;
    f->kurt_slot = (f->kurt_slot + 1u) % FB_KURT_FRAMES;
    float s2 = 0.0f, s4 = 0.0f;
    for (uint32_t i = 0; i < FB_KURT_FRAMES; i++) {
        s2 += f->s2[i];
        s4 += f->s4[i];
    }
    f->kurt = s2 > 1.0e-9f ? (float)(FB_KURT_FRAMES * f->size) * s4 / (s2 * s2) : 0.0f;
}

bool fb_front_step(fb_front *f, uint32_t index, const float xyz[FB_AXES], bool filled) {
    if (f->count == 0) frame_open(f, index);
    for (int a = 0; a < FB_AXES; a++) {
        const float x = xyz[a] - f->offset[a];
        f->open.sum[a] += x;
        f->open.sum2[a] += x * x;
    }
    const float z = xyz[FB_AXES - 1] - f->offset[FB_AXES - 1], z2 = z * z;
    f->sum4 += z2 * z2;
    f->lf_sum += fb_biquad_step(&f->low[1], fb_biquad_step(&f->low[0], z));
    const float peak = fb_abs(fb_biquad_step(&f->high, z));
    if (peak > f->open.env) {
        f->open.env = peak;
        f->at = f->count;
    }
    if (filled) f->open.filled = true;
    if (++f->count < f->size) return false;
    f->count = 0;
    frame_close(f);
    return true;
}

void fb_front_learn(fb_front *f, float rate_hz) {
    const float slow = FB_OFFSET_TAU_S * rate_hz / (float)f->size;
    f->learned++;
#ifdef FB_DEFECT_OFFSET_FROZEN
    if (f->learned > 300u) f->frozen = true; /* calibrated once, on the bench */
    if (f->frozen) return;
#endif
    const float n = (float)f->learned < slow ? (float)f->learned : slow; /* plain mean first, then exponential */
    for (int a = 0; a < FB_AXES; a++) f->offset[a] += f->open.sum[a] / ((float)f->size * n);
}

/* --- history ------------------------------------------------------------------------------------ */

float fb_env_value(uint8_t code) {
    return code ? FB_ENV_FLOOR * fb_exp2_12th(code - 1u) : 0.0f;
}

uint8_t fb_env_code(float env) {
    return env < FB_ENV_FLOOR ? 0 : fb_to_u8(1.0f + 12.0f * fb_log2(env / FB_ENV_FLOOR));
}

float fb_kurt_value(uint8_t code) {
    return code ? fb_exp2_12th(code - 1u) : 0.0f;
}

uint8_t fb_kurt_code(float kurt) {
    return kurt < 1.0f ? 0 : fb_to_u8(1.0f + 12.0f * fb_log2(kurt));
}

static void merge_open(fb_history *h) {
    h->merged = 0;
    h->lf_sum = 0.0f;
    h->env_max = -1.0f;
    h->env_at = 0;
    h->kurt_max = 0;
}

void fb_history_clear(fb_history *h, uint32_t size) {
    h->head = 0;
    h->count = 0;
    h->fold = 0;
    h->size = size;
    merge_open(h);
}

void fb_history_trim(fb_history *h, uint32_t count) {
    if (h->count <= count) return;
    h->first += (h->count - count) * h->size;
    h->count = count;
}

/* Two frames into one: mean of lf, louder of the two peaks. The place of the peak keeps its meaning. */
static void fold(fb_history *h) {
    const uint32_t pairs = h->count / 2u, start = fb_history_slot(h, 0);
    for (uint32_t i = 0; i < pairs; i++) {
        const uint32_t a = (start + 2u * i) & (FB_FRAMES - 1u), b = (a + 1u) & (FB_FRAMES - 1u);
        const uint32_t to = (start + i) & (FB_FRAMES - 1u);
        const int32_t lf = (h->lf[a] + h->lf[b]) / 2;
        const bool second = h->env[b] > h->env[a];
        const uint8_t at = second ? (uint8_t)(128u + h->at[b] / 2u) : (uint8_t)(h->at[a] / 2u);
        const uint8_t env = second ? h->env[b] : h->env[a], kurt = second ? h->kurt[b] : h->kurt[a];
        h->lf[to] = (int16_t)lf;
        h->at[to] = at;
        h->env[to] = env;
        h->kurt[to] = kurt;
    }
    h->count = pairs;
    h->head = (start + pairs) & (FB_FRAMES - 1u);
    h->fold++;
}

void fb_history_put(fb_history *h, const fb_frame *frame, float kurt, bool keep) {
    if (h->count == 0 && h->merged == 0) h->first = frame->first;
    if (keep && h->count == FB_FRAMES) fold(h);
    const uint32_t share = 1u << h->fold;
    h->lf_sum += frame->lf;
    if (frame->env > h->env_max) {
        h->env_max = frame->env;
        h->env_at = (uint8_t)((h->merged * 256u + frame->at) >> h->fold);
    }
    /* The sliding window ends with this frame: its centre is half a window back. The largest of the merge is kept. */
    const uint8_t code = fb_kurt_code(kurt);
    if (code > h->kurt_max) h->kurt_max = code;
    if (++h->merged < share) return;
    h->lf[h->head] = fb_to_i16(h->lf_sum / ((float)share * FB_LF_LSB));
    h->env[h->head] = fb_env_code(h->env_max);
    h->at[h->head] = h->env_at;
    h->kurt[h->head] = h->kurt_max;
    h->head = (h->head + 1u) & (FB_FRAMES - 1u);
    if (h->count < FB_FRAMES) h->count++;
#ifndef FB_DEFECT_FIRST_FROZEN
    else h->first += h->size; /* idle: the oldest frame has been overwritten */
#endif
    merge_open(h);
}
