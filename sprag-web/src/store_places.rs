//! [`StorePlaces`]: some places of a store, for a page that shows only these.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::slice;
use std::sync::Arc;

use sprag_runtime::path::{Address, Place, Schema, State};
use sprag_runtime::{ToJsonState, address_of};

use crate::backing::Backing;
use crate::hydrate::{Hydrate, Hydrated};
use crate::keyed::PublishedBy;
use crate::live::shown_places::ShownPlaces;
use crate::published::Published;
use crate::source::StoreSource;

/// Some places of a store, to hydrate a page that shows only these.
///
/// Created by [`Published::at`]. The page's script must follow the same places.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
/// use sprag_web::Live;
///
/// #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
/// struct House {
///     rooms: BTreeMap<String, u8>,
/// }
///
/// let house = sprag_web::store("house", House::default());
/// let page = async move |live: Live| {
///     let kitchen = house.at(House::PATHS.rooms.key("kitchen"));
///     live.hydrate(&[&kitchen]).await
/// };
/// ```
pub struct StorePlaces<T> {
    source: Arc<dyn StoreSource>,
    places: Vec<Address>,
    root: PhantomData<fn(T)>,
}

impl<T: State> StorePlaces<T> {
    fn of(source: Arc<dyn StoreSource>) -> Self {
        Self { source, places: Vec::new(), root: PhantomData }
    }

    /// Adds `place` to these places.
    ///
    /// # Panics
    ///
    /// If serde does not write the place, if browsers do not see the place, or if the place is
    /// in an element of a list or a member of a set.
    #[must_use]
    pub fn and<P: Place<T>>(mut self, place: P) -> Self {
        let address = address_of(place).expect("the place is in what serde writes of the state");
        if let Err(unshown) = ShownPlaces::of(Schema::of::<T>(), slice::from_ref(&address)) {
            panic!("no page can show `{address}` of `{}`: {}", self.source.name(), unshown.why());
        }
        self.places.push(address);
        self
    }
}

impl<T> Hydrate for StorePlaces<T> {
    fn __source(&self) -> Hydrated {
        Hydrated::places(Arc::clone(&self.source), self.places.clone())
    }
}

impl<T> fmt::Debug for StorePlaces<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StorePlaces").field(&self.source.name()).field(&self.places).finish()
    }
}

impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> Published<T, B> {
    /// The store at `place` alone, for a page that shows no other place of the store.
    ///
    /// # Panics
    ///
    /// If serde does not write the place, if browsers do not see the place, or if the place is
    /// in an element of a list or a member of a set.
    pub fn at<P: Place<T>>(&self, place: P) -> StorePlaces<T> {
        StorePlaces::of(Arc::clone(&self.0) as Arc<dyn StoreSource>).and(place)
    }
}

impl<K, T> PublishedBy<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    /// The store at `place` alone, for a page that shows no other place of the store.
    ///
    /// # Panics
    ///
    /// If serde does not write the place, if browsers do not see the place, or if the place is
    /// in an element of a list or a member of a set.
    pub fn at<P: Place<T>>(&self, place: P) -> StorePlaces<T> {
        StorePlaces::of(Arc::clone(&self.0) as Arc<dyn StoreSource>).and(place)
    }
}
