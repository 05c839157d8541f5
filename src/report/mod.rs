//! What a run shows: terminal summary, JSON, JUnit, tables.
