//! LZF, a compressor of HDF5.

use super::MAX_CHUNK_BYTES;

/// LZF as h5py writes it: runs of literals, and copies of what lies behind.
pub fn lzf(bytes: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let end = || "LZF data end early".to_owned();
    let limit = size.min(MAX_CHUNK_BYTES);
    let mut out: Vec<u8> = Vec::with_capacity(limit.min(bytes.len().saturating_mul(4)));
    let mut rest = bytes.iter();
    while let Some(control) = rest.next() {
        let control = usize::from(*control);
        if control < 32 {
            let (run, after) = rest.as_slice().split_at_checked(control + 1).ok_or_else(end)?;
            out.extend_from_slice(run);
            rest = after.iter();
        } else {
            let mut length = control >> 5;
            if length == 7 {
                length += usize::from(*rest.next().ok_or_else(end)?);
            }
            let distance = ((control & 31) << 8) + usize::from(*rest.next().ok_or_else(end)?) + 1;
            copy_back(&mut out, distance, length + 2)?;
        }
        if out.len() > limit {
            return Err(format!("LZF data hold more than the {limit} bytes of a chunk"));
        }
    }
    Ok(out)
}

fn copy_back(out: &mut Vec<u8>, distance: usize, length: usize) -> Result<(), String> {
    let start = out.len().checked_sub(distance).ok_or("compressed data refer to bytes before their start")?;
    for at in start..start + length {
        out.push(out[at]);
    }
    Ok(())
}
