//! Blosc's own compressor.

/// Matches of `BloscLZ` that are further back than this have two more bytes.
const BLOSCLZ_NEAR: usize = 8191;

/// A stream of Blosc's own compressor (c-blosc `blosclz.c`): runs of up to 32 bytes as they are, and
/// matches with what was before.
pub fn blosclz(bytes: &[u8], size: usize) -> Result<Vec<u8>, String> {
    const EARLY: &str = "BloscLZ data end early";
    let mut rest = bytes.iter().copied();
    let mut next = || rest.next().map(usize::from).ok_or_else(|| EARLY.to_owned());
    let mut out = Vec::new();
    let mut control = next()? & 31;
    loop {
        if control < 32 {
            for _ in 0..=control {
                out.push(u8::try_from(next()?).unwrap_or_default());
            }
        } else {
            let mut length = (control >> 5) - 1;
            if length == 6 {
                loop {
                    let more = next()?;
                    length += more;
                    if more != 255 || length > size {
                        break;
                    }
                }
            }
            let (high, low) = ((control & 31) << 8, next()?);
            let far = high == 31 << 8 && low == 255;
            let back = if far { (next()? << 8) + next()? + BLOSCLZ_NEAR } else { high + low } + 1;
            let from = out.len().checked_sub(back).ok_or("a BloscLZ match begins before the data")?;
            for at in from..from + length + 3 {
                out.push(out[at]);
            }
        }
        if out.len() > size {
            return Err(format!("BloscLZ data hold more than {size} bytes"));
        }
        let Ok(following) = next() else { return Ok(out) };
        control = following;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams written by hand after the description in c-blosc's `blosclz.c`.
    #[test]
    fn blosclz_copies_what_was_before() {
        let near = [3, b'a', b'b', b'c', b'd', 6 << 5, 3];
        assert_eq!(blosclz(&near, 12), Ok(b"abcdabcdabcd".to_vec()));
        // Six and ten more, and always three: nineteen of the last byte.
        let run = [0, b'x', 7 << 5, 10, 0];
        assert_eq!(blosclz(&run, 20), Ok(b"x".repeat(20)));
        // Farther than 8,191 bytes back: two more bytes.
        let mut far: Vec<u8> = (0..=255).flat_map(|run: u8| [vec![31], vec![run; 32]].concat()).collect();
        far.splice(..1, [31]);
        let whole = 256 * 32;
        far.extend([2 << 5 | 31, 255, 0, 0]);
        let decoded = blosclz(&far, whole + 4).expect("decodes");
        assert_eq!((decoded.len(), &decoded[whole..]), (whole + 4, &[0, 0, 0, 0][..]));
        // Cut, too long, or pointing before the data.
        for cut in 0..near.len() {
            assert!(blosclz(&near[..cut], 12).map_or(true, |out| out.len() < 12), "{cut} bytes");
        }
        assert!(blosclz(&near, 11).is_err());
        assert!(blosclz(&[0, b'x', 2 << 5, 1], 9).is_err());
    }
}
