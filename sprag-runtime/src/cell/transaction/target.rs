//! [`WriteTarget`]: the state that a transaction writes to.

use std::sync::Arc;

use super::journal::{ReplacedStates, only_owner, unshare};
use crate::cell::recorder::Recorder;

/// The state, which is checked for other owners once for each transaction and not for each
/// write.
pub(super) struct WriteTarget<'a, T>(Option<StateHold<'a, T>>);

enum StateHold<'a, T> {
    Own(&'a mut T),
    /// A snapshot is held, or was when the transaction began.
    Shared(&'a mut Arc<T>),
}

impl<'a, T: Clone + Send + Sync + 'static> WriteTarget<'a, T> {
    pub(super) fn new(state: &'a mut Arc<T>) -> Self {
        // A state with one owner is not cloned; a user's `Weak` loses it.
        let is_own = Arc::strong_count(state) == 1;
        Self(Some(if is_own {
            StateHold::Own(Arc::make_mut(state))
        } else {
            StateHold::Shared(state)
        }))
    }

    pub(super) fn get(&self) -> &T {
        match self.0.as_ref().expect(HELD) {
            StateHold::Own(state) => state,
            StateHold::Shared(state) => state,
        }
    }

    /// The state to write to, if no snapshot is held.
    #[inline]
    pub(super) fn if_own(&mut self) -> Option<&mut T> {
        match &mut self.0 {
            Some(StateHold::Own(state)) => Some(state),
            _ => None,
        }
    }

    /// The state to write to: from now on a copy, where a snapshot is held.
    #[inline]
    pub(super) fn own(
        &mut self,
        recorder: &mut Recorder,
        replaced: &mut ReplacedStates<T>,
    ) -> &mut T {
        if let Some(StateHold::Shared(state)) = &mut self.0 {
            unshare(state, recorder, replaced);
            self.0 = match self.0.take() {
                Some(StateHold::Shared(state)) => Some(StateHold::Own(only_owner(state))),
                hold => hold,
            };
        }
        self.if_own().expect(HELD)
    }
}

const HELD: &str = "a transaction always holds its state";
