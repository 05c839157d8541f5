#include "fb_speed.h"
#include "fb_timing.h"
#include "fb_vehicle.h"

uint32_t fb_trial_speeds(void) {
    return 25;
}

float fb_trial_speed(uint32_t k) {
    return FB_SPEED_MIN * fb_exp2_12th(2u * k); /* 4 ... 64 m/s */
}

/* --- geometry ------------------------------------------------------------------------------------- */

/* Axles in a row, each within a wheelbase of the one before. */
typedef struct {
    uint32_t n;
    float smallest, largest; /* sizes */
    float gap[2];            /* its first two, m */
} row;

static void row_begin(row *r, float size) {
    r->n = 1;
    r->smallest = r->largest = size;
}

static void row_add(row *r, float size, float gap) {
    if (r->n <= 2u) r->gap[r->n - 1u] = gap;
    r->n++;
    if (size < r->smallest) r->smallest = size;
    if (size > r->largest) r->largest = size;
}

/* What a row adds to the order: its axles, less if they differ in size by more than a factor of two; minus them if it is no bogie. */
static float row_worth(const row *r) {
#ifdef FB_DEFECT_CO_CO_REJECTED
    if (r->n != 2u) return -(float)r->n; /* a bogie has two axles */
#else
    if (r->n != 2u && r->n != 3u) return -(float)r->n;
#endif
    if (r->n == 3u) {
        const float a = r->gap[0], b = r->gap[1];
        if (a > 1.2f * b || b > 1.2f * a) return 0.0f; /* three axles in a bogie stand evenly */
    }
    const float alike = 0.4f + 1.0f / fb_exp2_12th(fb_to_u32(12.0f * (r->largest - r->smallest)));
    return (float)r->n * (alike < 1.0f ? alike : 1.0f);
}

/* Takes an axle of `size` that is `gap` behind the one before it; before, after: the neighbouring gaps. */
static void take(row *r, float *order, float size, float gap, float before, float after) {
    if (gap < FB_WHEELBASE_MIN_M || gap > FB_GAP_MAX_M) *order -= 2.0f;
    if (!fb_parts_bogies(gap, before, after, FB_WHEELBASE_MAX_M)) {
        row_add(r, size, gap);
        return;
    }
    *order += row_worth(r);
    row_begin(r, size);
}

float fb_geometry(const fb_axles *a, float size, float speed, float frame_hz, uint32_t *n) {
    const float metre = speed / frame_hz;
    float order = 0.0f, last = 0.0f, before = 0.0f, held = 0.0f, held_size = 0.0f; /* an axle waits until the gap behind it is known */
    row r;
    *n = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->size[i] < size) continue;
        const float gap = (a->t[i] - last) * metre;
        last = a->t[i];
        if (++*n == 1u) {
            row_begin(&r, a->size[i]);
            continue;
        }
        if (*n == 2u) before = gap;
        else take(&r, &order, held_size, held, before, gap);
        if (*n > 2u) before = held;
        held = gap;
        held_size = a->size[i];
    }
    if (*n < FB_AXLES_MIN) return 0.0f;
    take(&r, &order, held_size, held, before, held);
    order = (order + row_worth(&r)) / (float)*n;
    return order > 0.0f ? order : 0.0f;
}

static float fourth(float x) {
    return x * x * x * x;
}

/* --- belief --------------------------------------------------------------------------------------- */

