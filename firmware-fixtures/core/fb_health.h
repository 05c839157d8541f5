/* Health of sensor and link: lost samples, clipping, stuck axes, noise and offset for the heartbeat. */
#ifndef FB_HEALTH_H
#define FB_HEALTH_H
#include "fb_frame.h"

typedef struct {
    int32_t clip_counts;            /* a value at or beyond +- this is clipped; 0: never */
    uint32_t clipped, lost;         /* samples since boot */
    int32_t last[FB_AXES];          /* last count per axis */
    uint32_t same[FB_AXES];         /* samples for which it has not changed */
    uint32_t stuck_after;           /* samples; 0: never */
    int32_t low[FB_AXES], high[FB_AXES]; /* extremes since fb_health_mark */
    uint32_t cut;                   /* samples of the vertical axis at the end of the range since fb_health_mark */
    fb_sum noise[FB_AXES], pending[FB_AXES]; /* squared deviation: idle, and in a passage that is not yet decided */
    uint32_t noise_n, pending_n;
} fb_health;

/* lsb: m/s2 per count; range: m/s2 (0: unknown); bits: of a sample. */
void fb_health_init(fb_health *h, float lsb, float range, uint8_t bits, float rate_hz);
/* One raw sample. True if any axis is clipped. */
bool fb_health_sample(fb_health *h, const int32_t xyz[FB_AXES]);
/* True if an axis has been silent for FB_STUCK_S. */
bool fb_health_stuck(const fb_health *h);
/* Starts the extremes again (at wake-up). */
void fb_health_mark(fb_health *h);
/* True if one axis has not moved by a count since the mark while another has moved by more than 50. */
bool fb_health_dead_axis(const fb_health *h);
/* A frame into the noise figure; pending while a passage is undecided. */
void fb_health_noise(fb_health *h, const fb_frame *frame, uint32_t size, bool pending);
/* The undecided time was a train (dropped) or not (kept only if there is next to no idle time yet). */
void fb_health_decide(fb_health *h, bool train);
/* RMS per axis since the last fb_health_noise_restart, m/s2. */
void fb_health_noise_rms(const fb_health *h, float rms[FB_AXES]);
void fb_health_noise_restart(fb_health *h);
#endif
