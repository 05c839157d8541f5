/* Passage segmentation: idle, or in a passage that lasts until the hold time has gone by without activity. */
#ifndef FB_SEGMENT_H
#define FB_SEGMENT_H
#include <stdbool.h>
#include <stdint.h>

typedef enum { FB_IDLE, FB_PASSAGE } fb_state;
typedef enum { FB_NOTHING, FB_BEGIN, FB_END } fb_event;

typedef struct {
    fb_state state;
    uint32_t length, quiet;       /* frames since the wake-up, frames since the last activity */
    bool truncated;               /* ended by the length limit */
} fb_segment;

void fb_segment_init(fb_segment *s);
/* One frame. crossed, active: from fb_wake. hold, longest: limits in frames. */
fb_event fb_segment_step(fb_segment *s, bool crossed, bool active, uint32_t hold, uint32_t longest);
#endif
