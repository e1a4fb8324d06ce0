//! Work shared out to the cores of the processor.

use std::thread;

/// Shows each item to `work`, on all cores at once; in a browser, where a worker has one core, one after the other.
/// Which core gets which item changes nothing as long as `work` changes only its own item.
pub fn each<T: Send>(items: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let n_cores = thread::available_parallelism().map_or(1, usize::from);
    let mut shares: Vec<Vec<T>> = (0..n_cores).map(|_| Vec::new()).collect();
    for (at, item) in items.enumerate() {
        shares[at % n_cores].push(item);
    }
    let own = shares.swap_remove(0);
    let work = &work;
    thread::scope(|scope| {
        for share in shares.into_iter().filter(|share| !share.is_empty()) {
            scope.spawn(move || share.into_iter().for_each(work));
        }
        own.into_iter().for_each(work);
    });
}

/// Parts of a slice, one after the other; what the lengths leave is left out.
pub fn parts<T>(whole: &mut [T], lengths: impl Iterator<Item = usize>) -> impl Iterator<Item = &mut [T]> {
    let mut rest = whole;
    lengths.map_while(move |length| rest.split_off_mut(..length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_shown_once() {
        for n in [0, 1, 7, 1000] {
            let mut items: Vec<usize> = vec![0; n];
            each(items.iter_mut().enumerate(), |(at, item)| *item += at + 1);
            assert!(items.iter().zip(1..).all(|(item, wanted)| *item == wanted), "{items:?}");
        }
    }

    #[test]
    fn parts_lie_one_after_the_other() {
        let mut whole = [1, 2, 3, 4, 5, 6];
        let found: Vec<Vec<i32>> = parts(&mut whole, [3, 2, 0, 1].into_iter()).map(|part| part.to_vec()).collect();
        assert_eq!(found, [vec![1, 2, 3], vec![4, 5], vec![], vec![6]]);
    }
}
