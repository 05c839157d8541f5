/* Every number a sensor maker may want to change, in one place. Units are in the names or beside them. */
#ifndef FB_SETTINGS_H
#define FB_SETTINGS_H

/* --- identity ------------------------------------------------------------------------------- */
#ifndef FB_NAME
#define FB_NAME "frogbench-reference"
#endif
#ifndef FB_BUILD
#define FB_BUILD "1.0.0"
#endif

/* --- memory (bytes follow from these; fb_core.h asserts the budget) ---------------------------- */
#define FB_AXES 3
#define FB_RING_SAMPLES 1280u  /* raw pre-trigger ring: 0.32 s at 4 kHz, 9 bytes per sample of three axes */
#define FB_FRAMES 8192u        /* passage history, power of two: 41 s at 200 frames/s before the first folding */
#define FB_AXLES_MAX 384u      /* axles of one passage; more set the truncated flag */
#define FB_RAM_BUDGET 65536u   /* bytes */

/* --- front end ------------------------------------------------------------------------------ */
#define FB_SLOW_HZ 400.0f      /* low-frequency stream, before its boxcar into frames; integer divisor of the rate */
#define FB_LOWPASS_HZ 45.0f    /* fourth order, keeps the wheels' deflection bowls up to 250 km/h */
#define FB_LOWPASS_DELAY_S (0.4158919f / FB_LOWPASS_HZ) /* its delay at low frequencies: (1/Q4A + 1/Q4B) / (2 pi corner) */
#define FB_ENVELOPE_HZ 60.0f   /* second-order high-pass of the impact envelope */
#define FB_LF_LSB 4.0e-3f      /* m/s2 per count of the stored low-frequency channel: +-131 m/s2 */
#define FB_ENV_FLOOR 5.0e-3f   /* m/s2 at code 1 of the stored envelope, 12 codes per octave: up to 1.2e4 m/s2 */
#define FB_KURT_FRAMES 10u     /* 50 ms window of the impact kurtosis, in unfolded frames */
#define FB_OFFSET_TAU_S 4.0f   /* time constant of the offset (gravity, tilt, drift) while idle */
#define FB_LEARN_FRAMES 40u    /* start-up: no wake-up before the offset and the noise have been seen, 0.2 s */

/* --- wake-up and segmentation ------------------------------------------------------------------- */
#define FB_WAKE_RATIO 5.0f       /* wake-up at this multiple of the frame-peak noise floor ... */
#define FB_WAKE_ENV_MIN 0.15f    /* ... but never below this envelope, m/s2 */
#define FB_WAKE_LF_MIN 0.06f     /* ... or this low-frequency acceleration, m/s2 */
#define FB_RELEASE_RATIO 0.5f    /* hysteresis: activity is held down to this share of the wake-up threshold */
#define FB_HOLD_S 4.5f           /* a passage ends after this long without activity: 22 m of vehicle at 5 m/s */
#define FB_PRE_S 2.0f            /* frame history before wake-up given to the axle detection */
#define FB_PASSAGE_MAX_S 160.0f  /* longer ones are cut and flagged */
#define FB_FLOOR_TAU_S 5.0f      /* time constant of the noise floors */

/* --- trains --------------------------------------------------------------------------------------- */
#define FB_BETA_1_M 1.25f        /* installation: 1/characteristic length of the track, 1/m (soft 1.0 ... stiff 1.5) */
#define FB_SPEED_MIN 4.0f        /* m/s */
#define FB_SPEED_MAX 68.0f
#define FB_AXLES_MIN 4u          /* fewer axles are no train */
#define FB_WHEELBASE_MIN_M 1.5f  /* axles of one bogie are at least this far apart ... */
#define FB_WHEELBASE_MAX_M 3.4f  /* ... and at most this far */
#define FB_COUPLING_MIN_M 2.9f   /* ... unless the gap is longer than this, as between close-coupled cars, ... */
#define FB_PARTED 1.2f           /* ... and longer than both its neighbours by this factor */
#define FB_GAP_MAX_M 27.0f       /* no vehicle has a longer stretch without an axle */
#define FB_CUT_S 0.02f           /* a passage with more than this at the end of the range has no deflection bowls left */
#define FB_ORDER_MIN 0.6f        /* least order times coverage of a long train, see fb_speed.h; one over the number of axles more */

/* --- displacement ----------------------------------------------------------------------------------- */
#define FB_LONG_M 40.0f          /* longest wavelength, in distance travelled: twice the length of a vehicle */
#define FB_SHORT_M 1.0f          /* shortest: where the quasi-static response ends (Milosevic et al., Sensors 2022, 22(3), 1012) */
#define FB_SLOWEST_HZ 0.5f       /* below this a MEMS accelerometer's noise is as large as a bearer's displacement */

/* --- health ------------------------------------------------------------------------------------- */
#define FB_HEARTBEAT_S 3600u
#define FB_STUCK_S 60.0f         /* an axis with one constant value for this long is stuck ... */
#define FB_STUCK_LSB_MAX 0.05f   /* ... if one count is finer than this, m/s2 (a coarse part may be still) */

#endif
