//! A person's flows in a real browser against the local cloud, one file each.

mod analyse_here;
mod analyses;
mod api;
mod architecture;
mod back;
mod behaviour;
mod big_file;
mod calibration;
mod connection;
mod detections;
mod field_potentials;
mod first_look;
mod formats;
mod go_on;
mod harness;
mod invitation;
mod kept;
mod layers;
mod plain_binary;
mod plate;
mod raster;
mod regions;
mod resume;
mod runs;
mod sensitivity;
mod share;
mod share_file;
#[path = "../shared.rs"]
mod shared;
mod stimulus;
mod stored_spikes;
mod tuning;
