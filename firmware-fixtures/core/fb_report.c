#include "fb_report.h"

#define MS2_TO_1E5 1.0e5f

static uint16_t first_message_flag(fb_core *c) {
    if (c->reset_reported) return 0;
    c->reset_reported = true;
    return FB_FLAG_RESET;
}

static void send(fb_core *c) {
#ifdef FB_DEFECT_FIRST_LOST
    if (c->sequence == 1u) return; /* the radio has not joined yet */
#endif
    c->send(c->ctx, c->message.bytes, c->message.length);
}

/* Median of the kurtosis around the axles, by counting codes. */
static float impact_kurtosis(const fb_core *c) {
    uint16_t histogram[256] = {0};
    const fb_axles *a = &c->train.best;
    for (uint32_t i = 0; i < a->n; i++) histogram[fb_kurt_code(fb_axle_kurtosis(&c->history, a->t[i]))]++;
    uint32_t below = 0;
    for (uint32_t code = 0; code < 256u; code++) {
        below += histogram[code];
        if (2u * below >= a->n) return fb_kurt_value((uint8_t)code);
    }
    return 0.0f;
}

/* As many axles as fit, from number `from`, behind a byte with their count. Returns the number of the next. start: onset in frames. */
static uint32_t put_axles(fb_core *c, uint32_t from, float hz, float start) {
    const uint32_t count_at = c->message.length;
    uint32_t previous = 0;
    fb_put_u8(&c->message, 0);
    const fb_axles *a = &c->train.best;
    const float reach = c->train.speed > 0.0f ? 0.9f * hz / c->train.speed : 3.0f; /* +-0.9 m of travel */
    uint32_t i = from;
    for (; i < a->n && i - from < 255u; i++) {
        float when;
        const float peak = fb_axle_impact(&c->history, a->t[i], reach, &when);
        const uint32_t at = fb_to_u32((a->t[i] - start) / hz * 1.0e4f);
        if (!fb_put_axle(&c->message, at - previous, fb_axle_peak_code(peak))) break;
        previous = at;
    }
    c->message.bytes[count_at] = (uint8_t)(i - from);
    return i;
}

static void put_features(fb_core *c, float hz) {
    fb_message *m = &c->message;
    for (int axis = 0; axis < FB_AXES; axis++) {
        fb_axis_features f;
        fb_feature_axis(&c->feature, axis, &f);
        fb_put_u32(m, fb_to_u32(1.0e3f * f.peak));
        fb_put_u32(m, fb_to_u32(MS2_TO_1E5 * f.rms));
        fb_put_u16(m, fb_to_u16(100.0f * f.crest));
        fb_put_u16(m, fb_to_u16(100.0f * f.kurtosis));
    }
    for (int b = 0; b < FB_BANDS; b++) {
        const float rms = fb_feature_band(&c->feature, b);
#ifdef FB_DEFECT_NYQUIST_BAND_ZERO
        fb_put_u32(m, fb_to_u32(MS2_TO_1E5 * rms));
#else
        fb_put_u32(m, rms < 0.0f ? 0xffffffffu : fb_to_u32(MS2_TO_1E5 * rms));
#endif
    }
    fb_put_u16(m, fb_to_u16(100.0f * impact_kurtosis(c)));
    const float v = c->train.speed;
    const float apart = v > 0.0f ? 4.0f * hz / v : 0.1f * hz;
    /* A clipped impact is a false push: twice integrated it is millimetres. */
    const float d = c->health.cut ? 0.0f : fb_displacement(&c->history, hz, v, c->train.best.t, c->train.best.n, apart);
    fb_put_u32(m, fb_to_u32(1.0e7f * d));
}

