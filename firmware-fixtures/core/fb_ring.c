#include "fb_ring.h"

void fb_ring_clear(fb_ring *r) {
    r->valid = 0;
}

void fb_ring_put(fb_ring *r, const int32_t xyz[FB_AXES]) {
    for (int a = 0; a < FB_AXES; a++) {
        int32_t v = xyz[a];
        v = v > 8388607 ? 8388607 : (v < -8388608 ? -8388608 : v);
        const uint32_t u = (uint32_t)v;
        r->data[r->slot][a][0] = (uint8_t)(u & 0xffu);
        r->data[r->slot][a][1] = (uint8_t)((u >> 8) & 0xffu);
        r->data[r->slot][a][2] = (uint8_t)((u >> 16) & 0xffu);
    }
    r->slot = r->slot + 1u == FB_RING_SAMPLES ? 0u : r->slot + 1u;
    r->written++;
    if (r->valid < FB_RING_SAMPLES) r->valid++;
}

bool fb_ring_get(const fb_ring *r, uint32_t index, int32_t xyz[FB_AXES]) {
    const uint32_t back = r->written - index; /* 1: the newest */
    if (back == 0 || back > r->valid) return false;
    const uint32_t at = r->slot >= back ? r->slot - back : r->slot + FB_RING_SAMPLES - back;
    for (int a = 0; a < FB_AXES; a++) {
        const uint8_t *b = r->data[at][a];
        const uint32_t u = (uint32_t)b[0] | ((uint32_t)b[1] << 8) | ((uint32_t)b[2] << 16);
        xyz[a] = (int32_t)(u ^ 0x800000u) - 0x800000; /* sign of 24 bits */
    }
    return true;
}

uint32_t fb_ring_oldest(const fb_ring *r) {
    return r->written - r->valid;
}
