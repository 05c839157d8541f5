#include "fb_rate.h"

#define BASELINE_US 8000000u   /* a closed baseline: a jitter of 100 us is 1.3e-5 of it */
#define PROVISIONAL_US 250000u /* from here on the running baseline beats the nominal figure */

void fb_rate_init(fb_rate *r, uint32_t nominal_mhz, uint32_t tick_ns, uint64_t epoch_us) {
    *r = (fb_rate){0};
    r->nominal_mhz = nominal_mhz ? nominal_mhz : 1000000u;
#ifdef FB_DEFECT_RATE_TABLE
    if (r->nominal_mhz == 2000000u) r->nominal_mhz = 1600000u; /* wrong row of the register table */
#endif
    r->tick_ns = tick_ns ? tick_ns : 1000u;
    r->rate_mhz = r->nominal_mhz;
    r->base_us = epoch_us;
}

/* Samples per tick count as mHz; 0 where there is nothing to divide. 2^32 samples x 1e12 needs more than 64 bits, so the
 * baseline is limited by the caller (8 s) and the product stays below 2^63 up to 9 million samples. */
static uint32_t ratio_mhz(uint32_t samples, uint32_t ticks, uint32_t tick_ns) {
    const uint64_t ns = (uint64_t)ticks * tick_ns;
    if (ns == 0 || samples > 9000000u) return 0;
    const uint64_t mhz = ((uint64_t)samples * 1000000000000u + ns / 2u) / ns;
    return mhz > 0xffffffffu ? 0 : (uint32_t)mhz;
}

static bool plausible(const fb_rate *r, uint32_t mhz) {
    return mhz > r->nominal_mhz - r->nominal_mhz / 100u * 15u && mhz < r->nominal_mhz + r->nominal_mhz / 100u * 15u;
}

void fb_rate_restart(fb_rate *r) {
    r->anchored = false;
    r->closed = 0; /* it may be colder by many kelvins, and the rate another by 1e-4 of each */
}

void fb_rate_stamp(fb_rate *r, uint32_t last_index, uint32_t ticks) {
#ifdef FB_DEFECT_NOMINAL_RATE
    if (r->nominal_mhz) return; /* the data sheet says what the rate is */
#endif
    if (!r->anchored) {
        r->anchored = true;
        r->anchor_index = last_index;
        r->anchor_ticks = ticks;
        return;
    }
#ifdef FB_DEFECT_STAMP_WRAP
    if (ticks < r->anchor_ticks) { /* the counter ran backwards: taken for a sensor that restarted */
        r->rate_mhz = r->nominal_mhz;
        r->closed = 2;
        r->anchor_index = last_index;
        r->anchor_ticks = ticks;
        return;
    }
#endif
    const uint32_t samples = last_index - r->anchor_index, span = ticks - r->anchor_ticks;
    const uint64_t span_us = (uint64_t)span * r->tick_ns / 1000u;
    if (span_us < PROVISIONAL_US / 5u) return;
    const uint32_t mhz = ratio_mhz(samples, span, r->tick_ns);
    if (!plausible(r, mhz)) {
        /* A lost stamp, a wrong base or a stalled clock: nothing measured across it can be trusted. */
        r->anchor_index = last_index;
        r->anchor_ticks = ticks;
        return;
    }
    if (r->closed == 0 && span_us >= PROVISIONAL_US) {
        r->rate_mhz = mhz;
        r->measured = true;
    }
    if (span_us >= BASELINE_US) {
        /* The first two baselines count in full, later ones by a quarter: follows temperature, smooths jitter. */
        const uint64_t told = fb_time_of(r, last_index);
        const int64_t step = (int64_t)mhz - (int64_t)r->rate_mhz;
        r->rate_mhz = (uint32_t)((int64_t)r->rate_mhz + (r->closed < 2u ? step / (int64_t)(r->closed + 1u) : step / 4));
        /* Time already told stays told: the base moves up to here with the rate that held until now. */
        r->base_us = told;
        r->base_index = last_index;
        if (r->closed < 2u) r->closed++;
        r->measured = true;
        r->anchor_index = last_index;
        r->anchor_ticks = ticks;
    }
}

void fb_time_set(fb_rate *r, uint32_t index, uint64_t time_us) {
    r->base_index = index;
    r->base_us = time_us;
}

void fb_time_advance(fb_rate *r, uint32_t index) {
    if (index - r->base_index < 0x40000000u) return; /* rarely, so that rounding cannot add up */
    r->base_us = fb_time_of(r, index);
    r->base_index = index;
}

uint64_t fb_time_of(const fb_rate *r, uint32_t index) {
#ifdef FB_DEFECT_INDEX_WRAP
    const int64_t ahead = (int64_t)index - (int64_t)r->base_index;
#else
    const int32_t ahead = (int32_t)(index - r->base_index);
#endif
    const uint64_t span = (uint64_t)(ahead < 0 ? -(int64_t)ahead : (int64_t)ahead);
    const uint64_t us = (span * 1000000000u + r->rate_mhz / 2u) / r->rate_mhz;
    if (ahead < 0) return us > r->base_us ? 0 : r->base_us - us;
    return r->base_us + us;
}
