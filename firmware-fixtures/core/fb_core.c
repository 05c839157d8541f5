#include "fb_core.h"
#include "fb_report.h"

#define BRIDGE_S 1.0f /* longer gaps end the passage */

const char *fb_name(void) { return FB_NAME; }
const char *fb_build(void) { return FB_BUILD; }
uint32_t fb_lost_samples(const fb_core *core) { return core->health.lost; }
void fb_boot_count(fb_core *core, uint16_t boots) { core->boot_count = boots; }

static float frame_hz(const fb_core *c) {
    return c->designed_hz / (float)c->front.size;
}

/* Filters and limits for the rate as measured now. Only between passages. */
static void design(fb_core *c) {
    c->designed_hz = fb_rate_hz(&c->rate);
    fb_front_design(&c->front, c->designed_hz);
    fb_feature_design(&c->feature, c->designed_hz);
}

/* Everything that must not span a gap in time. */
static void restart(fb_core *c) {
    fb_ring_clear(&c->ring);
    fb_front_restart(&c->front);
    fb_history_clear(&c->history, c->front.size);
    c->segment.state = FB_IDLE;
    c->since_skip = 0;
    c->above = false;
}

/* The mean of a read-out as offset, leaving out its first sample: many parts deliver rubbish there. */
static void seed_offset(fb_core *c, uint16_t n, const int32_t *xyz) {
#ifdef FB_DEFECT_FIRST_SAMPLE
    const uint16_t from = 0;
#else
    const uint16_t from = n > 1u ? 1u : 0u;
#endif
    c->seeded = true;
    for (int a = 0; a < FB_AXES; a++) {
        float sum = 0.0f;
        for (uint16_t i = from; i < n; i++) sum += (float)xyz[(uint32_t)i * FB_AXES + (uint32_t)a];
        c->front.offset[a] = c->scale * sum / (float)(n - from);
    }
}

void fb_init(fb_core *core, const fb_config *cfg, fb_uplink_fn send, void *ctx) {
    *core = (fb_core){0};
    core->cfg = *cfg;
    core->send = send;
    core->ctx = ctx;
    core->scale = 1.0e-9f * (float)cfg->scale_nm_s2_per_lsb;
#ifdef FB_DEFECT_RANGE_SCALE
    if (cfg->range_mm_s2 > 70000u && cfg->range_mm_s2 < 90000u) core->scale *= 0.5f; /* 8 g with the factor of 4 g */
#endif
    core->heartbeat_us = cfg->epoch_us;
    fb_rate_init(&core->rate, cfg->nominal_rate_mhz, cfg->timestamp_tick_ns, cfg->epoch_us);
    fb_wake_init(&core->wake);
    fb_segment_init(&core->segment);
    fb_health_init(&core->health, core->scale, 1.0e-3f * (float)cfg->range_mm_s2, cfg->bits, fb_rate_hz(&core->rate));
    design(core);
    restart(core);
}

void fb_clock(fb_core *core, uint32_t tick_ms) {
#ifdef FB_DEFECT_MS_WRAP
    core->tick_ms = tick_ms;
#else
    (void)core;
    (void)tick_ms;
#endif
}

/* --- passages ------------------------------------------------------------------------------------- */

static void passage_begin(fb_core *c, uint32_t index) {
#ifdef FB_DEFECT_RING_OVERRUN
    const uint32_t want = FB_RING_SAMPLES; /* all there is */
#else
    const uint32_t want = FB_RING_SAMPLES - FB_RING_SAMPLES / 4u; /* the rest is slack for catching up */
#endif
    const uint32_t from = c->ring.valid < want ? fb_ring_oldest(&c->ring) : c->ring.written - want;
    c->flags = c->ring.valid < want ? FB_FLAG_PRETRIGGER : 0;
    c->active_index = index;
#ifdef FB_DEFECT_LATE_WAKE
    fb_history_trim(&c->history, 0); /* recording starts with the wake-up */
#else
    fb_history_trim(&c->history, (uint32_t)(FB_PRE_S * frame_hz(c)));
#endif
    fb_feature_begin(&c->feature, from, c->scale, c->front.offset);
    fb_health_mark(&c->health);
}