#define COVER_M 2.5f   /* impacts are felt this far from their wheel */
#define FINALISTS 8u
#define BOWLS_MIN 0.94f  /* least share of the low-frequency energy near the axles; a train's is above 0.97, a rumble's about 0.6 */
#define SPOILT 0.15f   /* loss of fit to known vehicles from which sharpening has done harm */
#define SLOWER 0.9f        /* change of speed at which sharpened axles are those of other vehicles ... */
#define UNLIKELIER 0.25f   /* ... which must not be less likely than the first by so many axles that fit none */
#define FASTER 1.32f   /* 3.7 m of three axles in 2.8 m of two */
#define MIDDLES 0.05f  /* loss of fit that middle wheels may bring: vehicles that have them vary more */
#define SURER 0.01f    /* gain of fit for which the axles of the other channel are taken */
#define KNOWN_FIT 0.5f   /* least fit to known vehicles; steps and blows that happen to stand like axles seldom reach it ... */
#define STRANGE_AXLES 16u  /* ... and of a train of unknown ones the least number of axles ... */
#define STRANGE_ORDER 0.9f /* ... and the least order times coverage; nothing else comes near for so long */
#define SURE_FIT 0.75f     /* no steps and blows do; then a train may be uneven, and miss an axle in a gap of the samples, ... */
#define SURE_BOWLS_MIN 0.8f /* ... which takes its share of the energy with it */
#define EMPTY_LIMITS 3u
#define SPOTS_M_S 16.0f /* speed for which clipped spots are told apart */
#define SPOTS_S 0.7f   /* the shortest trains that are told by them */
#define SHORT_TRAIN 8u /* axles: fewer are one vehicle ... */
#define LONELY 0.1f    /* an order that the next best trial speed does not see at this share is twice as likely chance */
#define EVEN 1.2f      /* ... whose wheelbases differ by no more than this */
#define LIMITS 12u /* size limits, half an octave apart, below the second largest candidate */

/* Adds a proposal or improves the one like it. The worst gives way when there are too many. */
static void propose(fb_proposal *all, const fb_proposal *p) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < FB_PROPOSALS; i++) {
        if (all[i].n == p->n && all[i].channel == p->channel) {
            const float second = all[i].second, first = all[i].value;
            if (p->value > first) {
                all[i] = *p;
                all[i].second = first;
            } else if (p->value > second) {
                all[i].second = p->value;
            }
            return;
        }
        if (all[i].value < all[at].value) at = i;
    }
    if (p->value > all[at].value) all[at] = *p;
}

/* All size limits of one trial. The proposals of one trial are compared first: several limits may give the same count. */
static void propose_trial(fb_proposal *all, const fb_axles *a, fb_channel channel, uint32_t k, float frame_hz) {
    const float top = fb_axles_top(a);
    uint32_t before = 0, unchanged = 0;
    float trust = 1.0f;
    for (uint32_t limit = 1; limit <= LIMITS; limit++) {
        fb_proposal p = {.channel = channel, .speed = k, .limit = limit};
        p.order = fb_geometry(a, top - 0.5f * (float)limit, fb_trial_speed(k), frame_hz, &p.n);
        if (p.n == before) unchanged++;
        if (p.n == before || p.order <= 0.0f) continue;
        /* Below a wide empty range of sizes come echoes and single stones rather than wheels. Bowls of empty wagons may be that small. */
        if (channel == FB_IMPACT && before >= FB_AXLES_MIN && unchanged >= EMPTY_LIMITS) trust = 0.75f;
        before = p.n;
        unchanged = 0;
        p.value = trust * fourth(p.order) * fb_sqrt((float)p.n);
        propose(all, &p);
    }
}

/* --- speed ---------------------------------------------------------------------------------------- */

/* In-bogie distances that are common in Europe, m: Y25 freight, light and metro bogies, coaches, locomotives. */
static const float wheelbase[] = {1.8f, 2.0f, 2.5f, 2.56f, 2.6f, 2.8f, 3.0f};
#define WHEELBASES (sizeof wheelbase / sizeof wheelbase[0])

/* How badly the in-bogie gaps fit the known wheelbases at this speed: mean of limited squared log2 errors. */
static float misfit(const fb_axles *a, float speed, float frame_hz, uint32_t *pairs) {
    float sum = 0.0f;
    *pairs = 0;
    for (uint32_t i = 1; i < a->n; i++) {
        const float gap = (a->t[i] - a->t[i - 1u]) * speed / frame_hz;
        if (gap < FB_WHEELBASE_MIN_M || gap > FB_WHEELBASE_MAX_M) continue;
        float least = 0.01f; /* (0.1 octave)^2 */
        for (uint32_t w = 0; w < WHEELBASES; w++) {
            const float e = fb_log2(gap / wheelbase[w]);
            if (e * e < least) least = e * e;
        }
        sum += least;
        ++*pairs;
    }
    return *pairs ? sum / (float)*pairs : 1.0f;
}

