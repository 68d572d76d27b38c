//! [`ToStore`]: what [`Stores::add`](crate::Stores::add) takes.

use sprag_runtime::path::State;
use sprag_runtime::{Model, ToJsonState};

use crate::backing::Backing;
use crate::published::{Published, store_over};

/// What can be added to [`Stores`](crate::Stores): a [`Published`], or a state that becomes
/// one under its own name.
///
/// A [`Model`] can be added as it is, and with the feature `log` a `Logged`. Make a
/// [`Published`] where the store has another name than the state, where a page is hydrated
/// with it, or where a service owns it.
///
/// ```
/// use sprag::prelude::*;
/// use sprag_web::Stores;
///
/// let volume = create_model("volume", 3_u64);
/// let stores = Stores::new().add(&volume);
/// ```
pub trait ToStore {
    /// The type of the state.
    type State: State + ToJsonState + Clone + Send + Sync;
    /// What the store stands on.
    type Backing: Backing<Self::State>;

    /// The store. [`Stores::add`](crate::Stores::add) calls it once.
    fn to_store(&self) -> Published<Self::State, Self::Backing>;
}

/// Another handle of the same store.
impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> ToStore for Published<T, B> {
    type State = T;
    type Backing = B;

    fn to_store(&self) -> Self {
        self.clone()
    }
}

/// A store under the model's name.
impl<T: State + ToJsonState + Clone + Send + Sync> ToStore for Model<T> {
    type State = T;
    type Backing = Self;

    fn to_store(&self) -> Published<T> {
        store_over(self.name(), self.clone())
    }
}
