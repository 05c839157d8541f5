/* Axle candidates on the stored passage, after it has ended, in two independent channels.
 *
 * FB_BOWL: a wheel over the sensor makes the sleeper go down and up again. Its low-frequency acceleration is the second derivative of
 * the deflection bowl of a beam on an elastic foundation, exp(-|u|) (cos u - sin |u|) with u = beta x, beta the inverse characteristic
 * length of the track. A filter matched to it at a trial speed, smoothed over a quarter of a metre against the ringing of wheel and track
 * on the ballast, turns every wheel into one peak, and wheels of one bogie, which merge in displacement, stay apart. It is what a healthy
 * track, a bearer away from the crossing or a void show; clipped impacts spoil it, since their balance is gone.
 * FB_IMPACT: the logarithm of the impact envelope, smoothed over a quarter of a metre, has one hill per wheel at a crossing or joint. It
 * bears clipping and gets better with wear; away from any impact there is nothing to see. */
#ifndef FB_AXLE_H
#define FB_AXLE_H
#include "fb_frame.h"
#include "fb_settings.h"
#include <stdbool.h>
#include <stdint.h>

#define FB_TAPS_MAX 32u /* half length of a channel's filter */

typedef enum { FB_BOWL, FB_IMPACT, FB_CHANNELS } fb_channel;

/* Axles of one passage as found with one trial speed in one channel. */
typedef struct {
    float t[FB_AXLES_MAX];    /* frames of the history from its start, centre of the wheel's response */
    float size[FB_AXLES_MAX]; /* base-2 logarithm of the response: only differences mean anything */
    uint32_t n;
    bool truncated;           /* there were more than fit */
} fb_axles;

/* A channel's filter for one trial speed on one history. */
typedef struct {
    fb_channel channel;
    float tap[FB_TAPS_MAX + 1u]; /* symmetric: tap[j] at +-j coarse frames */
    uint32_t half;               /* taps on each side */
    uint32_t coarse;             /* history frames averaged into one coarse frame, power of two */
    float metre;                 /* metres per coarse frame */
    float delay;                 /* frames by which the channel lags behind the wheel */
} fb_matched;

/* Levels at rest, m/s2: mean magnitude of the low-frequency channel, mean frame peak of the envelope. */
typedef struct {
    float lf, env;
} fb_rest;

/* exp(-q^2/2), 0 beyond |q| = 3. */
float fb_gauss(float q);
/* Designs a channel's filter for speed m/s on frames of frame_hz. */
void fb_matched_design(fb_matched *m, fb_channel channel, float speed, float frame_hz);
/* Finds all candidates: peaks of the response at least a metre from one another with a valley between them, and not dwarfed by a
 * larger one close by. */
void fb_axles_find(fb_axles *out, const fb_history *h, const fb_matched *m, const fb_rest *rest);
/* Is a gap one between bogies? Longer than `longest`, or clearly longer than those before and after it: cars may be coupled so closely
 * that the gap between their axles is hardly longer than a wheelbase. The unit does not matter. */
bool fb_parts_bogies(float gap, float before, float after, float longest);
/* Are axles i and i+1 of one bogie? longest: frames between axles of a bogie. */
bool fb_axles_joined(const fb_axles *a, uint32_t i, float longest);
/* Size that all but the largest candidate stay below. 0 of none. */
float fb_axles_top(const fb_axles *a);
/* Drops the candidates below a size. */
void fb_axles_above(fb_axles *a, float size);
/* Drops bowls far below those on both sides: ringing between two bogies. A light wheel has one of its kind beside it. */
void fb_axles_drop_echoes(fb_axles *a);
/* Largest envelope (m/s2) within +-reach frames of time t, and when it came (frames). */
float fb_axle_impact(const fb_history *h, float t, float reach, float *when);
/* Kurtosis around time t. */
float fb_axle_kurtosis(const fb_history *h, float t);
#endif