void fb_report_passage(fb_core *c, float hz) {
    fb_message *m = &c->message;
    const fb_axles *a = &c->train.best;
    /* The onset is the first axle: the wake-up depends on how far rail and ground carry, and on what else woke the device before. */
    const float start = a->t[0];
    const uint32_t onset = c->history.first + fb_to_u32(start * (float)fb_history_size(&c->history));
#ifdef FB_DEFECT_LENGTH_16BIT
    const uint32_t length = (uint16_t)(c->active_index - onset);
#else
    const uint32_t length = c->active_index - onset;
#endif
    if (a->truncated) c->flags |= FB_FLAG_AXLES_TRUNCATED;
    if (c->train.quality == FB_SPEED_NONE) c->flags |= FB_FLAG_SPEED_UNKNOWN;
    c->flags |= first_message_flag(c);
    c->passage++;
    fb_message_begin(m, FB_KIND_PASSAGE, c->sequence++);
    fb_put_u16(m, c->passage);
#ifdef FB_DEFECT_FLOAT_TIME
    fb_put_u64(m, c->cfg.epoch_us + (uint64_t)(float)(fb_time_of(&c->rate, onset) - c->cfg.epoch_us));
#else
    fb_put_u64(m, fb_time_of(&c->rate, onset));
#endif
    fb_put_u32(m, (int32_t)length < 0 ? 0u : (uint32_t)((uint64_t)length * 1000000u / c->rate.rate_mhz));
    fb_put_u16(m, (uint16_t)a->n);
#ifdef FB_DEFECT_SPEED_OF_LAST_TRAIN
    static float last;
    if (c->train.speed > 0.0f) last = c->train.speed;
    fb_put_u16(m, fb_to_u16(100.0f * last));
#else
    fb_put_u16(m, fb_to_u16(100.0f * c->train.speed));
#endif
    fb_put_u8(m, c->train.quality);
    fb_put_u8(m, 0);
    fb_put_u16(m, c->flags);
#ifdef FB_DEFECT_COLD_SIGN
    fb_put_u32(m, c->rate.rate_mhz);
    fb_put_u16(m, (uint16_t)(c->temperature_cdeg & 0x7fff));
    put_features(c, hz);
#else
    fb_put_u32(m, c->rate.rate_mhz);
    fb_put_u16(m, (uint16_t)c->temperature_cdeg);
    put_features(c, hz);
#endif
    uint32_t next = put_axles(c, 0, hz, start);
    send(c);
#ifdef FB_DEFECT_AXLES_CUT
    while (next < a->n && next == 0u) { /* one message is enough */
#else
    while (next < a->n) {
#endif
#ifdef FB_DEFECT_SEQUENCE_REUSED
        fb_message_begin(m, FB_KIND_AXLES, c->sequence);
#else
        fb_message_begin(m, FB_KIND_AXLES, c->sequence++);
#endif
        fb_put_u16(m, c->passage);
        fb_put_u16(m, (uint16_t)next);
        next = put_axles(c, next, hz, start);
        send(c);
    }
}

void fb_report_heartbeat(fb_core *c) {
    fb_message *m = &c->message;
    float rms[FB_AXES];
    const uint64_t now = fb_time_of(&c->rate, c->expected);
    fb_health_noise_rms(&c->health, rms);
    fb_message_begin(m, FB_KIND_HEARTBEAT, c->sequence++);
    fb_put_u64(m, now);
    fb_put_u32(m, c->rate.rate_mhz);
    fb_put_u16(m, (uint16_t)c->temperature_cdeg);
    for (int a = 0; a < FB_AXES; a++) {
        fb_put_u32(m, (uint32_t)fb_to_i32(MS2_TO_1E5 * c->front.offset[a]));
        fb_put_u32(m, fb_to_u32(MS2_TO_1E5 * rms[a]));
    }
    fb_put_u16(m, (uint16_t)(c->idle_flags | first_message_flag(c)));
    fb_put_u16(m, c->wakeups);
    fb_put_u16(m, c->passage);
#ifdef FB_DEFECT_LOST_8BIT
    fb_put_u32(m, (uint8_t)c->health.lost);
#else
    fb_put_u32(m, c->health.lost);
#endif
    fb_put_u32(m, c->health.clipped);
#ifdef FB_DEFECT_BOOT_COUNT_LOST
    fb_put_u16(m, 1u);
#else
    fb_put_u16(m, c->boot_count);
#endif
    send(c);
    c->heartbeat_us = now;
#ifndef FB_DEFECT_WAKEUPS_NEVER_CLEARED
    c->wakeups = 0;
#endif
    c->idle_flags = 0;
#ifdef FB_DEFECT_HEARTBEAT_CLEARS_PASSAGE_FLAGS
    c->flags = 0; /* told */
#endif
#ifndef FB_DEFECT_NOISE_SINCE_BOOT
    fb_health_noise_restart(&c->health);
#endif
}
