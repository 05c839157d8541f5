//! The bench link: frames, codec and messages.
