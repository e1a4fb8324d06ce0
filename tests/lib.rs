//! End-to-end tests; see `it/main.rs`.
