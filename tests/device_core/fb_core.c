#include "fb_core.h"

#ifdef HANG_AT
#include <unistd.h>
#endif
#ifdef CRASH_AT
#include <stdio.h>
#include <stdlib.h>
#endif

enum { PART = 60 };
static uint8_t message[9 + 12 * PART];

static size_t put(size_t at, uint64_t value, size_t width)
{
    size_t i;
    for (i = 0; i < width; i++) message[at + i] = (uint8_t)(value >> (8 * i));
    return at + width;
}

void fb_init(fb_core *core, const fb_config *cfg, fb_uplink_fn send, void *ctx)
{
    const fb_core fresh = {.config = *cfg, .send = send, .ctx = ctx};
    *core = fresh;
}

void fb_boot_count(fb_core *core, uint16_t boots)
{
    (void)core;
    (void)boots;
}

void fb_samples(fb_core *core, uint32_t t0, uint16_t n, uint32_t fifo_ticks, const int32_t *xyz)
{
    size_t at, i;
    if (core->started && t0 != core->next_t0) core->lost += t0 - core->next_t0;
    core->started = 1;
    core->next_t0 = t0 + n;
#ifdef HANG_AT
    if (t0 >= HANG_AT)
        for (;;) pause();
#endif
#ifdef CRASH_AT
    if (t0 >= CRASH_AT) {
        fprintf(stderr, "assertion failed: ring index\n");
        abort();
    }
#endif
    /* in parts that fit into a frame of the shim's usual size */
    for (i = 0; i < n; i += PART) {
        const size_t end = i + PART < n ? i + PART : n;
        size_t j;
        at = put(0, 'S', 1);
        at = put(at, core->tick_ms, 4);
        at = put(at, fifo_ticks, 4);
        for (j = 3 * i; j < 3 * end; j++) at = put(at, (uint32_t)xyz[j], 4);
        core->send(core->ctx, message, at);
    }
}

void fb_timesync(fb_core *core, uint32_t next_t0, uint64_t time_us, int16_t temperature_cdeg, uint8_t flags)
{
    size_t at;
    if (flags & 1) core->next_t0 = next_t0;
    if (!(flags & 2)) return;
    at = put(0, 'T', 1);
    at = put(at, time_us, 8);
    at = put(at, (uint16_t)temperature_cdeg, 2);
    at = put(at, core->config.nominal_rate_mhz, 4);
    at = put(at, core->config.scale_nm_s2_per_lsb, 4);
    at = put(at, core->config.range_mm_s2, 4);
    at = put(at, core->config.epoch_us, 8);
    core->send(core->ctx, message, at);
}

void fb_clock(fb_core *core, uint32_t tick_ms) { core->tick_ms = tick_ms; }
uint32_t fb_lost_samples(const fb_core *core) { return core->lost; }
const char *fb_name(void) { return "loopback core"; }
const char *fb_build(void) { return "test"; }
