#include "fb_axle.h"

/* exp(-|u|) (cos u - sin |u|) smoothed by a Gaussian of 0.3125 (0.25 m at 1.25 1/m), for u = 0, 0.25 ... 5. */
#define SHAPE_STEPS 20u
static const float shape_table[SHAPE_STEPS + 1u] = {0.595325f,  0.502190f,  0.292453f,  0.085941f,  -0.060481f, -0.145140f, -0.182488f,
                                                    -0.187380f, -0.172105f, -0.146086f, -0.116083f, -0.086585f, -0.060264f, -0.038433f,
                                                    -0.021450f, -0.009061f, -0.000665f, 0.004492f,  0.007183f,  0.008116f,  0.007892f};
/* A Gaussian exp(-q^2/2) for q = 0, 0.25 ... 3. */
#define HILL_STEPS 12u
static const float hill_table[HILL_STEPS + 1u] = {1.0f,      0.969233f, 0.882497f, 0.754840f, 0.606531f, 0.457833f, 0.324652f,
                                                  0.216265f, 0.135335f, 0.079560f, 0.043937f, 0.022794f, 0.011109f};

/* Per channel: nearest axles, m; least valley between two axles and largest lead of a neighbour within FB_DWARF_M that a candidate
 * survives, both in the unit of size. */
static const struct {
    float apart_m, valley, dwarf;
} rule[FB_CHANNELS] = {{1.2f, 1.0f, 1.3f}, {1.2f, 0.2f, 2.0f}};
#define FB_DWARF_M 2.8f     /* ringing and side lobes follow their wheel within this distance */
#define FB_ECHO 1.5f        /* octaves by which an echo is smaller than the wheels on both sides */
#define FB_HILL_M 0.28f     /* smoothing of the log envelope: of 1.8 m bogies both wheels stay visible */
#define FB_SIZE_SPAN 7.0f   /* candidates more than 2^7 below the largest are not worth their memory */

/* Linear interpolation in a table with four steps per unit; 0 beyond its end. */
static float look_up(const float *table, uint32_t steps, float x) {
    const float at = 4.0f * x;
    const uint32_t i = (uint32_t)at;
    return i >= steps ? 0.0f : table[i] + (at - (float)i) * (table[i + 1u] - table[i]);
}

float fb_gauss(float q) {
    return look_up(hill_table, HILL_STEPS, fb_abs(q));
}

void fb_matched_design(fb_matched *m, fb_channel channel, float speed, float frame_hz) {
    m->channel = channel;
    m->delay = channel == FB_BOWL ? FB_LOWPASS_DELAY_S * frame_hz : 0.0f;
    m->metre = speed / frame_hz;
    m->coarse = 1;
    while (m->metre < 0.16f && m->coarse < 64u) {
        m->metre *= 2.0f;
        m->coarse *= 2u;
    }
    const float reach = channel == FB_BOWL ? 4.5f / FB_BETA_1_M : 3.0f * FB_HILL_M;
    m->half = (uint32_t)fb_limit(reach / m->metre, 2.0f, (float)FB_TAPS_MAX);
    float sum = 0.0f, energy = 0.0f;
    for (uint32_t j = 0; j <= m->half; j++) {
        const float x = (float)j * m->metre;
        m->tap[j] = channel == FB_BOWL ? look_up(shape_table, SHAPE_STEPS, FB_BETA_1_M * x) : look_up(hill_table, HILL_STEPS, x / FB_HILL_M);
        sum += m->tap[j] * (j ? 2.0f : 1.0f);
    }
    const float mean = channel == FB_BOWL ? sum / (float)(2u * m->half + 1u) : 0.0f; /* a bowl's filter is blind to a constant */
    for (uint32_t j = 0; j <= m->half; j++) {
        m->tap[j] -= mean;
        energy += m->tap[j] * m->tap[j] * (j ? 2.0f : 1.0f);
    }
    const float scale = channel == FB_BOWL ? 1.0f / fb_sqrt(energy) : 1.0f / sum;
    for (uint32_t j = 0; j <= m->half; j++) m->tap[j] *= scale;
}

