//! [`Children`]: the children of one scope by name. The module `app` runs the children, so
//! their types are erased here.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use crate::sync::Mutex;

/// The state of a child; only the module `app` knows its type.
pub(crate) type ErasedChild = Arc<dyn Any + Send + Sync>;

/// The children of one scope.
#[derive(Default)]
pub(crate) struct Children {
    /// Children are dropped outside this lock.
    nursery: Mutex<Nursery>,
}

#[derive(Default)]
struct Nursery {
    /// Set when the service stops; no child is added after that.
    closed: bool,
    live: HashMap<Arc<str>, ErasedChild>,
}

/// Why a child was not added.
pub(crate) enum NotAdded {
    /// A child of this name has not stopped yet.
    NameTaken,
    Closed,
}

/// The capacity that an empty map keeps.
const KEPT: usize = 64;

impl Children {
    pub(crate) fn add(&self, name: Arc<str>, child: ErasedChild) -> Result<(), NotAdded> {
        let mut nursery = self.nursery.lock();
        if nursery.closed {
            return Err(NotAdded::Closed);
        }
        if nursery.live.contains_key(&name) {
            return Err(NotAdded::NameTaken);
        }
        nursery.live.insert(name, child);
        Ok(())
    }

    /// Removes a child that has stopped and frees its name. Does nothing if another child
    /// has the name.
    pub(crate) fn remove(&self, name: &str, child: &ErasedChild) {
        let mut nursery = self.nursery.lock();
        let is_this = nursery.live.get(name).is_some_and(|own| Arc::ptr_eq(own, child));
        let removed = is_this.then(|| nursery.live.remove(name));
        if nursery.live.is_empty() {
            nursery.live.shrink_to(KEPT);
        }
        drop(nursery);
        drop(removed);
    }

    /// Refuses new children, and returns the existing ones.
    pub(crate) fn close(&self) -> Vec<ErasedChild> {
        let mut nursery = self.nursery.lock();
        nursery.closed = true;
        nursery.live.values().cloned().collect()
    }

    /// The existing children.
    pub(crate) fn all(&self) -> Vec<ErasedChild> {
        self.nursery.lock().live.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_that_have_ended_leave_nothing_behind() {
        let children = Children::default();
        let child: ErasedChild = Arc::new(());
        for n in 0..100_000 {
            assert!(children.add(format!("{n}").into(), Arc::clone(&child)).is_ok());
        }
        (0..100_000).for_each(|n| children.remove(&n.to_string(), &child));
        assert!(children.nursery.lock().live.capacity() < 2 * KEPT);
    }

    #[test]
    fn a_name_is_taken_while_its_child_lives() {
        let children = Children::default();
        let one: ErasedChild = Arc::new(1);
        assert!(children.add("one".into(), Arc::clone(&one)).is_ok());
        assert!(matches!(children.add("one".into(), Arc::new(2)), Err(NotAdded::NameTaken)));
        children.remove("one", &one);
        assert!(children.add("one".into(), Arc::new(3)).is_ok());
        children.remove("one", &one); // another child has the name
        assert_eq!(children.close().len(), 1);
        assert!(matches!(children.add("two".into(), Arc::new(4)), Err(NotAdded::Closed)));
    }
}
