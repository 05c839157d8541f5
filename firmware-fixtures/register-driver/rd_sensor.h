/* A sensor driver: identity, set-up, FIFO. SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef RD_SENSOR_H
#define RD_SENSOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RD_BATCH_MAX 256u /* samples of one FIFO read */

typedef enum { RD_OK, RD_BUS_ERROR, RD_WRONG_IDENTITY, RD_NOT_ACCEPTED } rd_status;

/* What the driver set up. */
typedef struct {
    const char *name;
    uint32_t rate_mhz;            /* nominal data rate */
    uint32_t scale_nm_s2_per_lsb; /* 1e-9 m/s2 per count */
    uint32_t range_mm_s2;
    uint8_t bits;                 /* 16 or 24: width that holds a count */
    uint8_t identity;             /* as read */
} rd_sensor_info;

/* One FIFO read. */
typedef struct {
    uint32_t n;
    bool overrun;         /* samples were lost before this batch */
    uint32_t misaligned;  /* entries dropped because their axis mark was wrong */
    int32_t xyz[3u * RD_BATCH_MAX];
} rd_batch;

/* Resets, identifies and configures the part and starts it. range_g: 2, 4, 8 or 16 where the part has it. */
rd_status rd_sensor_start(unsigned range_g, rd_sensor_info *info);
/* Takes a batch once the FIFO has reached its watermark; n is 0 if it has not. */
rd_status rd_sensor_read(rd_batch *batch);
/* Temperature in 0.01 degC. */
rd_status rd_sensor_temperature(int16_t *cdeg);

#endif
