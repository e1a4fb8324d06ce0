//! Which objects of an uploaded recording are there, which are lacking, and which will be read together.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};

/// Objects that are brought together: 24 chunks are 72 MB, half of a row of 4,096 channels.
const TOGETHER: usize = 24;
/// Objects that are signed together, see [`wasm_core::api::limits::CHUNKS_PER_REQUEST`].
const SIGNED: usize = wasm_core::api::limits::CHUNKS_PER_REQUEST;

/// What a worker knows of the objects.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Objects that will be read together, in this order.
    announced: Vec<String>,
    /// Objects that were fetched before they are read.
    brought: HashMap<String, Vec<u8>>,
    /// Addresses, each for one read.
    signed: HashMap<String, String>,
    /// Whether the work under way can be done again.
    is_trial: bool,
    lacking: Vec<String>,
}

impl Wanted {
    /// Takes which objects will be read.
    pub fn announce(&mut self, names: Vec<String>) {
        self.announced = names;
    }

    /// Work begins that can be done again: what is not there ends it.
    pub fn begin(&mut self) {
        self.is_trial = true;
        self.lacking.clear();
    }

    /// It has ended, and lacked these.
    pub fn end(&mut self) -> Vec<String> {
        self.is_trial = false;
        std::mem::take(&mut self.lacking)
    }

    /// An object that was brought; `None` where it must be fetched now.
    ///
    /// # Errors
    /// When the work can be done again once it is there.
    pub fn get(&mut self, name: &str) -> std::io::Result<Option<Vec<u8>>> {
        let brought = self.brought.remove(name);
        if brought.is_some() || !self.is_trial {
            return Ok(brought);
        }
        self.lacking = self.with(name);
        self.lacking.truncate(TOGETHER);
        Err(Error::new(ErrorKind::WouldBlock, "it is not fetched yet"))
    }

    /// An object was fetched. What nobody read makes room.
    pub fn bring(&mut self, name: String, bytes: Vec<u8>) {
        if self.brought.len() >= 2 * TOGETHER {
            self.brought.clear();
        }
        self.brought.insert(name, bytes);
    }

    /// An object and those that are read after it.
    pub fn with(&self, name: &str) -> Vec<String> {
        let known = self.announced.iter().position(|own| own == name);
        let with: Vec<String> = known.map_or_else(Vec::new, |at| self.announced[at..].to_vec());
        let mut with = if with.is_empty() { vec![name.to_owned()] } else { with };
        with.truncate(SIGNED);
        with
    }

    /// Takes addresses, in place of those that are left of others.
    pub fn sign(&mut self, signed: impl Iterator<Item = (String, String)>) {
        self.signed = signed.collect();
    }

    /// Whether an object has an address.
    pub fn is_signed(&self, name: &str) -> bool {
        self.signed.contains_key(name)
    }

    /// The address of an object, for one read.
    pub fn take_signed(&mut self, name: &str) -> Option<String> {
        self.signed.remove(name)
    }

    /// Addresses do not work any more.
    pub fn forget_signed(&mut self) {
        self.signed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|at| format!("traces_seg0/7.{at}")).collect()
    }

    #[test]
    fn a_row_is_lacking_at_once_and_work_goes_on_when_it_is_there() {
        let mut wanted = Wanted::default();
        wanted.announce(names(0..40));
        wanted.begin();
        assert_eq!(wanted.get("traces_seg0/7.3").map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
        let lacking = wanted.end();
        assert_eq!(lacking, names(3..27), "the next ones of the row, and no more than fit the memory");
        for name in lacking {
            wanted.bring(name, vec![1]);
        }
        wanted.begin();
        for name in names(3..27) {
            assert_eq!(wanted.get(&name).ok(), Some(Some(vec![1])), "{name}");
        }
        assert!(wanted.get("traces_seg0/7.27").is_err());
        assert_eq!(wanted.end(), names(27..40));
    }

    #[test]
    fn work_that_cannot_be_done_again_fetches_and_signs_a_row_once() {
        let mut wanted = Wanted::default();
        wanted.announce(names(0..3));
        assert_eq!(wanted.get("traces_seg0/7.0").ok(), Some(None));
        let row = wanted.with("traces_seg0/7.0");
        assert_eq!(row, names(0..3));
        wanted.sign(row.into_iter().map(|name| (name.clone(), format!("https://{name}"))));
        assert_eq!(wanted.take_signed("traces_seg0/7.2").as_deref(), Some("https://traces_seg0/7.2"));
        assert_eq!(wanted.take_signed("traces_seg0/7.2"), None, "an address is used once");
        wanted.forget_signed();
        assert_eq!(wanted.take_signed("traces_seg0/7.1"), None);
        assert_eq!(wanted.with("envelope/000003.1"), ["envelope/000003.1"], "one that nobody announced");
    }
}
