//! [`State`] for types of other crates, each behind the feature of its crate's name.

use super::{State, leaf};
use crate::path::build::PathAt;
use crate::path::lens::Lens;
use crate::path::mode::Mode;
use crate::path::static_path::Path;

#[cfg(feature = "uuid")]
leaf! {
    [] uuid::Uuid: cheap true, plain true;
    [] uuid::NonNilUuid: cheap true, plain true;
}

#[cfg(feature = "jiff")]
leaf! {
    [] jiff::Timestamp: cheap true, plain true;
    [] jiff::Zoned: cheap true, plain true;
    [] jiff::SignedDuration: cheap true, plain true;
    [] jiff::Span: cheap true, plain true;
    [] jiff::civil::Date: cheap true, plain true;
    [] jiff::civil::Time: cheap true, plain true;
    [] jiff::civil::DateTime: cheap true, plain true;
    [] jiff::civil::Weekday: cheap true, plain true;
}

#[cfg(feature = "chrono")]
leaf! {
    // A time zone may be a type of the user's, with a `Clone` of its own.
    [Z: chrono::TimeZone + 'static] chrono::DateTime<Z>: cheap true, plain false;
    [] chrono::NaiveDateTime: cheap true, plain true;
    [] chrono::NaiveDate: cheap true, plain true;
    [] chrono::NaiveTime: cheap true, plain true;
    [] chrono::TimeDelta: cheap true, plain true;
    [] chrono::FixedOffset: cheap true, plain true;
    [] chrono::Weekday: cheap true, plain true;
    [] chrono::Month: cheap true, plain true;
}

#[cfg(feature = "time")]
leaf! {
    [] time::OffsetDateTime: cheap true, plain true;
    [] time::UtcDateTime: cheap true, plain true;
    [] time::PrimitiveDateTime: cheap true, plain true;
    [] time::Date: cheap true, plain true;
    [] time::Time: cheap true, plain true;
    [] time::Duration: cheap true, plain true;
    [] time::UtcOffset: cheap true, plain true;
    [] time::Weekday: cheap true, plain true;
    [] time::Month: cheap true, plain true;
}

#[cfg(feature = "url")]
leaf! {
    [] url::Url: cheap false, plain true;
    [S: 'static] url::Host<S>: cheap false, plain false;
}

#[cfg(feature = "bytes")]
leaf! {
    // A clone shares the buffer.
    [] bytes::Bytes: cheap true, plain true;
    [] bytes::BytesMut: cheap false, plain true;
}

#[cfg(feature = "rust_decimal")]
leaf! { [] rust_decimal::Decimal: cheap true, plain true; }

#[cfg(feature = "smol_str")]
leaf! { [] smol_str::SmolStr: cheap true, plain true; }

#[cfg(feature = "ordered-float")]
leaf! {
    [T: State] ordered_float::OrderedFloat<T>: cheap T::__CHEAP, plain T::__PLAIN;
    [T: State] ordered_float::NotNan<T>: cheap T::__CHEAP, plain T::__PLAIN;
}
