#include "fb_segment.h"

void fb_segment_init(fb_segment *s) {
    *s = (fb_segment){0};
}

fb_event fb_segment_step(fb_segment *s, bool crossed, bool active, uint32_t hold, uint32_t longest) {
    if (s->state == FB_IDLE) {
        if (!crossed) return FB_NOTHING;
        *s = (fb_segment){.state = FB_PASSAGE, .length = 1};
        return FB_BEGIN;
    }
    s->length++;
    s->quiet = active ? 0 : s->quiet + 1u;
    if (s->quiet < hold && s->length < longest) return FB_NOTHING;
    s->truncated = s->quiet < hold;
    s->state = FB_IDLE;
    return FB_END;
}
