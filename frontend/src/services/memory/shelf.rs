//! A list in the browser's storage. Each entry is stored by itself: one that another version of this
//! page wrote and this one cannot read stays where it is, as it holds a key.

use std::cell::RefCell;
use std::thread::LocalKey;

use gloo_storage::{LocalStorage, Storage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is remembered where nothing more can be stored, as in private windows: until the tab is closed.
pub type Unstored<T> = RefCell<Option<Vec<T>>>;

/// A list under a name.
pub struct Shelf<T: 'static> {
    /// Name of the list.
    pub key: &'static str,
    /// The id of an entry.
    pub id: fn(&T) -> &str,
    /// The stand-in where nothing can be stored.
    pub unstored: &'static LocalKey<Unstored<T>>,
}

impl<T: Clone + Serialize + DeserializeOwned + 'static> Shelf<T> {
    /// All entries that this version reads, the newest first.
    pub fn all(&self) -> Vec<T> {
        let stored = || self.stored().into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect();
        self.unstored.with_borrow(Clone::clone).unwrap_or_else(stored)
    }

    /// The entry with this id.
    pub fn get(&self, id: &str) -> Option<T> {
        self.all().into_iter().find(|entry| (self.id)(entry) == id)
    }

    /// Puts an entry in the place of the one with its id, or in front of all.
    pub fn put(&self, entry: T) {
        let mut all = self.all();
        match all.iter_mut().find(|known| (self.id)(known) == (self.id)(&entry)) {
            Some(known) => *known = entry,
            None => all.insert(0, entry),
        }
        self.keep(all);
    }

    /// Changes the entry with this id, if there is one.
    pub fn update(&self, id: &str, change: impl FnOnce(&mut T)) {
        if let Some(mut entry) = self.get(id) {
            change(&mut entry);
            self.put(entry);
        }
    }

    /// Takes the entry with this id away.
    pub fn forget(&self, id: &str) {
        let mut all = self.all();
        all.retain(|entry| (self.id)(entry) != id);
        self.keep(all);
    }

    /// Puts these in the place of all that this version reads.
    pub fn keep(&self, all: Vec<T>) {
        let is_unread = |entry: &Value| serde_json::from_value::<T>(entry.clone()).is_err();
        let unread = self.stored().into_iter().filter(is_unread);
        let entries: Vec<Value> =
            all.iter().filter_map(|known| serde_json::to_value(known).ok()).chain(unread).collect();
        let is_stored = LocalStorage::set(self.key, &entries).is_ok();
        self.unstored.set((!is_stored).then_some(all));
    }

    fn stored(&self) -> Vec<Value> {
        LocalStorage::get(self.key).unwrap_or_default()
    }
}
