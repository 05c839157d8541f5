/* Front end: from raw samples to frames of about 5 ms, and the frame history of a passage.
 *
 * A frame carries what train detection needs of 2 x (rate / 400 Hz) samples of the vertical axis:
 *   lf   low-frequency acceleration, up positive: mean of the low-passed signal (the wheels' deflection bowls),
 *   env  largest magnitude of the high-passed signal (impacts), logarithmic,
 *   at   when in the frame that peak came, 1/256 of the frame,
 *   kurt kurtosis of the vertical acceleration over the 50 ms around the frame, logarithmic.
 * The history is a ring while idle. When a passage is longer than the ring, neighbouring frames are folded into one, which
 * halves the time resolution and doubles the reach: only a slow train can be that long, and its axles are far apart. */
#ifndef FB_FRAME_H
#define FB_FRAME_H
#include "fb_filter.h"
#include "fb_math.h"
#include "fb_settings.h"
#include <stdbool.h>
#include <stdint.h>

/* One finished frame, before folding. */
typedef struct {
    float lf, env;          /* m/s2 */
    uint8_t at;
    uint32_t first;         /* number of the frame's first sample */
    float sum[FB_AXES];     /* of the deviation from the offset, m/s2 */
    float sum2[FB_AXES];    /* of its square, m2/s4 */
    bool filled;            /* samples were missing and taken as rest */
} fb_frame;

/* Streaming part. */
typedef struct {
    uint32_t slow, size;    /* samples per slow sample, samples per frame (2 x slow) */
    float offset[FB_AXES];  /* m/s2 */
    uint32_t learned;       /* frames seen by the offset since (re)start */
#ifdef FB_DEFECT_OFFSET_FROZEN
    bool frozen;
#endif
    fb_biquad low[2], high;
    uint32_t count;         /* samples in the open frame */
    float lf_sum, sum4;
    uint32_t at;
    fb_frame open;
    float s2[FB_KURT_FRAMES], s4[FB_KURT_FRAMES]; /* last frames' sums for the sliding kurtosis */
    uint32_t kurt_slot;
    float kurt;             /* of the window that ends with the last frame */
} fb_front;

/* Designs the filters for rate_hz. Keeps the offset. */
void fb_front_design(fb_front *f, float rate_hz);
/* Forgets the open frame and the filter state; the offset is learned again from the old one. */
void fb_front_restart(fb_front *f);
/* One sample, m/s2 with gravity. True when it completes the frame in f->open, which stays valid until the next call. */
bool fb_front_step(fb_front *f, uint32_t index, const float xyz[FB_AXES], bool filled);
/* Takes the last frame into the offset; call while nothing passes. */
void fb_front_learn(fb_front *f, float rate_hz);

/* History. */
typedef struct {
    int16_t lf[FB_FRAMES];
    uint8_t env[FB_FRAMES], at[FB_FRAMES], kurt[FB_FRAMES];
    uint32_t head;          /* slot of the next frame */
    uint32_t count;         /* frames since `start`, up to FB_FRAMES */
    uint32_t fold;          /* 2^fold frames of the front are one here */
    uint32_t merged;        /* frames of the front in the open merge */
    float lf_sum, env_max;
    uint8_t env_at, kurt_max;
    uint32_t first;         /* number of the first sample of the oldest frame */
    uint32_t size;          /* samples per frame of the front */
} fb_history;

/* Forgets everything. size: samples per frame of the front. */
void fb_history_clear(fb_history *h, uint32_t size);
/* Appends a frame. While idle the oldest drops out; while `keep` the history folds when it is full. */
void fb_history_put(fb_history *h, const fb_frame *frame, float kurt, bool keep);
/* Drops the oldest frames until at most `count` are left. Only while unfolded. */
void fb_history_trim(fb_history *h, uint32_t count);
/* Slot of frame i, 0: the oldest. */
static inline uint32_t fb_history_slot(const fb_history *h, uint32_t i) {
    return (h->head + FB_FRAMES - h->count + i) & (FB_FRAMES - 1u);
}
/* Low-frequency acceleration of frame i, in FB_LF_LSB; 0 outside. */
static inline int32_t fb_history_lf(const fb_history *h, int32_t i) {
    return i < 0 || (uint32_t)i >= h->count ? 0 : h->lf[fb_history_slot(h, (uint32_t)i)];
}
/* Samples per stored frame. */
static inline uint32_t fb_history_size(const fb_history *h) { return h->size << h->fold; }
/* Envelope code to m/s2, and back. Code 0 is 0. */
float fb_env_value(uint8_t code);
uint8_t fb_env_code(float env);
/* Kurtosis code to kurtosis (1 ... 250), and back. */
float fb_kurt_value(uint8_t code);
uint8_t fb_kurt_code(float kurt);
#endif
