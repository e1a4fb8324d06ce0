//! Parts that no edge joins.

use super::links::{Links, ones};

/// How many nodes each part has.
pub fn components(links: &Links) -> Vec<usize> {
    let mut is_new = vec![true; links.n_nodes()];
    let mut parts = Vec::new();
    for start in 0..links.n_nodes() {
        if !is_new[start] {
            continue;
        }
        is_new[start] = false;
        let mut part = vec![start];
        let mut at = 0;
        while at < part.len() {
            for other in ones(links.row(part[at])) {
                if is_new[other] {
                    is_new[other] = false;
                    part.push(other);
                }
            }
            at += 1;
        }
        parts.push(part.len());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_without_a_link_is_a_part() {
        let mut links = Links::new(7);
        for (a, b) in [(0, 3), (3, 5), (1, 2)] {
            links.set(a, b, true);
        }
        assert_eq!(components(&links), [3, 2, 1, 1]);
        assert!(components(&Links::new(0)).is_empty());
    }
}
