//! The description of a cell that outlives its test.

use super::Cell;

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    pub(super) fn describe_leak(&self) -> String {
        let with = match self.counts().1 {
            0 => String::new(),
            1 => ", with 1 subscription,".to_owned(),
            n => format!(", with {n} subscriptions,"),
        };
        format!("state `{}`{with} was not dropped", self.name())
    }
}
