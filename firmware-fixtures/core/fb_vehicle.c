#include "fb_vehicle.h"

/* Distances, m, and how much they vary from type to type. */
typedef struct {
    float mean, sd;
} distance;

/* Two bogies of `axles` axles. Coaches and cars 2.5-2.56 m and bogies 17-20 m apart, motor cars with 2.7 m, locomotives of four and six
 * axles, wagons on Y25 bogies with bogies 10-14.5 m apart. inner: last axle of the front bogie to first axle of the rear one;
 * coupling: last axle to first axle of the same vehicle behind; fastest: usual, m/s; rare: handicap. */
static const struct {
    uint32_t axles;
    distance front, inner, rear;
    float coupling, fastest, rare;
} kind[] = {
    {2, {2.8f, 0.15f}, {7.6f, 0.9f}, {2.8f, 0.15f}, 4.7f, 65.0f, 2.0f}, /* locomotive */
    {3, {1.95f, 0.15f}, {8.3f, 1.2f}, {1.95f, 0.15f}, 4.8f, 40.0f, 4.0f}, /* six-axle locomotive */
    {2, {2.52f, 0.05f}, {16.6f, 0.8f}, {2.52f, 0.05f}, 4.6f, 90.0f, 0.0f}, /* coach */
    {2, {2.7f, 0.05f}, {15.2f, 0.8f}, {2.6f, 0.1f}, 4.3f, 90.0f, 0.0f},  /* motor car */
    {2, {1.8f, 0.04f}, {8.6f, 1.0f}, {1.8f, 0.04f}, 3.4f, 33.4f, 0.0f},  /* freight wagon, short */
    {2, {1.8f, 0.04f}, {12.4f, 1.0f}, {1.8f, 0.04f}, 3.7f, 33.4f, 0.0f}, /* freight wagon, long */
};
#define KINDS (sizeof kind / sizeof kind[0])
#define COUPLING_SD_M 0.6f
#define TIME_SD_S 0.003f    /* of a gap as detected */
#define REFERENCE_SD_S 0.01f /* of a gap that costs nothing */
#define SKIP_COST 16.0f      /* of an axle that belongs to no vehicle */
#define STEP 0.01f           /* between trial speeds */

/* A distance as a gap in time at one speed: mean, 1/variance, and the price of its breadth. */
typedef struct {
    float mean, weight, breadth;
} gap;

static gap gap_at(distance d, float speed) {
    const float spread = d.sd / speed, variance = spread * spread + TIME_SD_S * TIME_SD_S;
    return (gap){d.mean / speed, 1.0f / variance, 0.693147f * fb_log2(variance / (REFERENCE_SD_S * REFERENCE_SD_S))};
}

/* -2 log likelihood. */
static float cost(const gap *g, float seconds) {
    const float miss = seconds - g->mean;
    return miss * miss * g->weight + g->breadth;
}

typedef struct {
    gap front, inner, rear, coupling[KINDS]; /* coupling: behind a vehicle of each kind */
    float base;
} expected;

static void expect(expected *e, uint32_t k, float speed) {
    const float over = 0.5f * (speed - kind[k].fastest);
    e->front = gap_at(kind[k].front, speed);
    e->inner = gap_at(kind[k].inner, speed);
    e->rear = gap_at(kind[k].rear, speed);
    for (uint32_t j = 0; j < KINDS; j++)
        e->coupling[j] = gap_at((distance){0.5f * (kind[j].coupling + kind[k].coupling), COUPLING_SD_M}, speed);
    e->base = kind[k].rare + (over > 0.0f ? over * over : 0.0f);
}

/* Number of axles in the bogie that starts with axle i. */
static uint32_t bogie(const fb_axles *a, uint32_t i, float longest) {
    uint32_t n = 1;
    while (i + n < a->n && fb_axles_joined(a, i + n - 1u, longest)) n++;
    return n;
}

