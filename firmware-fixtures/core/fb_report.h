/* Composes and sends the uplink messages. */
#ifndef FB_REPORT_H
#define FB_REPORT_H
#include "fb_core.h"

/* The passage in core->train, core->feature and core->history. hz: stored frames per second. */
void fb_report_passage(fb_core *core, float hz);
/* A heartbeat; starts its counters again. */
void fb_report_heartbeat(fb_core *core);
#endif
