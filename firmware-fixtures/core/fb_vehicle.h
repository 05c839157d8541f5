/* How fast is the train? One sensor sees times, not distances: known vehicles give the scale. A bogie alone does not tell a 1.8 m wheelbase
 * at 80 km/h from a 2.5 m one at 110 km/h; wheelbase, bogie spacing and coupling distance together do. For every trial speed the
 * train's bogies are put together to vehicles so that all its gaps are most likely (dynamic programming), and the likeliest speed wins. */
#ifndef FB_VEHICLE_H
#define FB_VEHICLE_H
#include "fb_axle.h"

/* Speed of a train, m/s, from its axles, between 0.65 and 1.75 times `guess`, at which the axles of a bogie are less than
 * FB_WHEELBASE_MAX_M apart. 0: no two bogies of it are a known vehicle's. bogies: how many bogies belong to one. fit: 1 if all
 * gaps are a known vehicle's, 0 if no axle belongs to one. */
float fb_vehicle_speed(const fb_axles *a, float guess, float frame_hz, uint32_t *bogies, float *fit);
#endif
