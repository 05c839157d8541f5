/* The application over a driver. SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef RD_APP_H
#define RD_APP_H
#include "rd_sensor.h"

/* Starts the sensor; on an error says why on the console. Call once. */
rd_status rd_app_start(void);
/* One turn of the main loop. */
rd_status rd_app_turn(void);

#endif
