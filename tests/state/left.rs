//! I6: places that are watched after the subscribers of others left.

use sprag::path::Path;
use sprag::prelude::*;

use crate::domain::Log;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Counts {
    first: u8,
    left: u8,
    third: u8,
    fourth: u8,
}

/// A new place takes over the number of one that is gone, and of no other.
#[test]
fn i6_a_place_that_is_watched_after_another_was_left_has_its_own_subscribers() {
    let (model, log) = (create_model("counts", Counts::default()), Log::default());
    let watch = |place: Path<Counts, u8>, name: &'static str| {
        let log = log.clone();
        model.subscribe(place, move |value, _| log.push((name, *value)))
    };
    let _first = watch(Counts::PATHS.first, "first");
    let left = watch(Counts::PATHS.left, "left");
    let _third = watch(Counts::PATHS.third, "third");
    drop(left);
    let _fourth = watch(Counts::PATHS.fourth, "fourth");

    for value in 1..3 {
        for place in [Counts::PATHS.first, Counts::PATHS.third, Counts::PATHS.fourth] {
            model.set(place, value);
        }
        assert_eq!(log.take(), [("first", value), ("third", value), ("fourth", value)]);
    }
}
