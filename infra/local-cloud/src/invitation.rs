//! The invitation that the local cloud makes for whoever started it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use lambda::invitations::owner::{InviteError, make, widest};
use lambda::invitations::{Secret, find, is_code, state};
use lambda::random::sha256_hex;
use lambda::store::Store;
use lambda::time::{SECONDS_PER_DAY, now_s};

/// Name of the file beside the objects that keeps its code: the same link works after a new start.
const FILE: &str = "invitation";

/// Days and runs that must be left, or the next start makes a new one.
const LEAST_DAYS: u64 = 7;
const LEAST_RUNS: u64 = 500;

/// The code: the one that an earlier start kept, while it serves, or a new one.
pub async fn own(store: &Store, folder: &Path) -> Result<Secret, InviteError> {
    let file = folder.join(FILE);
    if let Ok(code) = std::fs::read_to_string(&file)
        && is_code(&code)
        && serves(store, &code).await?
    {
        return Ok(code.into());
    }
    let code = make(store, widest("This computer")).await?;
    // For nobody but whoever started it.
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file);
    opened.and_then(|mut opened| opened.write_all(code.reveal().as_bytes()))?;
    Ok(code)
}

async fn serves(store: &Store, code: &str) -> Result<bool, InviteError> {
    let hash = sha256_hex(code);
    let Some(invitation) = find(store, &hash).await? else { return Ok(false) };
    if invitation.why_closed(now_s() + LEAST_DAYS * SECONDS_PER_DAY).is_some() {
        return Ok(false);
    }
    let (_, runs) = state(store, &hash, invitation).await?.left();
    Ok(runs >= LEAST_RUNS)
}
