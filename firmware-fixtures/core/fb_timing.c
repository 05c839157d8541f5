#include "fb_timing.h"

#define FAR_M 0.9f      /* a wheel's impact or bowl is sought this far from where the other channel saw the wheel */
#define NEAR_M 0.4f     /* and this far once the common shift is known */
#define ASTRAY_M 1.2f   /* and this far of an impact that has no bowl of its own */
#define POWER_M 0.28f   /* standard deviation of the smoothing of the impact's power */
#define SCATTER_M 0.25f /* median deviation from the common shift up to which impacts and bowls belong together */

#define LEAST_M 1.2f    /* partners seem to stand at least this far apart: neighbours push their bowls together */
#define ALIKE 1.5f      /* octaves by which a wheel may be smaller than its partner */
#define UNLIKE_M 0.5f   /* difference from the usual gap in a bogie from which on that one is taken */
#define LONE_SHARE 5u   /* no more than one axle in so many may have lost its partner */

#define MIDDLE_SHARE 0.2f  /* of the length of a bogie: how far a wheel is sought from where it should be */
#define MIDDLE_ALIKE 0.12f /* difference in length up to which bogies are of one type */
#define MIDDLE_SIZE -1.0e6f /* marks an added wheel */

#define NONE 1.0e9f

/* --- lone wheels ------------------------------------------------------------------------------------- */

/* Candidate nearest to t within `reach`; its number, or other->n. */
static uint32_t nearest(const fb_axles *other, float t, float reach) {
    uint32_t best = other->n;
    for (uint32_t i = 0; i < other->n; i++) {
        const float off = fb_abs(other->t[i] - t);
        if (off > reach) continue;
        reach = off;
        best = i;
    }
    return best;
}

/* Does axle i stand alone? longest: frames between axles of a bogie. */
static bool lone(const fb_axles *a, uint32_t i, float longest) {
    return (i == 0 || !fb_axles_joined(a, i - 1u, longest)) && (i + 1u >= a->n || !fb_axles_joined(a, i, longest));
}

/* Mean gap between axles of a bogie, frames; 0 of none. */
static float usual_gap(const fb_axles *a, float longest) {
    float sum = 0.0f;
    uint32_t n = 0;
    for (uint32_t i = 0; i + 1u < a->n; i++) {
        if (!fb_axles_joined(a, i, longest)) continue;
        sum += a->t[i + 1u] - a->t[i];
        n++;
    }
    return n ? sum / (float)n : 0.0f;
}

/* Where the partner of axle i stands, in its own channel's time; NONE if the other channel has none. Each channel may have seen another
 * wheel of the pair: then the other's stands alone near axle i, which it does not know. */
static float partner(const fb_axles *a, uint32_t i, const fb_axles *other, float usual, float frames_per_metre) {
    const uint32_t self = nearest(other, a->t[i], FAR_M * frames_per_metre);
    const float here = self < other->n ? other->t[self] : a->t[i];
    const uint32_t like = self < other->n ? self : nearest(other, a->t[i > 0 ? i - 1u : 1u], FAR_M * frames_per_metre);
    float size = (like < other->n ? other->size[like] : fb_axles_top(other)) - ALIKE, best = NONE;
    for (uint32_t j = 0; j < other->n; j++) {
        float gap = other->t[j] - here;
        const float metres = fb_abs(gap) / frames_per_metre;
        /* What stands unlike all others is seen, but not where it stands. */
        if (usual > 0.0f && fb_abs(fb_abs(gap) - usual) > UNLIKE_M * frames_per_metre) gap = gap < 0.0f ? -usual : usual;
        const float at = a->t[i] + gap;
        if (metres < LEAST_M || metres > FB_WHEELBASE_MAX_M || other->size[j] < size) continue;
        const float apart = FB_PARTED * fb_abs(gap); /* from the next bogie */
        if (gap < 0.0f ? i > 0 && at - a->t[i - 1u] < apart : i + 1u < a->n && a->t[i + 1u] - at < apart) continue;
        size = other->size[j];
        best = at;
    }
    return best;
}

static void insert(fb_axles *a, float t) {
    uint32_t i = a->n++;
    for (; i > 0 && a->t[i - 1u] > t; i--) {
        a->t[i] = a->t[i - 1u];
        a->size[i] = a->size[i - 1u];
    }
    a->t[i] = t;
    a->size[i] = 0.0f;
}

