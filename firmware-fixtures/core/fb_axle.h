/* Axle detection on the stored passage, after it has ended.
 *
 * A wheel over the sensor makes the sleeper go down and up again: its low-frequency acceleration is the second derivative of the
 * deflection bowl of a beam on an elastic foundation, exp(-|u|) (cos u - sin |u|) with u = beta v t, beta the inverse characteristic
 * length of the track. A filter matched to it at a trial speed v turns every wheel into one peak, and wheels of one bogie, which merge
 * in displacement, stay apart. */
#ifndef FB_AXLE_H
#define FB_AXLE_H
#include "fb_frame.h"
#include "fb_settings.h"
#include <stdbool.h>
#include <stdint.h>

#define FB_TAPS_MAX 32u /* half length of the matched filter */

/* Axles of one passage as found with one trial speed. */
typedef struct {
    float t[FB_AXLES_MAX];    /* frames of the history from its start, centre of the wheel's bowl */
    float size[FB_AXLES_MAX]; /* matched response, m/s2 x sqrt(frames): only relative sizes mean anything */
    uint32_t n;
    bool truncated;           /* there were more than fit */
    float explained;          /* share of the low-frequency energy that the axles' templates explain, 0..1 */
} fb_axles;

/* A matched filter for one trial speed on one history. */
typedef struct {
    float tap[FB_TAPS_MAX + 1u]; /* symmetric: tap[j] at +-j coarse frames; unit energy */
    uint32_t half;               /* taps on each side */
    uint32_t coarse;             /* history frames averaged into one coarse frame, power of two */
    float apart;                 /* nearest distance of two axles, in coarse frames */
} fb_matched;

/* Designs the filter for speed m/s on frames of frame_hz. */
void fb_matched_design(fb_matched *m, float speed, float frame_hz);
/* Finds the axles. noise: standard deviation of the low-frequency channel at rest, m/s2. */
void fb_axles_find(fb_axles *out, const fb_history *h, const fb_matched *m, float noise);
/* Largest envelope (m/s2) within +-reach frames of time t, and when it came (frames). */
float fb_axle_impact(const fb_history *h, float t, float reach, float *when);
/* Kurtosis around time t. */
float fb_axle_kurtosis(const fb_history *h, float t);
#endif
