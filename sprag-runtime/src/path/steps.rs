//! The steps of which the types of paths are made, each of them a [`Walk`](super::walk::Walk).

mod access;
mod chain;
mod deref;
mod element;
mod entry;
mod inner;

pub use self::access::Access;
pub use self::chain::Chain;
pub use self::deref::Deref;
pub use self::element::Element;
pub use self::entry::Entry;
pub use self::inner::Inner;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use crate::model::create_model;
    use crate::path::root;

    type Slots = Vec<Option<Option<u8>>>;
    type Boxes = Vec<Box<Option<u8>>>;

    #[test]
    fn i6_a_watcher_in_a_value_that_is_set_is_told_what_is_there() {
        let slots = create_model("slots", Slots::from([Some(Some(1)), Some(Some(1))]));
        let slot = || root::<Slots>().at(0);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let _subscription = slots.subscribe(slot().some().some(), move |value, _| {
            log.lock().unwrap().push(value.copied());
        });

        slots.set(slot(), Some(Some(1))).unwrap();
        slots.set(slot(), Some(Some(2))).unwrap();
        slots.set(slot().some(), Some(2)).unwrap();
        slots.set(slot().some(), Some(3)).unwrap();
        slots.set(slot().some(), None).unwrap();
        slots.set(slot(), None).unwrap();
        slots.set(slot(), Some(Some(4))).unwrap();
        assert_eq!(*seen.lock().unwrap(), [Some(2), Some(3), None, Some(4)]);
    }

    #[test]
    fn i6_a_watcher_in_a_box_that_is_set_is_told_what_is_there() {
        let boxes = create_model("boxes", Boxes::from([Box::new(Some(1))]));
        let content = || root::<Boxes>().at(0).deref();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let _subscription = boxes.subscribe(content().some(), move |value, _| {
            log.lock().unwrap().push(value.copied());
        });

        boxes.set(content(), Some(1)).unwrap();
        boxes.set(content(), Some(2)).unwrap();
        boxes.set(content(), None).unwrap();
        assert_eq!(*seen.lock().unwrap(), [Some(2), None]);
    }

    #[test]
    fn d10_a_write_in_the_option_of_an_entry_calls_for_that_entry() {
        let slots = create_model("slots", Slots::from([Some(Some(1)), Some(Some(1))]));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let every = root::<Slots>().each();
        let _subscription = slots.subscribe(every, move |(index, value), _| {
            log.lock().unwrap().push((*index, value.cloned()));
        });

        slots.set(root::<Slots>().at(1).some(), Some(2)).unwrap();
        slots.set(root::<Slots>().at(0).some().some(), 3).unwrap();
        assert_eq!(*seen.lock().unwrap(), [(1, Some(Some(Some(2)))), (0, Some(Some(Some(3))))]);
    }
}
