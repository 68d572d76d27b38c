//! [`ToStore`]: the parameter of [`Stores::add`](crate::Stores::add).

use sprag_runtime::path::State;
use sprag_runtime::{Model, ToJsonState};

use crate::backing::Backing;
use crate::published::{Published, store_over};

/// A type that [`Stores`](crate::Stores) accepts: a [`Published`], or a state that becomes
/// one under its own name.
///
/// A [`Model`] can be added directly, and with the feature `log` a `Logged`. Create a
/// [`Published`] if the store's name differs from the state's, if a page is hydrated with
/// the store, or if a service owns the store.
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
    /// The backing of the store.
    type Backing: Backing<Self::State>;

    /// Returns the store. [`Stores::add`](crate::Stores::add) calls this once.
    fn to_store(&self) -> Published<Self::State, Self::Backing>;
}

/// Returns another handle of the same store.
impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> ToStore for Published<T, B> {
    type State = T;
    type Backing = B;

    fn to_store(&self) -> Self {
        self.clone()
    }
}

/// Creates a store with the model's name.
impl<T: State + ToJsonState + Clone + Send + Sync> ToStore for Model<T> {
    type State = T;
    type Backing = Self;

    fn to_store(&self) -> Published<T> {
        store_over(self.name(), self.clone())
    }
}
