/* Is it a train, and how fast? From the axles' geometry: axles stand in groups of two or three (bogies), 1.5-3.4 m apart, with longer
 * gaps between. At half the true speed axles of a bogie would touch, at twice the speed there would be no bogies. */
#ifndef FB_SPEED_H
#define FB_SPEED_H
#include "fb_axle.h"

#define FB_SPEED_NONE 0u
#define FB_SPEED_SINGLE 1u
#define FB_SPEED_CONSISTENT 2u

typedef struct {
    fb_axles best, trial;
    float speed;        /* m/s, 0: unknown */
    uint8_t quality;    /* FB_SPEED_* */
    bool train;
    float score;
} fb_train;

/* Trial speeds, from FB_SPEED_MIN to FB_SPEED_MAX in steps of a quarter octave. Number 0..fb_trial_speeds()-1. */
uint32_t fb_trial_speeds(void);
float fb_trial_speed(uint32_t k);
/* Share of the axles that stand in bogies if the speed is `speed`, times the plausibility of the gaps: 0..1. */
float fb_geometry(const fb_axles *a, float speed, float frame_hz);
/* Judges the stored passage. noise: of the low-frequency channel, m/s2. Takes some 3 million multiplications for 40 s. */
void fb_train_judge(fb_train *t, const fb_history *h, float frame_hz, float noise);
#endif
