//! How the condition of a turnout changes over time.
