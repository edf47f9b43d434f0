//! The order in which PHP's sort compares, which shows where values of mixed types have no one order.

use crate::error::Failure;

/// How two items compare: below, at or above 0. May fail.
type Compare<'c, T> = dyn FnMut(&T, &T) -> Result<i64, Failure> + 'c;

/// Lists up to this length are sorted by insertion.
const SMALL: usize = 16;

/// Sorts as PHP does: insertion for few items, otherwise partitions around the median of three (of five, if many).
pub(super) fn sort<T>(mut items: &mut [T], compare: &mut Compare<'_, T>) -> Result<(), Failure> {
    while items.len() > SMALL {
        let split = partition(items, compare)?;
        let (left, right) = items.split_at_mut(split);
        let left_end = split - 1;
        let left = &mut left[..left_end];
        // The shorter side goes down the stack, the longer one on in this loop.
        if left.len() < right.len() {
            sort(left, compare)?;
            items = right;
        } else {
            sort(right, compare)?;
            items = left;
        }
    }
    match items.len() {
        0 | 1 => Ok(()),
        count @ 2..=5 => network(items, [0, 1, 2, 3, 4], count, compare),
        _ => insertion(items, compare),
    }
}

/// Sorts the items at the first `count` places (2 to 5) with few comparisons.
fn network<T>(items: &mut [T], at: [usize; 5], count: usize, compare: &mut Compare<'_, T>) -> Result<(), Failure> {
    if count == 2 {
        return order(items, at[0], at[1], compare).map(|_| ());
    }
    three(items, at[0], at[1], at[2], compare)?;
    for last in 3..count {
        for place in (0..last).rev() {
            if !order(items, at[place], at[place + 1], compare)? {
                break;
            }
        }
    }
    Ok(())
}

/// Swaps two items if they are in the wrong order; returns whether it did.
fn order<T>(items: &mut [T], a: usize, b: usize, compare: &mut Compare<'_, T>) -> Result<bool, Failure> {
    let wrong = compare(&items[a], &items[b])? > 0;
    if wrong {
        items.swap(a, b);
    }
    Ok(wrong)
}

fn three<T>(items: &mut [T], a: usize, b: usize, c: usize, compare: &mut Compare<'_, T>) -> Result<(), Failure> {
    if compare(&items[a], &items[b])? <= 0 {
        if order(items, b, c, compare)? {
            order(items, a, b, compare)?;
        }
    } else if compare(&items[c], &items[b])? <= 0 {
        items.swap(a, c);
    } else {
        items.swap(a, b);
        order(items, b, c, compare)?;
    }
    Ok(())
}

/// Insertion: the first six items look back one by one, later ones in steps of two.
fn insertion<T>(items: &mut [T], compare: &mut Compare<'_, T>) -> Result<(), Failure> {
    for index in 1..items.len() {
        if compare(&items[index - 1], &items[index])? <= 0 {
            continue;
        }
        let mut place = index - 1;
        if index < 6 {
            while place > 0 && compare(&items[place - 1], &items[index])? > 0 {
                place -= 1;
            }
        } else {
            place = place_by_twos(items, index, compare)?;
        }
        items[place..=index].rotate_right(1);
    }
    Ok(())
}

fn place_by_twos<T>(items: &[T], index: usize, compare: &mut Compare<'_, T>) -> Result<usize, Failure> {
    let mut place = index - 1;
    loop {
        place -= 2;
        if compare(&items[place], &items[index])? <= 0 {
            let second = compare(&items[place + 1], &items[index])? <= 0;
            return Ok(if second { place + 2 } else { place + 1 });
        }
        match place {
            0 => return Ok(0),
            1 => return Ok(usize::from(compare(&items[index], &items[0])? > 0)),
            _ => {}
        }
    }
}

/// Parts the items around a median, which ends up just before the returned place.
fn partition<T>(items: &mut [T], compare: &mut Compare<'_, T>) -> Result<usize, Failure> {
    let count = items.len();
    let middle = count / 2;
    if count >= 1024 {
        let quarter = middle / 2;
        network(items, [0, quarter, middle, middle + quarter, count - 1], 5, compare)?;
    } else {
        three(items, 0, middle, count - 1, compare)?;
    }
    items.swap(1, middle);
    let (mut low, mut high) = (2, count - 1);
    'parting: loop {
        while compare(&items[1], &items[low])? > 0 {
            low += 1;
            if low == high {
                break 'parting;
            }
        }
        high -= 1;
        if high == low {
            break;
        }
        while compare(&items[high], &items[1])? > 0 {
            high -= 1;
            if high == low {
                break 'parting;
            }
        }
        items.swap(low, high);
        low += 1;
        if low == high {
            break;
        }
    }
    items.swap(1, low - 1);
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_sorted() {
        let mut random = fastrand::Rng::with_seed(7);
        for count in (0..200).chain([1023, 1024, 5000]) {
            let mut items: Vec<u32> = (0..count).map(|_| random.u32(0..100)).collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            sort(&mut items, &mut |a, b| Ok(a.cmp(b) as i64)).unwrap();
            assert_eq!(items, expected);
        }
    }

    #[test]
    fn an_order_that_is_none_ends_all_the_same() {
        let mut items: Vec<u32> = (0..3000).collect();
        let mut random = fastrand::Rng::with_seed(1);
        sort(&mut items, &mut |_, _| Ok(random.i64(-1..=1))).unwrap();
        items.sort_unstable();
        assert_eq!(items, (0..3000).collect::<Vec<_>>());
    }
}