/* Speed of a train of unknown vehicles: near `guess` (+-25 %) where its bogies fit known wheelbases best; deviation from the guess costs. */
static float wheelbase_speed(const fb_axles *a, float guess, float frame_hz, uint32_t *bogies) {
    float least = 1.0e9f, best = 0.0f;
    uint32_t pairs = 0;
    for (int32_t i = -16; i <= 16; i++) {
        const float octaves = 0.02f * (float)i;
        const float v = guess * (i < 0 ? 1.0f / (1.0f - 0.7f * octaves) : 1.0f + 0.7f * octaves);
        const float cost = misfit(a, v, frame_hz, &pairs) + 0.01f * octaves * octaves;
        if (cost >= least) continue;
        least = cost;
        best = v;
        *bogies = pairs;
    }
    return *bogies ? best : 0.0f;
}

/* Speed and its quality. Returns how well known vehicles fit, 0 ... 1. */
static float measure(fb_train *t, float guess, float frame_hz) {
    uint32_t bogies = 0;
    float fit;
    t->speed = fb_vehicle_speed(&t->best, guess, frame_hz, &bogies, &fit);
    if (4u * bogies < t->best.n) t->speed = wheelbase_speed(&t->best, guess, frame_hz, &bogies); /* less than half its axles known */
    t->quality = bogies == 0 ? FB_SPEED_NONE : (bogies == 1u ? FB_SPEED_SINGLE : FB_SPEED_CONSISTENT);
    return fit;
}

/* Share of the energy above rest that lies within a few metres of the axles, of the impacts or of the bowls. Between its bogies, before
 * and after it a train is quiet; footsteps that happen to stand like axles are some of many, peaks of a rumble are as well, and so are the
 * loaded axles of a train that has empty ones too. */
static float coverage(const fb_history *h, const fb_axles *a, fb_channel channel, float speed, float frame_hz, const fb_rest *rest) {
    const float reach = COVER_M * frame_hz / speed, level = channel == FB_BOWL ? rest->lf : rest->env, floor = 4.0f * level * level;
    float near = 0.0f, all = 0.0f;
    uint32_t next = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const float t = (float)i + 0.5f, late = channel == FB_BOWL ? FB_LOWPASS_DELAY_S * frame_hz : 0.0f;
        const float x = channel == FB_BOWL ? FB_LF_LSB * (float)fb_history_lf(h, (int32_t)i) : fb_env_value(h->env[fb_history_slot(h, i)]);
        const float power = x * x - floor;
        if (power <= 0.0f) continue;
        while (next < a->n && a->t[next] + late + reach < t) next++;
        if (next < a->n && a->t[next] + late - reach <= t) near += power;
        all += power;
    }
    return all > 0.0f ? near / all : 0.0f;
}

/* The axles of a proposal, found with filters for a speed. */
static void axles_of(fb_axles *out, const fb_proposal *p, float speed, const fb_history *h, float frame_hz, const fb_rest *rest) {
    fb_matched m;
    fb_matched_design(&m, p->channel, speed, frame_hz);
    fb_axles_find(out, h, &m, rest);
    fb_axles_above(out, fb_axles_top(out) - 0.5f * (float)p->limit);
    if (p->channel == FB_BOWL) fb_axles_drop_echoes(out);
}

/* The proposal to believe: the best few by their order are compared with their coverage and with how well known vehicles fit. Of unknown
 * vehicles none fits, and nothing is lost. like: the best of those behind it with as many axles in the other channel; n is 0 without one. */
static fb_proposal believed(fb_train *t, fb_proposal *all, const fb_history *h, float frame_hz, const fb_rest *rest, fb_proposal *like) {
    fb_proposal best = {0};
    *like = (fb_proposal){0};
    float most = 0.0f;
    for (uint32_t round = 0; round < FINALISTS; round++) {
        fb_proposal *p = &all[0];
        for (uint32_t i = 1; i < FB_PROPOSALS; i++)
            if (all[i].value + all[i].second > p->value + p->second) p = &all[i];
        if (p->value <= 0.0f) break;
        axles_of(&t->best, p, fb_trial_speed(p->speed), h, frame_hz, rest);
        const float cover = coverage(h, &t->best, FB_IMPACT, fb_trial_speed(p->speed), frame_hz, rest);
        uint32_t bogies;
        float fit;
        fb_vehicle_speed(&t->best, fb_trial_speed(p->speed), frame_hz, &bogies, &fit);
        const float value = (p->value + p->second) * fourth(cover) * (0.25f + fit * fit);
        const fb_proposal seen = *p;
        if (value > most) {
            if (best.n == seen.n) *like = best;
            most = value;
            best = seen;
            t->cover = cover;
        } else if (like->n != best.n && seen.n == best.n) {
            *like = seen;
        }
        p->value = p->second = 0.0f;
    }
    if (like->n != best.n) like->n = 0;
    return best;
}

