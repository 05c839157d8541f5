/* Reference firmware core of a sleeper-mounted accelerometer at a railway turnout: from raw samples to uplink messages.
 *
 * Portable C11, freestanding: <stdint.h>, <stddef.h>, <stdbool.h> and memcpy. No heap, no library, no clock: sample numbers and the
 * calls below are all it knows of time. All state is in one fb_core, which the port keeps in static memory. Not thread-safe: one
 * context calls. The z axis points up, and reads +1 g at rest. Compile with -ffp-contract=off for the same bits on every machine. */
#ifndef FB_CORE_H
#define FB_CORE_H
#include "fb_feature.h"
#include "fb_frame.h"
#include "fb_health.h"
#include "fb_rate.h"
#include "fb_ring.h"
#include "fb_segment.h"
#include "fb_settings.h"
#include "fb_speed.h"
#include "fb_uplink.h"
#include "fb_wake.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t nominal_rate_mhz;     /* output data rate by the data sheet, mHz; 400 Hz ... 30 kHz */
    uint32_t scale_nm_s2_per_lsb;  /* 1e-9 m/s2 per count */
    uint32_t range_mm_s2;          /* full scale, 0: that of the word */
    uint32_t timestamp_tick_ns;    /* tick of the FIFO time stamps */
    uint64_t epoch_us;             /* device time of sample 0 */
    uint8_t axes, bits, fifo_batch; /* 3, 16 or 24, samples per FIFO read-out */
} fb_config;

/* Sends one uplink message of at most FB_UPLINK_MAX bytes. They are valid only during the call. */
typedef void (*fb_uplink_fn)(void *ctx, const uint8_t *bytes, size_t len);

typedef struct {
    fb_config cfg;
    fb_uplink_fn send;
    void *ctx;
    float scale;                  /* m/s2 per count */
    float designed_hz;            /* rate that the filters are designed for */
    bool started;                 /* a sample has been seen */
    bool resumed;                 /* no sample has been seen since a pause */
    bool seeded;                  /* the offset has a value of now, not of before a skip */
    uint32_t expected;            /* number of the next sample */
    int16_t temperature_cdeg;
    uint16_t sequence, passage, wakeups, boot_count;
    uint16_t flags;               /* of the running passage */
    uint16_t idle_flags;          /* of the next heartbeat */
    bool reset_reported;
    uint32_t active_index;        /* last sample of the last active frame */
    uint64_t heartbeat_us;        /* device time of the last heartbeat */
    uint32_t since_skip;          /* frames since start or the last skip */
    float recent_env, recent_lf;  /* slow means, for starting the floors again */
    bool above;                   /* the last frame was above the release threshold */
#ifdef FB_DEFECT_MS_WRAP
    uint32_t tick_ms, deaf_until_ms;
#endif
    fb_rate rate;
    fb_ring ring;
    fb_front front;
    fb_history history;
    fb_wake wake;
    fb_segment segment;
    fb_feature feature;
    fb_health health;
    fb_train train;
    fb_message message;
} fb_core;

_Static_assert(sizeof(fb_core) <= FB_RAM_BUDGET, "the core's state exceeds its memory budget");

/* Starts from nothing, as after power-up. Must be called before anything else; `send` may be called from any later call. */
void fb_init(fb_core *core, const fb_config *cfg, fb_uplink_fn send, void *ctx);
/* Tells the core how often the device has booted (for the heartbeat); right after fb_init, optional. */
void fb_boot_count(fb_core *core, uint16_t boots);
/* One FIFO read-out: samples t0 ... t0+n-1 (t0 wraps), n x 3 sign-extended counts, and the time stamp of the last of them. Numbers that
 * jump forward are lost samples: counted, flagged, and up to one second of them bridged at rest so that time is kept. Samples seen
 * before are dropped. Cost: about 500 instructions per sample, in a passage 1 000; the call that ends a passage adds its evaluation
 * (fb_train_judge), so run it where a FIFO interrupt may still be served. */
void fb_samples(fb_core *core, uint32_t t0, uint16_t n, uint32_t fifo_ticks, const int32_t *xyz);
/* Sample next_t0 is taken at time_us. flags bit 0: numbering and time jump there without loss (a running passage is ended first);
 * bit 1: send a heartbeat now. After a jump the offset is learned anew, for temperature has moved it: no wake-up for 0.2 s. */
void fb_timesync(fb_core *core, uint32_t next_t0, uint64_t time_us, int16_t temperature_cdeg, uint8_t flags);
/* The millisecond clock (wraps). The core keeps time by sample numbers; the clock is part of the port's contract and unused so far. */
void fb_clock(fb_core *core, uint32_t tick_ms);
/* Samples that never arrived, since fb_init. */
uint32_t fb_lost_samples(const fb_core *core);
/* Names for HELLO. */
const char *fb_name(void);
const char *fb_build(void);
#endif
