//! What a MEMS accelerometer on a bearer puts out.
