/* A core for the tests of the link: it sends every batch back as it arrived, so that the bench can
 * compare what the firmware sees with what was sent, bit by bit. Same interface as the reference
 * core's fb_core.h. */
#ifndef FB_CORE_H
#define FB_CORE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t nominal_rate_mhz, scale_nm_s2_per_lsb, range_mm_s2, timestamp_tick_ns;
    uint64_t epoch_us;
    uint8_t axes, bits, fifo_batch;
} fb_config;

typedef void (*fb_uplink_fn)(void *ctx, const uint8_t *bytes, size_t len);

typedef struct {
    fb_config config;
    fb_uplink_fn send;
    void *ctx;
    uint32_t next_t0, lost, tick_ms;
    int started;
} fb_core;

void fb_init(fb_core *core, const fb_config *cfg, fb_uplink_fn send, void *ctx);
void fb_boot_count(fb_core *core, uint16_t boots);
void fb_samples(fb_core *core, uint32_t t0, uint16_t n, uint32_t fifo_ticks, const int32_t *xyz);
void fb_timesync(fb_core *core, uint32_t next_t0, uint64_t time_us, int16_t temperature_cdeg, uint8_t flags);
void fb_clock(fb_core *core, uint32_t tick_ms);
uint32_t fb_lost_samples(const fb_core *core);
const char *fb_name(void);
const char *fb_build(void);

#endif
