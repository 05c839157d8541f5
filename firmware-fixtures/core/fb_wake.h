/* Wake-up: adaptive noise floors of the envelope and of the low-frequency channel, thresholds with hysteresis. */
#ifndef FB_WAKE_H
#define FB_WAKE_H
#include <stdbool.h>

typedef struct {
    float env_floor, lf_floor; /* mean frame peak and mean |lf| while idle, m/s2 */
    float frames;              /* frames in the floors, up to the time constant */
} fb_wake;

void fb_wake_init(fb_wake *w);
/* Takes an idle frame into the floors. A frame above three times a floor counts as three times the floor, so a single event
 * hardly moves it and lasting noise does. frame_hz: frames per second. */
void fb_wake_learn(fb_wake *w, float env, float lf, float frame_hz);
/* Starts the floors again from this level (after a long disturbance that was no train). */
void fb_wake_restart(fb_wake *w, float env, float lf);
/* Does this frame wake the device up? */
bool fb_wake_crossed(const fb_wake *w, float env, float lf);
/* Does this frame keep a passage going? A lower threshold than fb_wake_crossed. */
bool fb_wake_active(const fb_wake *w, float env, float lf);
#endif
