/* Native port: the firmware as a process of the host, talking over file descriptors.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FB_NATIVE_H
#define FB_NATIVE_H

/* Runs the device until BYE or until the other end closes. Returns 0, or 1 if the line failed.
 * Call it once per process: the firmware's memory is static, as on a microcontroller. */
int fb_native_run(int in_fd, int out_fd);

#endif
