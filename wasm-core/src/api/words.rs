//! What people write for others to read.

/// Whether a character stands for itself: it is no control character, begins no new line, and does not turn the
/// direction of what follows, with which a text can be made to look like another one. Marks that say the direction
/// of a single place (U+061C, U+200E, U+200F) are part of Arabic and Hebrew text and stay.
#[must_use]
pub fn is_plain(letter: char) -> bool {
    // Separators of lines and paragraphs, embeddings and overrides; isolates.
    let turns = matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !letter.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_breaks_a_text_is_not_plain() {
        for letter in ['\n', '\t', '\u{7}', '\u{85}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(!is_plain(letter), "{letter:?}");
        }
        for letter in "aä µΩ“”ש\u{200f}\u{2027}\u{2065}日😀".chars() {
            assert!(is_plain(letter), "{letter:?}");
        }
    }
}