/* Are all gaps within bogies alike? Of one vehicle they are; what passes for a short train by chance seldom has that as well. */
static bool even(const fb_axles *a, float longest) {
    float least = 1.0e9f, most = 0.0f;
    for (uint32_t i = 0; i + 1u < a->n; i++) {
        if (!fb_axles_joined(a, i, longest)) continue;
        const float gap = a->t[i + 1u] - a->t[i];
        if (gap < least) least = gap;
        if (gap > most) most = gap;
    }
    return most <= EVEN * least;
}

/* Speed as measured, or the guess where it is not. */
static float speed_or(const fb_train *t, float guess) {
    return t->speed > 0.0f ? t->speed : guess;
}

/* Many trial speeds find the few bowls of a short train: those of the measured speed stand better. fit: before; returns that after. */
static float find_again(fb_train *t, const fb_proposal *p, const fb_history *h, float frame_hz, const fb_rest *rest, float fit) {
    const float guess = fb_trial_speed(p->speed), speed = t->speed;
    if (p->channel != FB_BOWL || t->best.n >= SHORT_TRAIN || speed <= 0.0f) return fit;
    t->work.other = t->best;
    axles_of(&t->best, p, speed, h, frame_hz, rest);
    const float again = t->best.n == t->work.other.n ? measure(t, guess, frame_hz) : 0.0f;
    if (again >= fit - SPOILT) return again;
    t->best = t->work.other;
    return measure(t, guess, frame_hz);
}

/* Adds the middle wheels of three-axle bogies if that makes the train about as much like known ones. fit: how well those fit so far.
 * Returns how well they do. A bogie of three that was taken for one of two is longer, and its train faster. */
static float add_middles(fb_train *t, const fb_history *h, float guess, float frame_hz, const fb_rest *rest, float fit) {
    const float speed = speed_or(t, guess);
    fb_matched m;
#ifdef FB_DEFECT_CO_CO_REJECTED
    return fit;
#endif
    if (t->channel != FB_BOWL) return fit;
    fb_matched_design(&m, FB_IMPACT, FASTER * speed, frame_hz);
    fb_axles_find(&t->work.other, h, &m, rest);
    if (!fb_axles_add_middles(&t->best, &t->work.other, speed, frame_hz)) return fit;
    const float with = measure(t, guess, frame_hz);
    if (with > fit - MIDDLES) return with;
    fb_axles_drop_middles(&t->best);
    return measure(t, guess, frame_hz);
}

/* The axles of a proposal, sharpened, and their speed. Returns how well known vehicles fit; first: how well they did before. */
static float take_axles(fb_train *t, const fb_proposal *p, const fb_history *h, float frame_hz, const fb_rest *rest, float *first) {
    const float guess = fb_trial_speed(p->speed);
    t->channel = p->channel;
    axles_of(&t->best, p, guess, h, frame_hz, rest);
    const float found = find_again(t, p, h, frame_hz, rest, measure(t, guess, frame_hz));
    const float fit = add_middles(t, h, guess, frame_hz, rest, found), speed = t->speed;
    *first = fit;
    t->work.other = t->best;
    fb_axles_sharpen(&t->best, h, t->channel, speed_or(t, guess), frame_hz);
    const float sharp = measure(t, guess, frame_hz), change = t->speed / (speed > 0.0f ? speed : guess);
    /* Neighbours push their bowls together, and a speed that was too low goes up; down it goes with bounces, to other vehicles. */
    if (sharp >= fit - (change < SLOWER ? UNLIKELIER / (float)t->best.n : SPOILT)) return sharp;
    t->best = t->work.other; /* wheels that bounce strike again: no vehicle stands like that */
    return measure(t, guess, frame_hz);
}

