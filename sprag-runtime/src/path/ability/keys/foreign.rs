//! The types of other crates that are keys in every program, each behind the feature of its
//! crate's name, and `Arc<str>`, which serde writes with its feature `rc` alone.

use std::any::TypeId;
use std::sync::Arc;

#[cfg(any(
    feature = "uuid",
    feature = "jiff",
    feature = "chrono",
    feature = "url",
    feature = "smol_str",
    feature = "rust_decimal"
))]
use super::key;
use crate::path::ability::KeyAbilities;

/// An `Arc<str>`, and the keys that other crates bring.
pub(super) static KEYS: &[KeyAbilities] = &[
    // Serde writes an `Arc` with its feature `rc` alone.
    KeyAbilities {
        id: TypeId::of::<Arc<str>>(),
        text: Some(|key, pass| {
            pass(key.downcast_ref::<Arc<str>>()?);
            Some(())
        }),
        read: Some(|text| Some(Arc::new(Arc::<str>::from(text)))),
    },
    #[cfg(feature = "uuid")]
    key!(uuid::Uuid),
    #[cfg(feature = "uuid")]
    key!(uuid::NonNilUuid),
    #[cfg(feature = "jiff")]
    key!(jiff::Timestamp),
    #[cfg(feature = "jiff")]
    key!(jiff::civil::Date),
    #[cfg(feature = "chrono")]
    key!(chrono::NaiveDate),
    #[cfg(feature = "chrono")]
    key!(chrono::DateTime<chrono::Utc>),
    #[cfg(feature = "url")]
    key!(url::Url),
    #[cfg(feature = "smol_str")]
    key!(smol_str::SmolStr),
    #[cfg(feature = "rust_decimal")]
    key!(rust_decimal::Decimal),
];
