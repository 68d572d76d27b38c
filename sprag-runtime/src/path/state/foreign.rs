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
use crate::path::form::WireForm;
use crate::path::lens::Lens;
use crate::path::mode::Mode;
use crate::path::static_path::Path;
#[cfg(feature = "ordered-float")]
use crate::path::text::erasure::shape_of;

#[cfg(feature = "uuid")]
leaf! {
    [] uuid::Uuid: cheap true, plain true, abilities abilities!(uuid::Uuid), form WireForm::known("string");
    [] uuid::NonNilUuid: cheap true, plain true, abilities abilities!(uuid::NonNilUuid), form WireForm::known("string");
}

#[cfg(feature = "jiff")]
leaf! {
    [] jiff::Timestamp: cheap true, plain true, abilities abilities!(jiff::Timestamp), form WireForm::known("string");
    [] jiff::Zoned: cheap true, plain true, abilities abilities!(jiff::Zoned), form WireForm::known("string");
    [] jiff::SignedDuration: cheap true, plain true, abilities abilities!(jiff::SignedDuration), form WireForm::known("string");
    [] jiff::Span: cheap true, plain true, abilities abilities!(jiff::Span), form WireForm::known("string");
    [] jiff::civil::Date: cheap true, plain true, abilities abilities!(jiff::civil::Date), form WireForm::known("string");
    [] jiff::civil::Time: cheap true, plain true, abilities abilities!(jiff::civil::Time), form WireForm::known("string");
    [] jiff::civil::DateTime: cheap true, plain true, abilities abilities!(jiff::civil::DateTime), form WireForm::known("string");
    [] jiff::civil::Weekday: cheap true, plain true, abilities abilities!(jiff::civil::Weekday);
}

#[cfg(feature = "chrono")]
leaf! {
    // A time zone may be a type of the user's, with a `Clone` of its own.
    [Z: chrono::TimeZone + 'static] chrono::DateTime<Z>: cheap true, plain false, form WireForm::known("string");
    [] chrono::NaiveDateTime: cheap true, plain true, abilities abilities!(chrono::NaiveDateTime), form WireForm::known("string");
    [] chrono::NaiveDate: cheap true, plain true, abilities abilities!(chrono::NaiveDate), form WireForm::known("string");
    [] chrono::NaiveTime: cheap true, plain true, abilities abilities!(chrono::NaiveTime), form WireForm::known("string");
    [] chrono::TimeDelta: cheap true, plain true, abilities abilities!(chrono::TimeDelta);
    [] chrono::FixedOffset: cheap true, plain true, abilities abilities!(chrono::FixedOffset);
    [] chrono::Weekday: cheap true, plain true, abilities abilities!(chrono::Weekday), form WireForm::known("string");
    [] chrono::Month: cheap true, plain true, abilities abilities!(chrono::Month), form WireForm::known("string");
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
    [] url::Url: cheap false, plain true, abilities abilities!(url::Url), form WireForm::known("string");
    [S: 'static] url::Host<S>: cheap false, plain false;
}

#[cfg(feature = "bytes")]
leaf! {
    // A clone shares the buffer.
    [] bytes::Bytes: cheap true, plain true, abilities abilities!(bytes::Bytes), form WireForm::known("number[]");
    [] bytes::BytesMut: cheap false, plain true, abilities abilities!(bytes::BytesMut), form WireForm::known("number[]");
}

#[cfg(feature = "rust_decimal")]
leaf! { [] rust_decimal::Decimal: cheap true, plain true, abilities abilities!(rust_decimal::Decimal), form WireForm::known("string"); }

#[cfg(feature = "smol_str")]
leaf! { [] smol_str::SmolStr: cheap true, plain true, abilities abilities!(smol_str::SmolStr), form WireForm::known("string"); }

#[cfg(feature = "ordered-float")]
leaf! {
    [T: State] ordered_float::OrderedFloat<T>: cheap T::__CHEAP, plain T::__PLAIN,
        layout Same(shape_of::<T>);
    [T: State] ordered_float::NotNan<T>: cheap T::__CHEAP, plain T::__PLAIN,
        layout Same(shape_of::<T>);
}
