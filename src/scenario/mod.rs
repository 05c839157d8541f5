//! Scenario files: their model, parsing, diagnostics and schema.
