//! The browser's database of kept results (`IndexedDB`). The list lies apart from the files, so that
//! it is read without them.

use std::fmt;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DomException, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

const DATABASE: &str = "neurocyte";
const VERSION: u32 = 1;
const LIST: &str = "kept-list";
const FILES: &str = "kept-files";

/// Why the database did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The disk, or the page's share of it, is full.
    Full,
    /// The browser lets this page keep nothing.
    Denied,
    /// Anything else, in the browser's words.
    Other(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("this browser has no more room for this page"),
            Self::Denied => f.write_str(
                "this browser keeps nothing for this page, as in a private window or with site data blocked",
            ),
            Self::Other(reason) => write!(f, "this browser's database did not work ({reason})"),
        }
    }
}

impl StoreError {
    /// By the name that the standard gives to an error.
    fn named(name: &str, message: &str) -> Self {
        match name {
            "QuotaExceededError" => Self::Full,
            "SecurityError" | "NotAllowedError" | "InvalidStateError" => Self::Denied,
            _ if message.is_empty() => Self::Other(name.to_owned()),
            _ => Self::Other(format!("{name}: {message}")),
        }
    }

    fn of(error: Option<DomException>) -> Self {
        error
            .map_or_else(|| Self::Other("no reason given".into()), |error| Self::named(&error.name(), &error.message()))
    }

    /// Of what a call threw.
    #[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
    fn thrown(error: JsValue) -> Self {
        Self::of(error.dyn_ref::<DomException>().cloned())
    }
}

/// The open database, closed when it is no longer needed.
struct Database(IdbDatabase);

impl Drop for Database {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Work on the list, the files or both that is done as a whole or not at all.
struct Work {
    transaction: IdbTransaction,
    _database: Database,
}

impl Work {
    async fn begin(mode: IdbTransactionMode) -> Result<Self, StoreError> {
        let database = Database::open().await?;
        let stores = Array::of2(&JsValue::from(LIST), &JsValue::from(FILES));
        let transaction = database.0.transaction_with_str_sequence_and_mode(&stores, mode);
        Ok(Self { transaction: transaction.map_err(StoreError::thrown)?, _database: database })
    }

    fn store(&self, name: &str) -> Result<IdbObjectStore, JsValue> {
        self.transaction.object_store(name)
    }

    /// Waits until all that was asked for is on the disk. What could not be asked for undoes the rest.
    async fn done(self, asked: Result<(), JsValue>) -> Result<(), StoreError> {
        if let Err(error) = asked {
            // It may have ended by itself.
            drop(self.transaction.abort());
            return Err(StoreError::thrown(error));
        }
        let promise = Promise::new(&mut |resolve, reject| {
            self.transaction.set_oncomplete(Some(&resolve));
            self.transaction.set_onabort(Some(&reject));
        });
        match JsFuture::from(promise).await {
            Ok(_) => Ok(()),
            Err(_) => Err(StoreError::of(self.transaction.error())),
        }
    }
}

impl Database {
    async fn open() -> Result<Self, StoreError> {
        let factory = web_sys::window().and_then(|window| window.indexed_db().ok().flatten());
        let factory = factory.ok_or(StoreError::Denied)?;
        let request = factory.open_with_u32(DATABASE, VERSION).map_err(StoreError::thrown)?;
        let new = request.clone();
        let on_new = Closure::<dyn Fn(JsValue)>::new(move |_: JsValue| {
            let database = new.result().ok().and_then(|database| database.dyn_into::<IdbDatabase>().ok());
            for name in [LIST, FILES] {
                // Where it cannot be made, there is no way to begin work on it, which tells.
                drop(database.as_ref().map(|database| database.create_object_store(name)));
            }
        });
        request.set_onupgradeneeded(Some(on_new.as_ref().unchecked_ref()));
        let database = answer(&request).await?;
        let database = database.dyn_into::<IdbDatabase>().map_err(StoreError::thrown)?;
        Ok(Self(database))
    }
}

/// The answer to a request.
async fn answer(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(StoreError::thrown),
        Err(_) => Err(StoreError::of(request.error().ok().flatten())),
    }
}

/// The list as it was written.
pub async fn all() -> Result<Vec<String>, StoreError> {
    let work = Work::begin(IdbTransactionMode::Readonly).await?;
    let request = work.store(LIST).and_then(|store| store.get_all()).map_err(StoreError::thrown)?;
    let found = Array::from(&answer(&request).await?);
    Ok(found.iter().filter_map(|text| text.as_string()).collect())
}

/// Adds an entry of the list and its file.
pub async fn add(id: &str, entry: &str, file: &Blob) -> Result<(), StoreError> {
    let work = Work::begin(IdbTransactionMode::Readwrite).await?;
    let id = JsValue::from(id);
    let add = |store: &str, value: &JsValue| work.store(store)?.add_with_key(value, &id).map(drop);
    let asked = add(FILES, file).and_then(|()| add(LIST, &JsValue::from(entry)));
    work.done(asked).await
}

/// A file; none where there is none.
pub async fn file(id: &str) -> Result<Option<Blob>, StoreError> {
    let work = Work::begin(IdbTransactionMode::Readonly).await?;
    let id = JsValue::from(id);
    let request = work.store(FILES).and_then(|store| store.get(&id)).map_err(StoreError::thrown)?;
    Ok(answer(&request).await?.dyn_into().ok())
}

/// Deletes an entry of the list and its file.
pub async fn delete(id: &str) -> Result<(), StoreError> {
    let work = Work::begin(IdbTransactionMode::Readwrite).await?;
    let id = JsValue::from(id);
    let delete = |store: &str| work.store(store)?.delete(&id).map(drop);
    let asked = delete(FILES).and_then(|()| delete(LIST));
    work.done(asked).await
}

#[cfg(test)]
mod tests {
    use super::StoreError;

    #[test]
    fn reasons_are_told_in_words() {
        assert_eq!(StoreError::named("QuotaExceededError", "any"), StoreError::Full);
        assert_eq!(StoreError::named("InvalidStateError", ""), StoreError::Denied);
        let other = StoreError::named("UnknownError", "Internal error");
        assert_eq!(other.to_string(), "this browser's database did not work (UnknownError: Internal error)");
    }
}
