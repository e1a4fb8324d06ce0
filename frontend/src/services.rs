//! What the screens use: workers, the cloud, this browser's memory.

pub mod address;
pub mod analysis;
pub mod cloud;
pub mod drop;
pub mod early;
pub mod fingerprint;
pub mod invitation;
pub mod kept;
pub mod keys;
pub mod latency;
pub mod leaving;
pub mod line;
pub mod memory;
pub mod noise_memory;
pub mod pool;
pub mod region;
pub mod results;
pub mod runs;
pub mod session;
pub mod shares;
pub mod store;
mod transfer;
pub mod upload;
pub mod uploaded;
pub mod work;
mod worker;
