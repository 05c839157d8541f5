/* Is it a train, where are its axles, and how fast is it? From the geometry of the candidates: axles stand in bogies of two or three,
 * 1.5-3.4 m apart and alike in size, with longer gaps between. Every trial speed, channel and size limit proposes a list of axles;
 * the list that is a train's at more than one trial speed, that is long, and whose gaps are those of known vehicles, is believed. At
 * half the true speed axles of a bogie would touch, at twice the speed there would be no bogies. */
#ifndef FB_SPEED_H
#define FB_SPEED_H
#include "fb_axle.h"

#define FB_SPEED_NONE 0u
#define FB_SPEED_SINGLE 1u
#define FB_SPEED_CONSISTENT 2u

#define FB_PROPOSALS 32u

/* A list of axles: how many in which channel. Where it is most in order, and its value at its two best trial speeds. */
typedef struct {
    fb_channel channel;
    uint32_t n, speed, limit;
    float order, value, second;
} fb_proposal;

typedef struct {
    fb_axles best;      /* while judging: the trial's candidates */
    union {
        fb_proposal all[FB_PROPOSALS];
        fb_axles other; /* once one is believed: its axles before sharpening, then those of the other channel */
    } work;
    float speed;        /* m/s, 0: unknown */
    uint8_t quality;    /* FB_SPEED_* */
    bool train;
    fb_channel channel; /* that the axles come from */
    float cover;        /* share of the impact energy near the axles */
    float order;        /* fb_geometry of the believed axles */
} fb_train;

/* Trial speeds, from FB_SPEED_MIN to FB_SPEED_MAX in steps of a sixth of an octave. Number 0..fb_trial_speeds()-1. */
uint32_t fb_trial_speeds(void);
float fb_trial_speed(uint32_t k);
/* How much the candidates of at least `size` look like a train's axles at `speed`: 1 if all stand in bogies, less for those that do
 * not and for gaps that no train has; 0 for fewer than four. n: how many there are. */
float fb_geometry(const fb_axles *a, float size, float speed, float frame_hz, uint32_t *n);
/* Judges the stored passage. cut: the range (m/s2) if much of the passage is clipped, else 0: then there are only impacts to go by,
 * and what shakes hard enough for seconds is a train even if its axles cannot be told apart; of that it gives the loudest spots as axles,
 * and no speed. Takes some 8 million multiplications for 40 s, and 0.1 million per axle to see known vehicles in it. */
void fb_train_judge(fb_train *t, const fb_history *h, float frame_hz, const fb_rest *rest, float cut);
#endif
