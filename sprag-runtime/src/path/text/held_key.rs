//! [`HeldKey`]: a key of a walk, kept beyond the walk.

use std::any::Any;
use std::sync::Arc;

use super::erased::AnyKey;
use crate::path::scalar::Scalar;

/// A key of a walk, kept beyond the walk. Cloning this is cheap.
#[derive(Clone)]
pub(crate) enum HeldKey {
    Scalar(Scalar),
    Shared(AnyKey),
}

impl HeldKey {
    #[inline]
    pub(crate) fn of<K: Any + Send + Sync>(key: K) -> Self {
        Scalar::of(&key).map_or_else(|| Self::Shared(Arc::new(key)), Self::Scalar)
    }

    pub(crate) fn get(&self) -> &(dyn Any + Send + Sync) {
        match self {
            Self::Scalar(key) => key.get(),
            Self::Shared(key) => &**key,
        }
    }

    /// The key, if serde writes it as the string that names its entry, in a format for
    /// people.
    #[inline]
    pub(crate) fn as_text(&self) -> Option<&Scalar> {
        match self {
            Self::Scalar(key) if key.is_text() => Some(key),
            _ => None,
        }
    }

    pub(crate) fn to_shared(&self) -> AnyKey {
        match self {
            Self::Scalar(key) => key.to_shared(),
            Self::Shared(key) => Arc::clone(key),
        }
    }
}
