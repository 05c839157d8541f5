/* When exactly each wheel of a found train stood over the sensor, by both channels together.
 *
 * The two channels of fb_axle.h err in different ways. Bowls are centred on the wheel, but those of one bogie overlap and push one another
 * apart, by 5 % of the wheelbase and more. Impacts are sharp, but happen where the wheel meets a fault of the rail, up to a metre away from
 * the sensor. So the distances come from the impacts and their common shift from the bowls. Without impacts that follow the bowls
 * (no crossing or joint near) the bowls have to do. */
#ifndef FB_TIMING_H
#define FB_TIMING_H
#include "fb_axle.h"

/* Adds wheels that one channel missed and the other shows. In a train that stands in pairs a lone wheel has lost its partner: it is the
 * largest of the `other` channel's candidates (found at about `speed`) that stands where a partner may and is not much smaller than that
 * channel's response to the lone wheel itself, or to its neighbour where that channel did not see it. Returns how many were added. */
uint32_t fb_axles_complete(fb_axles *a, const fb_axles *other, float speed, float frame_hz);
/* Sharpens the times of the axles, which were found in `channel` at about `speed` (m/s). Their sizes are lost. */
void fb_axles_sharpen(fb_axles *a, const fb_history *h, fb_channel channel, float speed, float frame_hz);
/* Adds the middle wheels of three-axle bogies, which drown between the bowls of their neighbours: where `other` sees one in some bogie
 * of two axles, into all that are as long. speed: m/s. Returns how many. */
uint32_t fb_axles_add_middles(fb_axles *a, const fb_axles *other, float speed, float frame_hz);
/* Takes them out again. */
void fb_axles_drop_middles(fb_axles *a);
#endif
