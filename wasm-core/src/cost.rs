//! The cost of work on AWS at list price: the uses of paid services, and the bill.
//!
//! Offers, receipts and the comparison of regions have one model: [`Work`] is a run, [`upload`],
//! [`keep`] and [`view`] are what comes before and after it, each a list of [`Use`]s that a
//! [`Bill`] prices with the [`Prices`] of a region. `docs/costs.md` counts an example by hand.
//!
//! AWS's free allowances are not taken off, failed and repeated work is not added.

mod bill;
mod prices;
mod uses;
mod work;
mod workload;

pub use bill::{Bill, Line, Stage, Use};
pub use prices::{PAID, Paid, Prices};
pub use uses::{keep, packed_gb, upload, view};
pub use work::{ANALYSE_GB, EVENTS_PER_OBJECT, Fetching, PLAN_GB, REDUCE_GB, WRITES_OF_A_RUN, Work};
pub use workload::{Workload, WorkloadError};

use crate::recording::StreamInfo;

/// The expected cost of the upload of a recording and of its first run, in US dollars.
#[must_use]
pub fn upload_and_run_usd(info: &StreamInfo, prices: &Prices) -> f64 {
    let uses = [upload(info), Work::expected(info).uses()].concat();
    Bill::new(&uses, prices).total()
}

/// The cost of keeping so many bytes for a month, in US dollars.
#[must_use]
pub fn month_usd(stored_bytes: f64, prices: &Prices) -> f64 {
    prices.usd(Paid::StorageGbMonth, stored_bytes / 1e9)
}
