//! LZF as h5py writes it, decoded piece by piece: runs of literals, and copies of what lies behind.

/// Farthest distance of a copy.
const REACH: usize = 1 << 13;
/// Decoded bytes that are held before old ones are let go.
const HELD: usize = 1 << 16;
/// Most bytes that one step decodes.
const MAX_STEP: usize = 264;
/// Most bytes of one step's code.
pub const MAX_CODE: usize = 33;

/// A decoder that can be copied, and then goes on from where it was.
#[derive(Clone, Default)]
pub struct Lzf {
    /// The last decoded bytes.
    held: Vec<u8>,
    /// Bytes at the end of `held` that were not given out yet.
    n_waiting: usize,
}

impl Lzf {
    /// Decodes some of `code` into `out`; returns the bytes taken and the bytes written. Stops
    /// where `out` is full, or where the rest of `code` may not hold a whole step and is not
    /// the end.
    pub fn decode(&mut self, code: &[u8], is_end: bool, out: &mut [u8]) -> Result<(usize, usize), String> {
        let (mut taken, mut written) = (0, self.give(out));
        while written < out.len() {
            let rest = &code[taken..];
            if rest.is_empty() || (!is_end && rest.len() < MAX_CODE) {
                break;
            }
            let wanted = (out.len() - written).saturating_add(MAX_STEP).min(HELD);
            let before = self.held.len();
            while self.held.len() - before < wanted {
                let rest = &code[taken..];
                if rest.is_empty() || (!is_end && rest.len() < MAX_CODE) {
                    break;
                }
                taken += self.step(rest)?;
            }
            self.n_waiting = self.held.len() - before;
            written += self.give(&mut out[written..]);
        }
        Ok((taken, written))
    }

    /// Decodes one step; returns the bytes of its code.
    fn step(&mut self, code: &[u8]) -> Result<usize, String> {
        let end = || "LZF data end early".to_owned();
        let control = usize::from(code[0]);
        if control < 32 {
            self.held.extend_from_slice(code.get(1..control + 2).ok_or_else(end)?);
            return Ok(control + 2);
        }
        let mut length = control >> 5;
        let mut at = 1;
        if length == 7 {
            length += usize::from(*code.get(at).ok_or_else(end)?);
            at += 1;
        }
        let distance = ((control & 31) << 8) + usize::from(*code.get(at).ok_or_else(end)?) + 1;
        let start = self.held.len().checked_sub(distance).ok_or("compressed data refer to bytes before their start")?;
        let length = length + 2;
        if distance >= length {
            self.held.extend_from_within(start..start + length);
        } else {
            for from in start..start + length {
                self.held.push(self.held[from]);
            }
        }
        Ok(at + 1)
    }

    /// Gives out what waits, and lets go what no copy can reach any more.
    fn give(&mut self, out: &mut [u8]) -> usize {
        let n = self.n_waiting.min(out.len());
        let first = self.held.len() - self.n_waiting;
        out[..n].copy_from_slice(&self.held[first..first + n]);
        self.n_waiting -= n;
        let kept = REACH.max(self.n_waiting);
        if self.held.len() > HELD + kept {
            self.held.drain(..self.held.len() - kept);
        }
        n
    }

    /// A copy that holds no more than it must.
    #[must_use]
    pub fn small_copy(&self) -> Self {
        let kept = REACH.max(self.n_waiting).min(self.held.len());
        Self { held: self.held[self.held.len() - kept..].to_vec(), n_waiting: self.n_waiting }
    }
}
