/* Sensor to uplink. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * By default the samples go into the reference core, which sends passages and heartbeats. With
 * -DRD_STATISTICS the application measures instead: DC level and RMS of every RD_REPORT_SAMPLES. */
#include "rd_app.h"

#include "rd_board.h"
#ifndef RD_STATISTICS
#include "fb_core.h"
#endif

#ifndef RD_RANGE_G
#define RD_RANGE_G 2
#endif
#ifndef RD_REPORT_SAMPLES
#define RD_REPORT_SAMPLES 4000u /* at most 4096: the sums below */
#endif
#ifndef RD_BUSY_US
#define RD_BUSY_US 0u /* extra work per batch, to show what too slow firmware does */
#endif

#ifndef RD_CRASH_AFTER
#define RD_CRASH_AFTER 0u /* samples before a write to where nothing answers, to show what a crash looks like */
#endif

static rd_sensor_info info;
static rd_batch batch;
static uint32_t overruns, misaligned;

static char *put_text(char *p, const char *text)
{
    while (*text) *p++ = *text++;
    return p;
}

static char *put_hex(char *p, uint8_t v)
{
    static const char digit[] = "0123456789abcdef";
    *p++ = digit[v >> 4];
    *p++ = digit[v & 15u];
    return p;
}

static void complain(rd_status status)
{
    static const char *const what[] = {"", ": bus error", ": wrong identity 0x", ": a setting was not accepted"};
    char line[64], *p = put_text(put_text(line, info.name), what[status]);
    if (status == RD_WRONG_IDENTITY) p = put_hex(p, info.identity);
    *p = 0;
    console_line(line);
}

#ifdef RD_STATISTICS
/* Message: u8 0xa0, u8 1, u16 number, u32 samples, u32 overruns, u32 misaligned entries, then x, y, z as
 * i32 mean and u32 RMS about it, both in 1e-6 m/s2. */
static struct { int64_t sum[3], sum2[3]; uint32_t n; uint16_t number; } stat;

static uint64_t root(uint64_t v)
{
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 62; bit; bit >>= 2) {
        if (v >= r + bit) {
            v -= r + bit;
            r = (r >> 1) + bit;
        } else {
            r >>= 1;
        }
    }
    return r;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++) *p++ = (uint8_t)(v >> 8 * i);
    return p;
}

static void report(void)
{
    uint8_t message[40], *p = message;
    const int64_t n = stat.n, scale = info.scale_nm_s2_per_lsb;
    *p++ = 0xa0;
    *p++ = 1;
    *p++ = (uint8_t)stat.number;
    *p++ = (uint8_t)(stat.number++ >> 8);
    p = put32(put32(put32(p, stat.n), overruns), misaligned);
    for (int axis = 0; axis < 3; axis++) {
        /* n^2 times the variance, in counts^2: 2^12 samples of 2^19 counts stay below 2^63. */
        const uint64_t spread = (uint64_t)(n * stat.sum2[axis] - stat.sum[axis] * stat.sum[axis]);
        p = put32(p, (uint32_t)(int32_t)(stat.sum[axis] * scale / n / 1000));
        p = put32(p, (uint32_t)((int64_t)root(spread) * scale / n / 1000));
        stat.sum[axis] = stat.sum2[axis] = 0;
    }
    stat.n = 0;
    uplink_send(message, (size_t)(p - message));
}

static void begin(void) {}

static void take(uint64_t now)
{
    (void)now;
    for (uint32_t i = 0; i < batch.n; i++) {
        for (int axis = 0; axis < 3; axis++) {
            const int64_t v = batch.xyz[3u * i + (unsigned)axis];
            stat.sum[axis] += v;
            stat.sum2[axis] += v * v;
        }
        if (++stat.n == RD_REPORT_SAMPLES) report();
    }
}
#else
enum { SKIP = 1, HEARTBEAT = 2 };

static fb_core core;
static fb_config config;
static uint64_t last_us, heartbeat_us;
static uint32_t next; /* number of the next sample */

static void send(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    uplink_send(bytes, len);
}

static void begin(void)
{
    const fb_config c = {
        .axes = 3, .bits = info.bits, .fifo_batch = 32, .nominal_rate_mhz = info.rate_mhz,
        .scale_nm_s2_per_lsb = info.scale_nm_s2_per_lsb, .range_mm_s2 = info.range_mm_s2,
        .timestamp_tick_ns = 1000, .epoch_us = clock_us(),
    };
    config = c;
    last_us = heartbeat_us = c.epoch_us;
    fb_init(&core, &config, send, NULL);
    fb_boot_count(&core, 1);
}

static uint64_t duration_us(uint64_t samples) { return samples * UINT64_C(1000000000) / info.rate_mhz; }

/* `now` is the time of the batch's last sample. */
static void take(uint64_t now)
{
    const uint64_t since = now - last_us;
    if (since > 1000000u + duration_us(batch.n)) { /* nobody looked for a second or more: time goes on there */
        uint8_t flags = SKIP;
        int16_t cdeg = 2500;
        if (now - heartbeat_us >= UINT64_C(3600000000)) {
            flags |= HEARTBEAT;
            heartbeat_us = now;
        }
        (void)rd_sensor_temperature(&cdeg);
        fb_timesync(&core, next, now - duration_us(batch.n - 1u), cdeg, flags);
    } else if (batch.overrun) {
        /* The part says that samples are missing, not how many: the clock does. */
        const uint64_t passed = since * info.rate_mhz / UINT64_C(1000000000);
        next += passed > batch.n ? (uint32_t)(passed - batch.n) : 1u;
    }
    last_us = now;
    fb_samples(&core, next, (uint16_t)batch.n, (uint32_t)now, batch.xyz);
    next += batch.n;
    fb_clock(&core, (uint32_t)(now / 1000u));
}
#endif

#if RD_CRASH_AFTER > 0
static uint32_t taken;

static void crash_when_due(void)
{
    taken += batch.n;
    if (taken >= RD_CRASH_AFTER) *(volatile uint32_t *)0xdffffff0u = taken;
}
#endif

rd_status rd_app_start(void)
{
    rd_status status = rd_sensor_start(RD_RANGE_G, &info);
    if (status != RD_OK) {
        complain(status);
        return status;
    }
    begin();
    return RD_OK;
}

rd_status rd_app_turn(void)
{
    const rd_status status = rd_sensor_read(&batch);
    if (status != RD_OK) {
        complain(status);
        return status;
    }
    if (batch.overrun && overruns++ == 0) console_line("FIFO overrun: samples lost");
    misaligned += batch.misaligned;
    if (batch.n > 0) take(clock_us());
#if RD_CRASH_AFTER > 0
    crash_when_due();
#endif
    if (RD_BUSY_US > 0) delay_us(RD_BUSY_US);
    return RD_OK;
}