uint32_t fb_axles_complete(fb_axles *a, const fb_axles *other, float speed, float frame_hz) {
    const float frames_per_metre = frame_hz / speed, longest = FB_WHEELBASE_MAX_M * frames_per_metre;
    const float usual = usual_gap(a, longest);
    uint32_t alone = 0, added = 0;
    for (uint32_t i = 0; i < a->n; i++) alone += lone(a, i, longest) ? 1u : 0u;
    if (LONE_SHARE * alone > a->n) return 0;
    for (uint32_t i = 0; i < a->n && a->n < FB_AXLES_MAX; i++) {
        if (!lone(a, i, longest)) continue;
        const float t = partner(a, i, other, usual, frames_per_metre);
        if (t >= NONE || t < 0.0f) continue;
        insert(a, t);
        added++;
        i++; /* the pair is done */
    }
    return added;
}

/* --- middle wheels ------------------------------------------------------------------------------------ */

/* Are axles i and i+1 a bogie of two? */
static bool pair(const fb_axles *a, uint32_t i, float longest) {
    return i + 1u < a->n && fb_axles_joined(a, i, longest) && (i == 0 || !fb_axles_joined(a, i - 1u, longest)) &&
           (i + 2u >= a->n || !fb_axles_joined(a, i + 1u, longest));
}

/* Does the other channel see a wheel half way between axles i and i+1, about as large as those? */
static bool middle(const fb_axles *a, uint32_t i, const fb_axles *other) {
    const float gap = a->t[i + 1u] - a->t[i], reach = MIDDLE_SHARE * gap;
    const uint32_t front = nearest(other, a->t[i], reach), rear = nearest(other, a->t[i + 1u], reach);
    const uint32_t between = nearest(other, a->t[i] + 0.5f * gap, reach);
    if (front == other->n || rear == other->n || between == other->n) return false;
    const float size = other->size[between] + ALIKE;
    return size >= other->size[front] && size >= other->size[rear];
}

uint32_t fb_axles_add_middles(fb_axles *a, const fb_axles *other, float speed, float frame_hz) {
    const float longest = FB_WHEELBASE_MAX_M * frame_hz / speed;
    float sum = 0.0f;
    uint32_t seen = 0, added = 0;
    for (uint32_t i = 0; i + 1u < a->n; i++) {
        if (!pair(a, i, longest) || !middle(a, i, other)) continue;
        sum += a->t[i + 1u] - a->t[i];
        seen++;
    }
    if (seen == 0) return 0;
    const float usual = sum / (float)seen;
    for (uint32_t i = 0; i + 1u < a->n && a->n < FB_AXLES_MAX; i++) {
        const float gap = a->t[i + 1u] - a->t[i];
        if (!pair(a, i, longest) || fb_abs(gap - usual) > MIDDLE_ALIKE * usual) continue;
        insert(a, a->t[i] + 0.5f * gap);
        a->size[++i] = MIDDLE_SIZE;
        i++; /* behind the bogie */
        added++;
    }
    return added;
}

void fb_axles_drop_middles(fb_axles *a) {
    fb_axles_above(a, 0.5f * MIDDLE_SIZE);
}

/* --- summits ----------------------------------------------------------------------------------------- */

/* Highest of y(from) ... y(to) and its place between the steps; NONE if it is at an end. */
typedef float (*curve)(const void *of, int32_t at);
static float summit(curve y, const void *of, int32_t from, int32_t to) {
    float before = y(of, from - 1), here = y(of, from), most = 0.0f, place = NONE;
    for (int32_t i = from; i <= to; i++) {
        const float after = y(of, i + 1);
        if (here > most) {
            const float bend = before - 2.0f * here + after;
            most = here;
            place = here >= before && here >= after && bend < 0.0f ? (float)i + 0.5f * (before - after) / bend : NONE;
        }
        before = here;
        here = after;
    }
    return place;
}

/* --- impacts ---------------------------------------------------------------------------------------- */

typedef struct {
    const fb_history *h;
    float metre; /* per frame */
} power_curve;

/* Power of the envelope around a frame, weighted with a Gaussian. */
static float power(const void *of, int32_t at) {
    const power_curve *c = of;
    const int32_t half = (int32_t)(2.5f * POWER_M / c->metre) + 1;
    float sum = 0.0f;
    for (int32_t i = at - half; i <= at + half; i++) {
        if (i < 0 || i >= (int32_t)c->h->count) continue;
        const float env = fb_env_value(c->h->env[fb_history_slot(c->h, (uint32_t)i)]);
        sum += env * env * fb_gauss((float)(i - at) * c->metre / POWER_M);
    }
    return sum;
}

static float impact_near(const power_curve *c, float t, float reach_m) {
    const float reach = reach_m / c->metre;
    const float place = summit(power, c, (int32_t)(t - reach), (int32_t)(t + reach));
    return place < NONE ? place + 0.5f : NONE; /* centre of the frame */
}

/* --- bowls -------------------------------------------------------------------------------------------- */

typedef struct {
    const fb_history *h;
    fb_matched m;
} bowl_curve;

