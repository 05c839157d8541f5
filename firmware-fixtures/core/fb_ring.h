/* Ring of raw samples: everything the feature extraction has not read yet, and the pre-trigger history. */
#ifndef FB_RING_H
#define FB_RING_H
#include "fb_settings.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint8_t data[FB_RING_SAMPLES][FB_AXES][3]; /* 24-bit two's complement, little-endian */
    uint32_t written;                          /* samples ever written, wraps */
    uint32_t valid;                            /* samples that may be read, up to FB_RING_SAMPLES */
    uint32_t slot;                             /* where the next sample goes */
} fb_ring;

/* Forgets all samples: history never spans a gap in time. */
void fb_ring_clear(fb_ring *r);
/* Stores one sample of three axes, each limited to 24 bits, over the oldest one. */
void fb_ring_put(fb_ring *r, const int32_t xyz[FB_AXES]);
/* Reads sample number index (in the count of `written`). False if it is not there (any more). */
bool fb_ring_get(const fb_ring *r, uint32_t index, int32_t xyz[FB_AXES]);
/* Number of the oldest sample that can be read. */
uint32_t fb_ring_oldest(const fb_ring *r);
#endif
