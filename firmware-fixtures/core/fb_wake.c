#include "fb_wake.h"
#include "fb_math.h"
#include "fb_settings.h"

void fb_wake_init(fb_wake *w) {
    *w = (fb_wake){0};
}

static float learn(float floor, float x, float n) {
    const float limit = 3.0f * floor;
    return floor + ((n > 20.0f && x > limit ? limit : x) - floor) / n;
}

void fb_wake_learn(fb_wake *w, float env, float lf, float frame_hz) {
    const float slow = FB_FLOOR_TAU_S * frame_hz;
    w->frames = w->frames + 1.0f < slow ? w->frames + 1.0f : slow;
    w->env_floor = learn(w->env_floor, env, w->frames);
    w->lf_floor = learn(w->lf_floor, fb_abs(lf), w->frames);
}

void fb_wake_restart(fb_wake *w, float env, float lf) {
    w->env_floor = env;
    w->lf_floor = fb_abs(lf);
}

static bool above(const fb_wake *w, float env, float lf, float share) {
    const float e = FB_WAKE_RATIO * w->env_floor, l = FB_WAKE_RATIO * w->lf_floor;
    return env > share * (e > FB_WAKE_ENV_MIN ? e : FB_WAKE_ENV_MIN) ||
           fb_abs(lf) > share * (l > FB_WAKE_LF_MIN ? l : FB_WAKE_LF_MIN);
}

bool fb_wake_crossed(const fb_wake *w, float env, float lf) {
#ifdef FB_DEFECT_LATE_WAKE
    return above(w, env, lf, 40.0f);
#else
    return above(w, env, lf, 1.0f);
#endif
}

bool fb_wake_active(const fb_wake *w, float env, float lf) {
    return above(w, env, lf, FB_RELEASE_RATIO);
}