static float bowl(const void *of, int32_t at) {
    const bowl_curve *c = of;
    const int32_t coarse = (int32_t)c->m.coarse, half = (int32_t)c->m.half;
    float sum = 0.0f;
    for (int32_t j = -half; j <= half; j++) {
        int32_t lf = 0;
        for (int32_t i = 0; i < coarse; i++) lf += fb_history_lf(c->h, (at + j) * coarse + i);
        sum += (float)lf * c->m.tap[j < 0 ? -j : j];
    }
    return sum;
}

static float bowl_near(const bowl_curve *c, float t, float reach_m) {
    const float unit = (float)c->m.coarse, reach = reach_m / c->m.metre, at = (t + c->m.delay) / unit;
    const float place = summit(bowl, c, (int32_t)(at - reach), (int32_t)(at + reach));
    return place < NONE ? (place + 0.5f) * unit - c->m.delay : NONE;
}

/* --- together ------------------------------------------------------------------------------------------ */

/* Median of the sizes that are below NONE; `known` of them. By counting: the list stays as it is. */
static float median(const fb_axles *a, float centre, uint32_t known) {
    float best = 0.0f;
    uint32_t nearest = ~0u;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->size[i] >= NONE) continue;
        const float x = centre < NONE ? fb_abs(a->size[i] - centre) : a->size[i];
        uint32_t below = 0;
        for (uint32_t j = 0; j < a->n; j++) {
            const float y = centre < NONE ? fb_abs(a->size[j] - centre) : a->size[j];
            if (a->size[j] < NONE && (y < x || (y == x && j < i))) below++;
        }
        const uint32_t off = below > known / 2u ? below - known / 2u : known / 2u - below;
        if (off < nearest) {
            nearest = off;
            best = x;
        }
    }
    return best;
}

/* Puts the shift from bowl to impact into the sizes, NONE where one of them is missing. Returns how many are known. */
static uint32_t shifts(fb_axles *a, fb_channel channel, const power_curve *p, const bowl_curve *b, float centre, float reach_m) {
    uint32_t known = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        const float other = channel == FB_BOWL ? impact_near(p, a->t[i] + centre, reach_m) : bowl_near(b, a->t[i] - centre, reach_m);
        a->size[i] = other >= NONE ? NONE : (channel == FB_BOWL ? other - a->t[i] : a->t[i] - other);
        if (other < NONE) known++;
    }
    return known;
}

/* How far axle i, if it stood at t, would be from the usual distance of its nearer neighbour. */
static float oddness(const fb_axles *a, uint32_t i, float t, float usual) {
    float gap = NONE;
    if (i > 0) gap = fb_abs(t - a->t[i - 1u]);
    if (i + 1u < a->n && fb_abs(a->t[i + 1u] - t) < gap) gap = fb_abs(a->t[i + 1u] - t);
    return fb_abs(gap - usual);
}

/* Impacts without a bowl where all others have theirs: something else struck. Their wheel stands where a bowl is, if it then stands
 * more like the others. */
static void find_astray(fb_axles *a, const bowl_curve *b, float metre) {
    const float usual = usual_gap(a, FB_WHEELBASE_MAX_M / metre);
    for (uint32_t i = 0; i < a->n && usual > 0.0f; i++) {
        if (a->size[i] < NONE) continue;
        const float own = bowl_near(b, a->t[i], ASTRAY_M);
        if (own < NONE && oddness(a, i, own, usual) + NEAR_M / metre < oddness(a, i, a->t[i], usual)) a->t[i] = own;
    }
}

void fb_axles_sharpen(fb_axles *a, const fb_history *h, fb_channel channel, float speed, float frame_hz) {
    const power_curve p = {.h = h, .metre = speed / frame_hz};
    bowl_curve b = {.h = h};
    fb_matched_design(&b.m, FB_BOWL, speed, frame_hz);
    if (channel == FB_IMPACT) {
        for (uint32_t i = 0; i < a->n; i++) {
            const float t = impact_near(&p, a->t[i], NEAR_M);
            if (t < NONE) a->t[i] = t;
        }
    }
    uint32_t known = shifts(a, channel, &p, &b, 0.0f, FAR_M);
    if (2u * known <= a->n) return;
    float shift = median(a, NONE, known);
    known = shifts(a, channel, &p, &b, shift, NEAR_M);
    if (2u * known <= a->n) return;
    shift = median(a, NONE, known);
    if (median(a, shift, known) * p.metre > SCATTER_M) return;
    for (uint32_t i = 0; i < a->n; i++) {
        if (channel == FB_IMPACT) a->t[i] -= shift;
        else if (a->size[i] < NONE) a->t[i] += a->size[i] - shift;
    }
    if (channel == FB_IMPACT) find_astray(a, &b, speed / frame_hz);
}
