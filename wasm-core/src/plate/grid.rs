//! Where wells lie on their plate, by their names.

/// Column and row of a well such as `B12` or `AA3`, from 0; none where the name is no place.
fn place(name: &str) -> Option<(f64, f64)> {
    let digits = name.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, number) = name.split_at(digits);
    if letters.is_empty() || letters.len() > 2 || !letters.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return None;
    }
    let row = letters.bytes().fold(0_u32, |row, letter| row * 26 + u32::from(letter - b'A') + 1);
    let column = number.parse::<u32>().ok().filter(|column| (1..=48).contains(column))?;
    Some((f64::from(column - 1), f64::from(row - 1)))
}

/// Names that are no place, such as that of a reference: so many percent at most beside wells that have one.
const MAX_PERCENT_UNPLACED: usize = 10;

/// The places of names; the few that have none lie in a row below the others. None where many have none.
fn with_few_below(names: &[String]) -> Option<Vec<(f64, f64)>> {
    let known: Vec<Option<(f64, f64)>> = names.iter().map(|name| place(name)).collect();
    let n_unplaced = known.iter().filter(|place| place.is_none()).count();
    if 100 * n_unplaced > MAX_PERCENT_UNPLACED * names.len() {
        return None;
    }
    let below = known.iter().flatten().map(|(_, row)| *row).fold(0.0, f64::max) + 2.0;
    let mut next = 0.0;
    let or_below = |place: Option<(f64, f64)>| {
        place.unwrap_or_else(|| {
            next += 1.0;
            (next - 1.0, below)
        })
    };
    Some(known.into_iter().map(or_below).collect())
}

/// Columns and rows of all wells. Where many names are no place, or two are one, they lie row by row in a square.
#[expect(clippy::cast_precision_loss, reason = "wells of a plate")]
pub fn places(names: &[String]) -> Vec<(f64, f64)> {
    let known = with_few_below(names);
    let is_apart = |known: &Vec<(f64, f64)>| {
        let mut sorted: Vec<(u64, u64)> = known.iter().map(|(x, y)| (x.to_bits(), y.to_bits())).collect();
        sorted.sort_unstable();
        sorted.windows(2).all(|pair| pair[0] != pair[1])
    };
    known.filter(is_apart).unwrap_or_else(|| {
        let side = (1..=names.len()).find(|side| side * side >= names.len()).unwrap_or(1);
        (0..names.len()).map(|at| ((at % side) as f64, (at / side) as f64)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_places_or_wells_lie_in_a_square() {
        let of = |names: &[&str]| places(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["A1", "B12", "AA3"]), [(0.0, 0.0), (11.0, 1.0), (2.0, 26.0)]);
        let square = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
        assert_eq!(of(&["left", "middle", "right"]), square);
        assert_eq!(of(&["A1", "A01", "A2"]), square, "two names of one place");
        assert_eq!(of(&["A0"]), [(0.0, 0.0)]);
        assert!(of(&[]).is_empty());
        // Nine of ten are places.
        let few = of(&["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3", "Ref"]);
        assert_eq!((few[8], few[9]), ((2.0, 2.0), (0.0, 4.0)));
    }
}
