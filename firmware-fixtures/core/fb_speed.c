#include "fb_speed.h"

uint32_t fb_trial_speeds(void) {
    return 17;
}

float fb_trial_speed(uint32_t k) {
    return FB_SPEED_MIN * fb_exp2_12th(3u * k); /* 4 ... 64 m/s */
}

float fb_geometry(const fb_axles *a, float speed, float frame_hz) {
    const float metre = speed / frame_hz; /* metres per frame */
    uint32_t paired = 0, run = 1, bad = 0;
    if (a->n < FB_AXLES_MIN) return 0.0f;
    for (uint32_t i = 1; i <= a->n; i++) {
        const float gap = i < a->n ? (a->t[i] - a->t[i - 1u]) * metre : 1000.0f;
        if (gap < FB_WHEELBASE_MIN_M) bad++;
        if (gap > FB_GAP_MAX_M && i < a->n) bad++;
        if (gap <= FB_WHEELBASE_MAX_M) {
            run++;
            continue;
        }
        if (run == 2u || run == 3u) paired += run;
        run = 1;
    }
    const float good = (float)paired - (float)bad;
    return good <= 0.0f ? 0.0f : good / (float)a->n;
}

/* In-bogie distances that are common in Europe, m: Y25 freight, light and metro bogies, coaches, locomotives. */
static const float wheelbase[] = {1.8f, 2.0f, 2.5f, 2.56f, 2.6f, 2.8f, 3.0f};
#define WHEELBASES (sizeof wheelbase / sizeof wheelbase[0])

/* How badly the in-bogie gaps fit the known wheelbases at this speed: mean of limited squared log2 errors. */
static float misfit(const fb_axles *a, float speed, float frame_hz, uint32_t *pairs) {
    float sum = 0.0f;
    *pairs = 0;
    for (uint32_t i = 1; i < a->n; i++) {
        const float gap = (a->t[i] - a->t[i - 1u]) * speed / frame_hz;
        if (gap < FB_WHEELBASE_MIN_M || gap > FB_WHEELBASE_MAX_M) continue;
        float least = 0.01f; /* (0.1 octave)^2 */
        for (uint32_t w = 0; w < WHEELBASES; w++) {
            const float e = fb_log2(gap / wheelbase[w]);
            if (e * e < least) least = e * e;
        }
        sum += least;
        ++*pairs;
    }
    return *pairs ? sum / (float)*pairs : 1.0f;
}

/* Speed near `guess` (+-25 %) that fits the wheelbases best; deviation from the guess costs. */
static void refine(fb_train *t, float guess, float frame_hz) {
    float least = 1.0e9f;
    uint32_t pairs = 0, best_pairs = 0;
    for (int32_t i = -16; i <= 16; i++) {
        const float octaves = 0.02f * (float)i;
        const float v = guess * (i < 0 ? 1.0f / (1.0f - 0.7f * octaves) : 1.0f + 0.7f * octaves);
        const float cost = misfit(&t->best, v, frame_hz, &pairs) + 0.01f * octaves * octaves;
        if (cost >= least) continue;
        least = cost;
        t->speed = v;
        best_pairs = pairs;
    }
    t->quality = best_pairs == 0 ? FB_SPEED_NONE : (best_pairs == 1u ? FB_SPEED_SINGLE : FB_SPEED_CONSISTENT);
    if (best_pairs == 0) t->speed = 0.0f;
}

void fb_train_judge(fb_train *t, const fb_history *h, float frame_hz, float noise) {
    fb_matched m;
    float guess = 0.0f;
    t->best.n = 0;
    t->best.truncated = false;
    t->speed = 0.0f;
    t->quality = FB_SPEED_NONE;
    t->score = 0.0f;
    for (uint32_t k = 0; k < fb_trial_speeds(); k++) {
        const float v = fb_trial_speed(k);
        fb_matched_design(&m, v, frame_hz);
        fb_axles_find(&t->trial, h, &m, noise);
        const float g = fb_geometry(&t->trial, v, frame_hz);
        const float score = g * g * (0.05f + t->trial.explained);
        if (score <= t->score) continue;
        t->score = score;
        t->best = t->trial;
        guess = v;
    }
    t->train = t->best.n >= FB_AXLES_MIN && fb_geometry(&t->best, guess, frame_hz) >= 0.7f;
    if (t->train) refine(t, guess, frame_hz);
}