/* Runs over the history in coarse frames and yields the filter's response at each. */
#define WINDOW 128u
typedef struct {
    const fb_history *h;
    const fb_matched *m;
    float x[WINDOW];
    float before, last; /* outside the history: rest for the bowl, the nearest frame for the envelope */
    uint32_t read;      /* coarse frames read */
    uint32_t count;     /* coarse frames in the history */
} scan;

static void scan_read(scan *s) {
    if (s->read < s->count) {
        int32_t sum = 0;
        for (uint32_t i = 0; i < s->m->coarse; i++) {
            const uint32_t frame = s->read * s->m->coarse + i;
            sum += s->m->channel == FB_BOWL ? fb_history_lf(s->h, (int32_t)frame) : (int32_t)s->h->env[fb_history_slot(s->h, frame)];
        }
        const float unit = s->m->channel == FB_BOWL ? FB_LF_LSB : 1.0f / 12.0f; /* m/s2; octaves */
        s->last = (float)sum * (unit / (float)s->m->coarse);
    } else if (s->m->channel == FB_BOWL) {
        s->last = 0.0f;
    }
    if (s->read == 0 && s->m->channel == FB_IMPACT) s->before = s->last;
    s->x[s->read % WINDOW] = s->last;
    s->read++;
}

static void scan_begin(scan *s, const fb_history *h, const fb_matched *m) {
    s->h = h;
    s->m = m;
    s->read = 0;
    s->count = h->count / m->coarse;
    s->before = 0.0f;
    s->last = 0.0f;
}

/* Response centred on coarse frame j; called with j = 0, 1, 2 ... */
static float scan_at(scan *s, uint32_t j) {
    while (s->read <= j + s->m->half) scan_read(s);
    float y = s->m->tap[0] * s->x[j % WINDOW];
    for (uint32_t i = 1; i <= s->m->half; i++)
        y += s->m->tap[i] * (s->x[(j + i) % WINDOW] + (j >= i ? s->x[(j - i) % WINDOW] : s->before));
    return y;
}

/* Is the valley at `low` between peaks deep enough for two wheels, `peak` the smaller of them? */
static bool parted(fb_channel channel, float low, float peak) {
    if (channel == FB_IMPACT) return peak - low >= rule[channel].valley;
    return low < 0.5f * peak;
}

static void put(fb_axles *out, float t, float height, fb_channel channel) {
    const float size = channel == FB_BOWL ? fb_log2(height) : height;
    if (out->n == FB_AXLES_MAX) {
        float top = fb_axles_top(out);
        fb_axles_above(out, top - FB_SIZE_SPAN);
        out->truncated = true;
        if (out->n == FB_AXLES_MAX) return;
    }
    out->t[out->n] = t;
    out->size[out->n] = size;
    out->n++;
}

/* Peaks of the response above `floor`: of two too close to be two wheels the larger one stays. */
static void collect(fb_axles *out, const fb_history *h, const fb_matched *m, float floor) {
    scan s;
    scan_begin(&s, h, m);
    float a = 0.0f, b = 0.0f, held = 0.0f, held_at = 0.0f, low = 0.0f;
    bool holding = false;
    for (uint32_t j = 0; j <= s.count; j++) {
        const float c = scan_at(&s, j), centre = (float)j - 0.5f; /* b is coarse frame j-1 */
        if (b < low) low = b;
        if (j >= 2u && b > floor && b > a && b >= c) {
            const float bend = a - 2.0f * b + c, shift = bend < 0.0f ? 0.5f * (a - c) / bend : 0.0f;
            const float at = centre + shift, height = b - 0.25f * (a - c) * shift;
#ifdef FB_DEFECT_AXLES_TWICE
            const bool two = holding;
#else
            const bool two = holding && (at - held_at) * m->metre >= rule[m->channel].apart_m &&
                             parted(m->channel, low, height < held ? height : held);
#endif
            if (two) put(out, held_at * (float)m->coarse, held, m->channel);
            if (two || !holding || height > held) {
                held = height;
                held_at = at;
                low = b;
            }
            holding = true;
        }
        a = b;
        b = c;
    }
    if (holding) put(out, held_at * (float)m->coarse, held, m->channel);
}

/* Drops what was marked by a time below zero. */
static void drop_marked(fb_axles *a) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->t[i] < 0.0f) continue;
        a->t[kept] = a->t[i];
        a->size[kept++] = a->size[i];
    }
    a->n = kept;
}

