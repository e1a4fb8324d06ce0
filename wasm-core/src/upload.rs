//! An upload as a machine: it says what to do next, and takes what came of it.
//!
//! Which chunks are missing, which rows are packed and how hard, what is signed, sent, tried again or given
//! up is decided here. The machine reads nothing, sends nothing and knows no clock: [`Upload::next`] gives
//! steps, and whoever carries them reports each once. Times are milliseconds of any clock that goes forward.

mod answer;
mod levels;
mod line_rate;
mod machine;
mod missing;
mod retry;
mod step;

pub use answer::Answer;
pub use levels::{Levels, choose, n_packers};
pub use line_rate::LineRate;
pub use machine::Upload;
pub use missing::Row;
pub use retry::{Retry, TRIES, pause_ms};
pub use step::{Counts, Ended, Limit, Line, Packed, Step, Wants};
