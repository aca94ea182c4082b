//! What the product is worth on data nobody tuned it to, in figures: `make quality` prints them, and each
//! has its floor.

mod kalundborg;
mod labels;

/// A part of a whole, from 0 to 1.
fn share(part: usize, whole: usize) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    count(part) / count(whole.max(1))
}
