//! One train over one turnout: the coupled vehicle-track model in the time domain.