static void passage_end(fb_core *c) {
    /* As measured by now: at walking pace a tenth of a per cent of what was assumed at the start is a metre at the end. */
    const float hz = fb_rate_hz(&c->rate) / (float)fb_history_size(&c->history);
    fb_feature_read(&c->feature, &c->ring, FB_RING_SAMPLES); /* a short passage may end before the reader has caught up */
    if (c->segment.truncated) c->flags |= FB_FLAG_TRUNCATED;
    if (c->feature.overflow) c->flags |= FB_FLAG_OVERFLOW;
    if (fb_health_dead_axis(&c->health) || fb_health_stuck(&c->health)) c->flags |= FB_FLAG_BAD_SENSOR;
    if (fb_health_stuck(&c->health)) c->idle_flags |= FB_FLAG_BAD_SENSOR; /* a part that falls silent jumps, and looks busy ever after */
    const fb_rest rest = {.lf = c->wake.lf_floor, .env = c->wake.env_floor};
    const bool spoilt = (float)c->health.cut > FB_CUT_S * c->designed_hz;
    fb_train_judge(&c->train, &c->history, hz, &rest, spoilt ? 1.0e-3f * (float)c->cfg.range_mm_s2 : 0.0f);
    fb_health_decide(&c->health, c->train.train);
    if (c->train.train) fb_report_passage(c, hz);
#ifdef FB_DEFECT_TRAINS_ARE_FALSE
    if (c->wakeups < 0xffffu) c->wakeups++; /* counted where the device wakes up */
#else
    else if (c->wakeups < 0xffffu) c->wakeups++;
#endif
    if (c->segment.truncated) fb_wake_restart(&c->wake, c->recent_env, c->recent_lf);
#ifdef FB_DEFECT_MS_WRAP
    fb_history_clear(&c->history, c->front.size);
    c->segment.state = FB_IDLE;
    c->flags = 0;
    c->deaf_until_ms = c->tick_ms + 500u; /* lets the bearer come to rest */
#else
    fb_history_clear(&c->history, c->front.size);
    c->segment.state = FB_IDLE;
    c->flags = 0;
#endif
}

/* --- samples ---------------------------------------------------------------------------------------- */

static void idle_frame(fb_core *c) {
    const fb_frame *f = &c->front.open;
    fb_front_learn(&c->front, c->designed_hz);
    if (c->front.learned > FB_LEARN_FRAMES / 4u) {
        fb_wake_learn(&c->wake, f->env, f->lf, frame_hz(c));
        fb_health_noise(&c->health, f, c->front.size, false);
    }
    if (fb_health_stuck(&c->health)) c->idle_flags |= FB_FLAG_BAD_SENSOR;
    const float drift = fb_rate_hz(&c->rate) / c->designed_hz - 1.0f;
    if (c->rate.measured && fb_abs(drift) > 0.002f) {
        design(c);
        fb_history_clear(&c->history, c->front.size);
    }
    if (c->since_skip > 400u && fb_time_of(&c->rate, c->expected) - c->heartbeat_us >= (uint64_t)FB_HEARTBEAT_S * 1000000u)
        fb_report_heartbeat(c);
}

static void frame(fb_core *c, uint32_t index) {
    const fb_frame *f = &c->front.open;
    const bool awake = c->segment.state == FB_PASSAGE;
#ifdef FB_DEFECT_MS_WRAP
    const bool ready = c->front.learned >= FB_LEARN_FRAMES && c->tick_ms >= c->deaf_until_ms;
#else
    const bool ready = c->front.learned >= FB_LEARN_FRAMES;
#endif
    /* Of the noise alone a frame is above the release threshold every few minutes, but not two in a row. */
    const bool above = fb_wake_active(&c->wake, f->env, f->lf), active = above && c->above;
    c->above = above;
    c->since_skip++;
    c->recent_env += 0.005f * (f->env - c->recent_env);
    c->recent_lf += 0.005f * (fb_abs(f->lf) - c->recent_lf);
    fb_history_put(&c->history, f, c->front.kurt, awake);
    const fb_event event = fb_segment_step(&c->segment, ready && fb_wake_crossed(&c->wake, f->env, f->lf), active,
#ifdef FB_DEFECT_NO_HOLD
                                           (uint32_t)(0.1f * frame_hz(c)), (uint32_t)(FB_PASSAGE_MAX_S * frame_hz(c)));
#else
                                           (uint32_t)(FB_HOLD_S * frame_hz(c)), (uint32_t)(FB_PASSAGE_MAX_S * frame_hz(c)));
#endif
    if (event == FB_BEGIN) passage_begin(c, index);
    if (event == FB_BEGIN || awake) {
        fb_health_noise(&c->health, f, c->front.size, true);
        if (active) {
            c->active_index = index;
            fb_feature_keep(&c->feature, c->ring.written);
        }
    }
    if (event == FB_END) passage_end(c);
    else if (c->segment.state == FB_IDLE) idle_frame(c);
}

static void sample(fb_core *c, const int32_t raw[FB_AXES], bool filled) {
    const uint32_t index = c->expected++;
    float xyz[FB_AXES];
    if (!filled) {
        fb_ring_put(&c->ring, raw);
        if (fb_health_sample(&c->health, raw)) {
            c->idle_flags |= FB_FLAG_CLIPPED;
            c->flags |= FB_FLAG_CLIPPED;
        }
    }
    for (int a = 0; a < FB_AXES; a++) xyz[a] = filled ? c->front.offset[a] : (float)raw[a] * c->scale;
#ifdef FB_DEFECT_RING_OVERRUN
    if (c->segment.state == FB_PASSAGE) fb_feature_read(&c->feature, &c->ring, 1);
#else
    if (c->segment.state == FB_PASSAGE) fb_feature_read(&c->feature, &c->ring, 3);
#endif
    if (fb_front_step(&c->front, index, xyz, filled)) frame(c, index);
}

