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
mod formats;
mod go_on;
mod harness;
mod kept;
mod plain_binary;
mod plate;
mod raster;
mod resume;
mod runs;
mod sensitivity;
mod share;
mod share_file;
mod stimulus;
mod stored_spikes;
mod tuning;