/* Drops candidates that a much larger neighbour explains. Decided on all before any goes. */
static void drop_dwarfs(fb_axles *a, const fb_matched *m) {
    const float reach = FB_DWARF_M / m->metre * (float)m->coarse;
    for (uint32_t i = 0; i < a->n; i++) {
        const float t = fb_abs(a->t[i]);
        bool dwarf = false;
        for (uint32_t j = i; j-- > 0 && t - fb_abs(a->t[j]) < reach;) dwarf = dwarf || a->size[j] - a->size[i] > rule[m->channel].dwarf;
        for (uint32_t j = i + 1u; j < a->n && a->t[j] - t < reach; j++) dwarf = dwarf || a->size[j] - a->size[i] > rule[m->channel].dwarf;
        if (dwarf) a->t[i] = -t;
    }
    drop_marked(a);
}

void fb_axles_find(fb_axles *out, const fb_history *h, const fb_matched *m, const fb_rest *rest) {
    out->n = 0;
    out->truncated = false;
    float floor = 5.0f * rest->lf;
    if (m->channel == FB_IMPACT) {
        const float loud = 3.0f * rest->env > FB_WAKE_ENV_MIN ? 3.0f * rest->env : FB_WAKE_ENV_MIN;
        floor = fb_log2(loud / FB_ENV_FLOOR);
    }
    collect(out, h, m, floor);
    drop_dwarfs(out, m);
    for (uint32_t i = 0; i < out->n; i++) out->t[i] = out->t[i] > m->delay ? out->t[i] - m->delay : 0.0f;
}

bool fb_parts_bogies(float gap, float before, float after, float longest) {
    return gap > longest || (gap > FB_COUPLING_MIN_M / FB_WHEELBASE_MAX_M * longest && gap > FB_PARTED * before && gap > FB_PARTED * after);
}

bool fb_axles_joined(const fb_axles *a, uint32_t i, float longest) {
    const float gap = a->t[i + 1u] - a->t[i];
    const float before = i > 0u ? a->t[i] - a->t[i - 1u] : gap, after = i + 2u < a->n ? a->t[i + 2u] - a->t[i + 1u] : gap;
    return !fb_parts_bogies(gap, before, after, longest);
}

float fb_axles_top(const fb_axles *a) {
    if (a->n == 0) return 0.0f;
    float first = a->size[0], second = -126.0f;
    for (uint32_t i = 1; i < a->n; i++) {
        const float x = a->size[i];
        if (x > first) {
            second = first;
            first = x;
        } else if (x > second) {
            second = x;
        }
    }
    return a->n == 1u ? first : second;
}

void fb_axles_above(fb_axles *a, float size) {
    for (uint32_t i = 0; i < a->n; i++)
        if (a->size[i] < size) a->t[i] = -1.0f;
    drop_marked(a);
}

void fb_axles_drop_echoes(fb_axles *a) {
    for (uint32_t i = 1; i + 1u < a->n; i++)
        if (a->size[i] < a->size[i - 1u] - FB_ECHO && a->size[i] < a->size[i + 1u] - FB_ECHO) a->t[i] = -1.0f;
    drop_marked(a);
}

float fb_axle_impact(const fb_history *h, float t, float reach, float *when) {
    int32_t from = (int32_t)(t - reach), to = (int32_t)(t + reach);
    if (from < 0) from = 0;
    if (to >= (int32_t)h->count) to = (int32_t)h->count - 1;
    uint8_t best = 0;
    *when = t;
    for (int32_t i = from; i <= to; i++) {
        const uint32_t slot = fb_history_slot(h, (uint32_t)i);
        if (h->env[slot] <= best) continue;
        best = h->env[slot];
        *when = (float)i + (float)h->at[slot] * 0.00390625f;
    }
    return fb_env_value(best);
}

float fb_axle_kurtosis(const fb_history *h, float t) {
    int32_t i = (int32_t)t + (int32_t)(FB_KURT_FRAMES / 2u >> h->fold);
    if (i >= (int32_t)h->count) i = (int32_t)h->count - 1;
    return i < 0 ? 0.0f : fb_kurt_value(h->kurt[fb_history_slot(h, (uint32_t)i)]);
}