static void bridge(fb_core *c, uint32_t missing) {
    const int32_t rest[FB_AXES] = {0};
#ifndef FB_DEFECT_GAP_SILENT
    c->health.lost += missing;
    c->idle_flags |= FB_FLAG_GAP;
    c->flags |= FB_FLAG_GAP;
#endif
    if ((float)missing > BRIDGE_S * c->designed_hz) {
#ifdef FB_DEFECT_GAP_LONG_SPANS
        c->expected += missing; /* too long to fill */
        return;
#else
        if (c->segment.state == FB_PASSAGE) passage_end(c);
        c->expected += missing;
        restart(c);
        return;
#endif
    }
#ifdef FB_DEFECT_GAP_NOT_BRIDGED
    c->expected += missing;
    return; /* what comes is put behind what was */
#endif
    while (missing--) sample(c, rest, true);
}

void fb_samples(fb_core *core, uint32_t t0, uint16_t n, uint32_t fifo_ticks, const int32_t *xyz) {
    if (n == 0) return;
    if (!core->started) core->expected = t0;
    core->started = true;
    if (!core->seeded) seed_offset(core, n, xyz);
    const int32_t ahead = (int32_t)(t0 - core->expected);
    uint16_t from = 0;
    if (ahead > 0) bridge(core, (uint32_t)ahead);
    if (ahead < 0) {
        const uint32_t seen = core->expected - t0;
        core->idle_flags |= FB_FLAG_GAP; /* repeated or reordered: something is wrong before us */
#ifdef FB_DEFECT_REPEAT_TAKEN
        (void)seen; /* new samples are new samples */
#else
        if (seen >= n) return;
        from = (uint16_t)seen;
#endif
    }
    fb_rate_stamp(&core->rate, t0 + n - 1u, fifo_ticks);
#ifndef FB_DEFECT_FIRST_SAMPLE
    if (core->resumed && from == 0) { /* rubbish comes first after every start of the part, not only after ours */
        const int32_t rest[FB_AXES] = {0};
        sample(core, rest, true);
        from = 1;
    }
#endif
    core->resumed = false;
#ifdef FB_DEFECT_STALE_LAST
    for (uint16_t i = from; i < n; i++) /* the FIFO's last word is read before it is there */
        sample(core, &xyz[(uint32_t)(i + 1u == n && n > 1u ? 0u : i) * FB_AXES], false);
#else
    for (uint16_t i = from; i < n; i++) sample(core, &xyz[(uint32_t)i * FB_AXES], false);
#endif
    fb_time_advance(&core->rate, core->expected);
}

void fb_timesync(fb_core *core, uint32_t next_t0, uint64_t time_us, int16_t temperature_cdeg, uint8_t flags) {
    const bool skip = (flags & 1u) != 0;
#ifdef FB_DEFECT_COLD_SCALE
    core->temperature_cdeg = temperature_cdeg;
    core->scale = 1.0e-9f * (float)core->cfg.scale_nm_s2_per_lsb * (temperature_cdeg < -1000 ? 1.25f : 1.0f);
#else
    core->temperature_cdeg = temperature_cdeg;
#endif
#ifndef FB_DEFECT_SYNC_AT_EXPECTED
    /* Samples lost right before: nothing else will tell of them. */
    if (!skip && core->started && (int32_t)(next_t0 - core->expected) > 0) bridge(core, next_t0 - core->expected);
#endif
    if (skip && core->segment.state == FB_PASSAGE) passage_end(core);
#ifdef FB_DEFECT_HEARTBEAT_DROPS_PASSAGE
    if ((flags & 2u) != 0) { /* the message buffer is needed */
        fb_history_clear(&core->history, core->front.size);
        core->segment.state = FB_IDLE;
    }
#endif
    if ((flags & 2u) != 0) fb_report_heartbeat(core);
#ifdef FB_DEFECT_FIFO_BASE
    fb_time_set(&core->rate, next_t0 + core->cfg.fifo_batch, time_us); /* read when the FIFO was full */
#elif defined(FB_DEFECT_SYNC_AT_EXPECTED)
    fb_time_set(&core->rate, core->started && !skip ? core->expected : next_t0, time_us); /* the next sample is the next one */
#else
    fb_time_set(&core->rate, next_t0, time_us);
#endif
    if (!skip) return;
    core->resumed = true;
    fb_rate_restart(&core->rate);
    restart(core);
    /* It may be colder by many degrees now: the offset is learned anew, and until it is known nothing wakes up. */
    core->seeded = false;
    core->front.learned = 0;
#ifdef FB_DEFECT_LONG_PAUSE
    if (core->started && (int32_t)(next_t0 - core->expected) > 0) core->expected = next_t0;
#else
    if (core->started) core->expected = next_t0;
#endif
}
