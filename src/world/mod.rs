//! The Bevy world: turnouts and devices as entities, one plugin per stage.
