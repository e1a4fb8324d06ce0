//! The whole cloud in one process on 127.0.0.1, over the real protocols.
//!
//! [`serve`] mounts the site, the API that Lambda runs, and an S3 server over a folder;
//! `engine` runs the state machine that AWS Step Functions runs, from the same file, and `states`
//! answers the API in Step Functions' protocol.

mod asl;
mod engine;
mod invitation;
mod policy;
mod s3;
mod server;
mod states;

pub use server::{Answered, Config, Running, StartError, serve};
