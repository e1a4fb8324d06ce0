//! Links to results: made and revoked by their owner.

mod owner;

use gloo_net::http::Method;
use wasm_core::api::{CreateShare, CreatedShare, is_plain, is_plain_in_note, limits};
use wasm_core::secret::Secret;

use super::cloud::{self, CloudError};

pub use owner::Owner;

/// Days that a link lasts.
pub const DAYS: u32 = 90;

/// What the sender says of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The title that the owner gives.
    pub title: String,
    /// The note that the owner writes.
    pub note: String,
}

impl Words {
    /// As the API takes them: of bounded length, and plain text.
    fn wish(&self) -> CreateShare {
        CreateShare {
            days: DAYS,
            title: cleaned(&self.title, limits::SHARE_TITLE_CHARS, is_plain),
            note: cleaned(&self.note, limits::SHARE_NOTE_CHARS, is_plain_in_note),
        }
    }
}

/// At most so many characters of a text; what is pasted may hold anything.
fn cleaned(text: &str, n_chars: usize, is_kept: impl Fn(char) -> bool) -> String {
    let letter = |letter: char| if is_kept(letter) { letter } else { ' ' };
    text.chars().map(letter).collect::<String>().trim().chars().take(n_chars).collect()
}

/// The address of the page that a link is.
pub fn address_of(token: &Secret) -> String {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    format!("{origin}/share/{}", token.reveal())
}

/// Makes a link to the result at this address of the API; `key` is the owner's.
async fn create(path: &str, key: &Secret, words: &Words) -> Result<Secret, CloudError> {
    let path = format!("{path}/shares");
    let created: CreatedShare = cloud::call(Method::POST, &path, Some(key.reveal()), Some(&words.wish())).await?;
    Ok(created.token)
}

/// Makes a link answer no more; one that is gone already does not.
async fn revoke(path: &str, key: &Secret, token: &Secret) -> Result<(), CloudError> {
    let path = format!("{path}/shares/{}", token.reveal());
    match cloud::call::<()>(Method::DELETE, &path, Some(key.reveal()), None::<&()>).await {
        Err(error) if !error.is_missing() => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain_and_bounded() {
        let words = Words { title: " day\t21\n\u{202e}".into(), note: format!("first\n\tsecond{}", "ä".repeat(2000)) };
        let wish = words.wish();
        assert_eq!((wish.title.as_str(), wish.days), ("day 21", DAYS));
        assert!(wish.note.starts_with("first\n\tsecondä") && wish.note.chars().count() == limits::SHARE_NOTE_CHARS);
        assert_eq!(Words::default().wish(), CreateShare { days: DAYS, ..CreateShare::default() });
    }
}
