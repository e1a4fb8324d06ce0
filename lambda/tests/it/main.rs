//! Integration tests of the package: one crate, one module per subject.

mod openapi;
mod reading;
mod recordings;
