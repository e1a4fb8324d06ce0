//! Integration tests of the package: one crate, one module per subject.

mod announced;
mod command_line;
mod counting_s3;
mod exports;
mod field_potentials;
mod going_on;
mod interpreters;
mod meanwhile;
mod openapi;
mod plates;
mod reading;
mod recordings;
mod regions;
mod roles;
#[path = "../../../tests/shared.rs"]
mod shared;
mod store;
mod stored_objects;
mod wallet;
