//! [`Registry`]: the services and values of one app, by type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::handle::{Cast, Handle, ServiceSlot};

/// A value of an app, its type erased.
pub type Value = Arc<dyn Any + Send + Sync>;

/// The services and values of one app, by type. Constant once the app has started.
pub(crate) struct Registry {
    slots: Vec<Arc<ServiceSlot>>,
    /// For every type that leads to services, their indices; in the order of the app's
    /// list.
    places: HashMap<TypeId, Vec<(usize, Registration)>>,
    values: HashMap<TypeId, Value>,
}

impl Registry {
    /// Creates a registry. `places` has the types that lead to each service, in the order
    /// of `slots`.
    pub(crate) fn new(
        slots: Vec<Arc<ServiceSlot>>,
        places: impl Iterator<Item = Vec<Registration>>,
        values: Vec<Value>,
    ) -> Self {
        let mut by_type: HashMap<TypeId, Vec<(usize, Registration)>> = HashMap::new();
        for (index, places) in places.enumerate() {
            for place in places {
                by_type.entry(place.ty).or_default().push((index, place));
            }
        }
        let values = values.into_iter().map(|value| ((*value).type_id(), value)).collect();
        Self { slots, places: by_type, values }
    }

    /// Puts `fake` in the place of the services that are a `D`.
    pub(crate) fn replace<D: ?Sized + 'static>(&mut self, fake: Handle<D>) {
        let (slot, cast) = fake.into_parts();
        self.slots.push(slot);
        let place = (self.slots.len() - 1, Registration::of::<D>(cast));
        self.places.insert(TypeId::of::<D>(), vec![place]);
    }

    /// The first service that is a `D`.
    pub(crate) fn handle<D: ?Sized + 'static>(&self) -> Option<Handle<D>> {
        self.handles().next()
    }

    /// The services that are a `D`, in the order of the app's list.
    pub(crate) fn handles<D: ?Sized + 'static>(&self) -> impl Iterator<Item = Handle<D>> {
        let places = self.places.get(&TypeId::of::<D>()).into_iter().flatten();
        places.map(|(index, place)| {
            let cast = place.cast.downcast_ref::<Cast<D>>();
            let cast = *cast.expect("a place's cast is for the place's type");
            Handle::to_slot(Arc::clone(&self.slots[*index]), cast)
        })
    }

    pub(crate) fn value(&self, ty: TypeId) -> Option<Value> {
        self.values.get(&ty).cloned()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("services", &self.slots.len()).finish_non_exhaustive()
    }
}

/// One type that leads to a service: the service's own, or a trait's.
pub struct Registration {
    pub(crate) ty: TypeId,
    /// A `Cast` to the type.
    cast: Box<dyn Any + Send + Sync>,
}

impl Registration {
    /// The registration of a service that `cast` turns into a `D`.
    pub fn of<D: ?Sized + 'static>(cast: Cast<D>) -> Self {
        Self { ty: TypeId::of::<D>(), cast: Box::new(cast) }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registration").field(&self.ty).finish()
    }
}
