//! [`State`] for types of other crates, each behind the feature of its crate's name.

use super::{State, leaf};
// The types of `ordered-float` are generic over the float, and have no abilities of their own.
#[cfg(any(
    feature = "uuid",
    feature = "jiff",
    feature = "chrono",
    feature = "time",
    feature = "url",
    feature = "bytes",
    feature = "rust_decimal",
    feature = "smol_str"
))]
use crate::path::ability::abilities;
use crate::path::build::PathAt;
use crate::path::lens::Lens;
use crate::path::mode::Mode;
use crate::path::static_path::Path;

#[cfg(feature = "uuid")]
leaf! {
    [] uuid::Uuid: cheap true, plain true, abilities abilities!(uuid::Uuid);
    [] uuid::NonNilUuid: cheap true, plain true, abilities abilities!(uuid::NonNilUuid);
}

#[cfg(feature = "jiff")]
leaf! {
    [] jiff::Timestamp: cheap true, plain true, abilities abilities!(jiff::Timestamp);
    [] jiff::Zoned: cheap true, plain true, abilities abilities!(jiff::Zoned);
    [] jiff::SignedDuration: cheap true, plain true, abilities abilities!(jiff::SignedDuration);
    [] jiff::Span: cheap true, plain true, abilities abilities!(jiff::Span);
    [] jiff::civil::Date: cheap true, plain true, abilities abilities!(jiff::civil::Date);
    [] jiff::civil::Time: cheap true, plain true, abilities abilities!(jiff::civil::Time);
    [] jiff::civil::DateTime: cheap true, plain true, abilities abilities!(jiff::civil::DateTime);
    [] jiff::civil::Weekday: cheap true, plain true, abilities abilities!(jiff::civil::Weekday);
}

#[cfg(feature = "chrono")]
leaf! {
    // A time zone may be a type of the user's, with a `Clone` of its own.
    [Z: chrono::TimeZone + 'static] chrono::DateTime<Z>: cheap true, plain false;
    [] chrono::NaiveDateTime: cheap true, plain true, abilities abilities!(chrono::NaiveDateTime);
    [] chrono::NaiveDate: cheap true, plain true, abilities abilities!(chrono::NaiveDate);
    [] chrono::NaiveTime: cheap true, plain true, abilities abilities!(chrono::NaiveTime);
    [] chrono::TimeDelta: cheap true, plain true, abilities abilities!(chrono::TimeDelta);
    [] chrono::FixedOffset: cheap true, plain true, abilities abilities!(chrono::FixedOffset);
    [] chrono::Weekday: cheap true, plain true, abilities abilities!(chrono::Weekday);
    [] chrono::Month: cheap true, plain true, abilities abilities!(chrono::Month);
}

#[cfg(feature = "time")]
leaf! {
    [] time::OffsetDateTime: cheap true, plain true, abilities abilities!(time::OffsetDateTime);
    [] time::UtcDateTime: cheap true, plain true, abilities abilities!(time::UtcDateTime);
    [] time::PrimitiveDateTime: cheap true, plain true, abilities abilities!(time::PrimitiveDateTime);
    [] time::Date: cheap true, plain true, abilities abilities!(time::Date);
    [] time::Time: cheap true, plain true, abilities abilities!(time::Time);
    [] time::Duration: cheap true, plain true, abilities abilities!(time::Duration);
    [] time::UtcOffset: cheap true, plain true, abilities abilities!(time::UtcOffset);
    [] time::Weekday: cheap true, plain true, abilities abilities!(time::Weekday);
    [] time::Month: cheap true, plain true, abilities abilities!(time::Month);
}

#[cfg(feature = "url")]
leaf! {
    [] url::Url: cheap false, plain true, abilities abilities!(url::Url);
    [S: 'static] url::Host<S>: cheap false, plain false;
}

#[cfg(feature = "bytes")]
leaf! {
    // A clone shares the buffer.
    [] bytes::Bytes: cheap true, plain true, abilities abilities!(bytes::Bytes);
    [] bytes::BytesMut: cheap false, plain true, abilities abilities!(bytes::BytesMut);
}

#[cfg(feature = "rust_decimal")]
leaf! { [] rust_decimal::Decimal: cheap true, plain true, abilities abilities!(rust_decimal::Decimal); }

#[cfg(feature = "smol_str")]
leaf! { [] smol_str::SmolStr: cheap true, plain true, abilities abilities!(smol_str::SmolStr); }

#[cfg(feature = "ordered-float")]
leaf! {
    [T: State] ordered_float::OrderedFloat<T>: cheap T::__CHEAP, plain T::__PLAIN;
    [T: State] ordered_float::NotNan<T>: cheap T::__CHEAP, plain T::__PLAIN;
}
