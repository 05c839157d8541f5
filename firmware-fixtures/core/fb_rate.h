/* The true sample rate, measured from FIFO time stamps, and device time.
 *
 * The nominal output data rate of a MEMS part is 1-5 % off and drifts with temperature, so nothing here trusts it:
 * rate = samples / ticks over a baseline that is long against the jitter of a time stamp. Time stamps wrap (32 bits);
 * sample numbers wrap too. Only differences modulo 2^32 are used. */
#ifndef FB_RATE_H
#define FB_RATE_H
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t nominal_mhz, tick_ns;
    uint32_t rate_mhz;      /* best estimate, mHz */
    bool measured;          /* false: still the nominal figure */
    bool anchored;
    uint32_t anchor_index, anchor_ticks; /* start of the running baseline */
    uint32_t closed;        /* baselines averaged into rate_mhz */
    uint32_t base_index;    /* device time: sample base_index was taken at base_us */
    uint64_t base_us;
} fb_rate;

void fb_rate_init(fb_rate *r, uint32_t nominal_mhz, uint32_t tick_ns, uint64_t epoch_us);
/* A batch: number of its last sample and the FIFO time stamp of that sample, in ticks. Implausible pairs (more than
 * 15 % off nominal since the last batch on a baseline that is longer than 50 ms) start a new baseline. */
void fb_rate_stamp(fb_rate *r, uint32_t last_index, uint32_t ticks);
/* Sample numbering or time jumps: forget the baseline, keep the rate. */
void fb_rate_restart(fb_rate *r);
/* Declares that sample `index` is taken at time_us. */
void fb_time_set(fb_rate *r, uint32_t index, uint64_t time_us);
/* Moves the base of the time calculation up to sample `index`; call at least every 2^31 samples. */
void fb_time_advance(fb_rate *r, uint32_t index);
/* Device time of sample `index` (up to 2^31 samples before or after the base), microseconds. */
uint64_t fb_time_of(const fb_rate *r, uint32_t index);
/* The rate in Hz. */
static inline float fb_rate_hz(const fb_rate *r) { return (float)r->rate_mhz * 1.0e-3f; }
#endif