static float bogie_cost(const fb_axles *a, uint32_t i, uint32_t n, const gap *g, float frame_s) {
    float sum = 0.0f;
    for (uint32_t j = 1; j < n; j++) sum += cost(g, (a->t[i + j] - a->t[i + j - 1u]) * frame_s);
    return sum;
}

/* Best way to get to a place in the train: its cost and the bogies in vehicles, by the kind of the last vehicle (KINDS: none). */
typedef struct {
    float cost[KINDS + 1u];
    uint16_t bogies[KINDS + 1u];
} place;

static void unreached(place *p) {
    for (uint32_t k = 0; k <= KINDS; k++) p->cost[k] = 1.0e30f;
}

static void reach(place *p, uint32_t k, float value, uint32_t bogies) {
    if (value >= p->cost[k]) return;
    p->cost[k] = value;
    p->bogies[k] = (uint16_t)bogies;
}

static uint32_t cheapest(const place *p) {
    uint32_t best = KINDS;
    for (uint32_t k = 0; k < KINDS; k++)
        if (p->cost[k] < p->cost[best]) best = k;
    return best;
}

/* Cost of the best division into vehicles at a trial speed. longest: frames between axles of a bogie. */
static float divide(const fb_axles *a, float speed, float frame_s, float longest, uint32_t *bogies) {
    expected e[KINDS];
    place here, next, after; /* before the present bogie, behind it, behind the one after it */
    for (uint32_t k = 0; k < KINDS; k++) expect(&e[k], k, speed);
    unreached(&here);
    unreached(&next);
    reach(&here, KINDS, 0.0f, 0);
    for (uint32_t i = 0, n; i < a->n; i += n) {
        const uint32_t from = cheapest(&here);
        unreached(&after);
        n = bogie(a, i, longest);
        reach(&next, KINDS, here.cost[from] + SKIP_COST * (float)n, here.bogies[from]);
        const uint32_t rear = i + n < a->n ? bogie(a, i + n, longest) : 0;
        for (uint32_t k = 0; k < KINDS; k++) {
            if (n != kind[k].axles || rear != n) continue;
            const float fit = e[k].base + bogie_cost(a, i, n, &e[k].front, frame_s) + bogie_cost(a, i + n, n, &e[k].rear, frame_s) +
                              cost(&e[k].inner, (a->t[i + n] - a->t[i + n - 1u]) * frame_s);
            for (uint32_t j = 0; j <= KINDS; j++) {
                const float coupled = j < KINDS ? cost(&e[k].coupling[j], (a->t[i] - a->t[i - (i > 0u)]) * frame_s) : 0.0f;
                reach(&after, k, here.cost[j] + coupled + fit, here.bogies[j] + 2u);
            }
        }
        here = next;
        next = after;
    }
    const uint32_t last = cheapest(&here);
    *bogies = here.bogies[last];
    return here.cost[last];
}

float fb_vehicle_speed(const fb_axles *a, float guess, float frame_hz, uint32_t *bogies, float *fit) {
    *fit = 0.0f;
    const float longest = FB_WHEELBASE_MAX_M / guess * frame_hz, frame_s = 1.0f / frame_hz;
    float least = 1.0e30f, best = 0.0f;
    *bogies = 0;
    for (float v = 0.65f * guess; v < 1.75f * guess; v *= 1.0f + STEP) {
        uint32_t n;
        const float value = divide(a, v, frame_s, longest, &n);
        if (value >= least) continue;
        least = value;
        best = v;
        *bogies = n;
    }
    if (*bogies == 0) return 0.0f;
    const float middle = best; /* finer around the best */
    for (int32_t i = -4; i <= 4; i++) {
        uint32_t n;
        const float v = middle * (1.0f + 0.2f * STEP * (float)i), value = divide(a, v, frame_s, longest, &n);
        if (value >= least) continue;
        least = value;
        best = v;
    }
    *fit = fb_limit(1.0f - least / (SKIP_COST * (float)a->n), 0.0f, 1.0f);
    return best;
}
