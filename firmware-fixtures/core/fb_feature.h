/* Features of one passage: peak, RMS, crest, kurtosis per axis; band RMS of the vertical axis; displacement.
 *
 * Read from the sample ring, so they start before the wake-up. Sums are committed frame by frame while there is activity, so
 * the silence of the hold time does not dilute them. */
#ifndef FB_FEATURE_H
#define FB_FEATURE_H
#include "fb_filter.h"
#include "fb_frame.h"
#include "fb_math.h"
#include "fb_ring.h"
#include "fb_settings.h"

#define FB_BANDS 6
#define FB_LOW_BANDS 2 /* of these, the first two run on the slow stream */

typedef struct {
    float peak[FB_AXES];                    /* m/s2 */
    fb_sum sum[FB_AXES], sum2[FB_AXES], sum4[FB_AXES];
    fb_sum band2[FB_BANDS];
    uint32_t n, slow_n;
} fb_feature_sums;

typedef struct {
    fb_feature_sums open, kept;             /* running, and as of the last activity */
    float part[FB_AXES][3], band_part[FB_BANDS]; /* of the running frame: short sums first, precision second */
    uint32_t part_n, frame;
    float scale, offset[FB_AXES];
    fb_biquad band[FB_BANDS][2], low[2];
    bool measured[FB_BANDS];
    float slow_sum;
    uint32_t slow, slow_at;
    uint32_t next;                          /* sample of the ring to read next */
    uint32_t keep_until;                    /* what lies before this one belongs to the passage ... */
    bool keep_due;                          /* ... and has not all been read */
    bool overflow;                          /* the ring lapped the reader: samples were not seen */
} fb_feature;

typedef struct {
    float peak, rms, crest, kurtosis;       /* m/s2, m/s2, 1, 1 (3: Gaussian) */
} fb_axis_features;

/* Edges of band b, Hz. */
float fb_band_low(int b);
float fb_band_high(int b);
/* Designs the band filters for rate_hz. A band that reaches above 0.45 of the rate is not measured. */
void fb_feature_design(fb_feature *f, float rate_hz);
/* Begins a passage with sample `from` of the ring: clears all sums and every filter's state. */
void fb_feature_begin(fb_feature *f, uint32_t from, float scale, const float offset[FB_AXES]);
/* Reads up to `most` samples of the ring. Called with 3 per new sample it catches up with the pre-trigger history in half of
 * its length, at a bounded cost per sample. */
void fb_feature_read(fb_feature *f, const fb_ring *ring, uint32_t most);
/* What lies before sample `until` of the ring belongs to the passage, as soon as it has been read: the reader may be far behind. */
void fb_feature_keep(fb_feature *f, uint32_t until);
/* Results, of what was kept. */
void fb_feature_axis(const fb_feature *f, int axis, fb_axis_features *out);
/* Band RMS, m/s2; negative: not measured. */
float fb_feature_band(const fb_feature *f, int band);

/* Displacement of the stored passage in the quasi-static band: from speed/FB_LONG_M, but no less than FB_SLOWEST_HZ, to
 * speed/FB_SHORT_M (Hz; speed 0, unknown: 2 to 30 Hz). What is slower an accelerometer cannot tell from its own drift; what is faster is the
 * ringing of wheel and track and says little about the support. Filters run forwards and backwards, so that no phase bends the peaks:
 * a second-order low-pass of gain 1/w0^2 on the acceleration is double integration behind a second-order high-pass at w0.
 * times: axles in frames, ascending. Returns the median over the groups of axles (closer than `apart` frames to each other) of the
 * peak-to-peak displacement, m; from half of `apart` before the first to as much after the last axle of a group.
 * Takes the place of the low-frequency channel: the history's lf is displacement afterwards. */
float fb_displacement(fb_history *h, float frame_hz, float speed, const float *times, uint32_t n, float apart);
#endif