/* By its axles. */
static void judge_axles(fb_train *t, const fb_history *h, float frame_hz, const fb_rest *rest, bool cut) {
    fb_proposal *all = t->work.all;
    fb_matched m;
    for (uint32_t i = 0; i < FB_PROPOSALS; i++) all[i] = (fb_proposal){0};
    t->train = false;
    t->speed = 0.0f;
    t->quality = FB_SPEED_NONE;
    t->cover = 0.0f;
    for (uint32_t k = 0; k < fb_trial_speeds(); k++) {
        for (fb_channel channel = cut ? FB_IMPACT : FB_BOWL; channel < FB_CHANNELS; channel++) {
            fb_matched_design(&m, channel, fb_trial_speed(k), frame_hz);
            fb_axles_find(&t->best, h, &m, rest);
            propose_trial(all, &t->best, channel, k, frame_hz);
        }
    }
    fb_proposal like;
    const fb_proposal p = believed(t, all, h, frame_hz, rest, &like);
    t->order = p.order;
    t->best.n = 0;
    /* A few axles in order may be chance, many are not. */
#ifdef FB_DEFECT_LIGHT_ENGINE_MISSED
    if (p.n < SHORT_TRAIN) return; /* too few to be sure */
#endif
    const float chance = (p.second < LONELY * p.value ? 2.0f : 1.0f) / (float)p.n;
    if (p.n < FB_AXLES_MIN || t->order * t->cover < FB_ORDER_MIN + chance) return;
    t->train = true;
    float guess = fb_trial_speed(p.speed);
    float first, ignored, fit = take_axles(t, &p, h, frame_hz, rest, &first);
    if (like.n > 0) { /* both channels see as many wheels: those that stand more like known vehicles are better placed */
        const float other = take_axles(t, &like, h, frame_hz, rest, &ignored);
        const bool bowls = cut || coverage(h, &t->best, FB_BOWL, speed_or(t, guess), frame_hz, rest) >= BOWLS_MIN;
        if (other > fit + SURER && other > first && bowls) {
            guess = fb_trial_speed(like.speed);
            fit = other;
        } else {
            take_axles(t, &p, h, frame_hz, rest, &ignored);
        }
    }
    /* At a speed that is too low the wheels of a bogie would seem too close for two. */
    fb_matched_design(&m, t->channel == FB_BOWL ? FB_IMPACT : FB_BOWL, t->speed > guess ? t->speed : guess, frame_hz);
    fb_axles_find(&t->work.other, h, &m, rest);
    if (fb_axles_complete(&t->best, &t->work.other, speed_or(t, guess), frame_hz)) measure(t, guess, frame_hz);
    const float bowls = coverage(h, &t->best, FB_BOWL, speed_or(t, guess), frame_hz, rest);
    const bool slow = t->speed > 0.0f && t->speed < FB_SPEED_MIN, known = fit >= KNOWN_FIT && !slow;
    const bool strange = t->best.n >= STRANGE_AXLES && t->order * t->cover >= STRANGE_ORDER;
    if (cut ? !known : bowls < (fit >= SURE_FIT ? SURE_BOWLS_MIN : BOWLS_MIN) || !(known || strange)) t->train = false;
    if (t->best.n < SHORT_TRAIN && fit < SURE_FIT && !even(&t->best, FB_WHEELBASE_MAX_M / guess * frame_hz)) t->train = false;
}

/* Clipped beyond that: by the spots in which it shook as hard as an eighth of the range. */
static void judge_spots(fb_train *t, const fb_history *h, float frame_hz, const fb_rest *rest, float cut) {
    fb_matched m;
    fb_matched_design(&m, FB_IMPACT, SPOTS_M_S, frame_hz);
    fb_axles_find(&t->best, h, &m, rest);
    fb_axles_above(&t->best, fb_log2(0.125f * cut / FB_ENV_FLOOR));
    const uint32_t n = t->best.n;
    t->train = n >= FB_AXLES_MIN && t->best.t[n - 1u] - t->best.t[0] > SPOTS_S * frame_hz;
    t->channel = FB_IMPACT;
    t->speed = 0.0f;
    t->quality = FB_SPEED_NONE;
}

void fb_train_judge(fb_train *t, const fb_history *h, float frame_hz, const fb_rest *rest, float cut) {
    judge_axles(t, h, frame_hz, rest, cut > 0.0f);
    if (!t->train && cut > 0.0f) judge_spots(t, h, frame_hz, rest, cut);
}
