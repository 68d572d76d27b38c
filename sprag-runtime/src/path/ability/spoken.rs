//! [`Spoken`]: a value whose own `Serialize` may print the errors of the serializer.
//!
//! Inside of a `Serialize`, an error of `erased-serde` panics when it is printed. So a value that
//! is written without its type receives a serializer in between, whose errors have a text.

use std::fmt;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// A value, and all values in it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Spoken<'a, T: ?Sized>(pub &'a T);

impl<T: ?Sized + Serialize> Serialize for Spoken<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Speaking(serializer)).map_err(SpokenError::into_inner)
    }
}

/// A serializer, or a part of one, whose errors have a text.
struct Speaking<S>(S);

/// An error of the serializer, which must not be printed, or of the value.
enum SpokenError<E> {
    Inner(E),
    Custom(String),
}

impl<E> fmt::Display for SpokenError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inner(_) => "the value was not written to its end",
            Self::Custom(text) => text,
        })
    }
}

impl<E> fmt::Debug for SpokenError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E> std::error::Error for SpokenError<E> {}

impl<E> Error for SpokenError<E> {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }
}

impl<E: Error> SpokenError<E> {
    fn into_inner(self) -> E {
        match self {
            Self::Inner(error) => error,
            Self::Custom(text) => E::custom(text),
        }
    }
}

/// Methods that pass their arguments on.
macro_rules! pass_on {
    ($($method:ident($($name:ident: $type:ty),*) -> $ok:ty;)*) => {$(
        #[inline]
        fn $method(self $(, $name: $type)*) -> Result<$ok, Self::Error> {
            self.0.$method($($name),*).map_err(SpokenError::Inner)
        }
    )*};
}

/// The same of methods that begin a value of several parts.
macro_rules! begin {
    ($($method:ident($($name:ident: $type:ty),*) -> $part:ident;)*) => {$(
        #[inline]
        fn $method(self $(, $name: $type)*) -> Result<Self::$part, Self::Error> {
            self.0.$method($($name),*).map(Speaking).map_err(SpokenError::Inner)
        }
    )*};
}

impl<S: Serializer> Serializer for Speaking<S> {
    type Ok = S::Ok;
    type Error = SpokenError<S::Error>;
    type SerializeSeq = Speaking<S::SerializeSeq>;
    type SerializeTuple = Speaking<S::SerializeTuple>;
    type SerializeTupleStruct = Speaking<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Speaking<S::SerializeTupleVariant>;
    type SerializeMap = Speaking<S::SerializeMap>;
    type SerializeStruct = Speaking<S::SerializeStruct>;
    type SerializeStructVariant = Speaking<S::SerializeStructVariant>;

    pass_on! {
        serialize_bool(value: bool) -> S::Ok;
        serialize_i8(value: i8) -> S::Ok;
        serialize_i16(value: i16) -> S::Ok;
        serialize_i32(value: i32) -> S::Ok;
        serialize_i64(value: i64) -> S::Ok;
        serialize_i128(value: i128) -> S::Ok;
        serialize_u8(value: u8) -> S::Ok;
        serialize_u16(value: u16) -> S::Ok;
        serialize_u32(value: u32) -> S::Ok;
        serialize_u64(value: u64) -> S::Ok;
        serialize_u128(value: u128) -> S::Ok;
        serialize_f32(value: f32) -> S::Ok;
        serialize_f64(value: f64) -> S::Ok;
        serialize_char(value: char) -> S::Ok;
        serialize_str(value: &str) -> S::Ok;
        serialize_bytes(value: &[u8]) -> S::Ok;
        serialize_none() -> S::Ok;
        serialize_unit() -> S::Ok;
        serialize_unit_struct(name: &'static str) -> S::Ok;
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> S::Ok;
    }

    begin! {
        serialize_seq(len: Option<usize>) -> SerializeSeq;
        serialize_tuple(len: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(
            name: &'static str, index: u32, variant: &'static str, len: usize
        ) -> SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> SerializeMap;
        serialize_struct(name: &'static str, len: usize) -> SerializeStruct;
        serialize_struct_variant(
            name: &'static str, index: u32, variant: &'static str, len: usize
        ) -> SerializeStructVariant;
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<S::Ok, Self::Error> {
        self.0.serialize_some(&Spoken(value)).map_err(SpokenError::Inner)
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, Self::Error> {
        self.0.serialize_newtype_struct(name, &Spoken(value)).map_err(SpokenError::Inner)
    }

    #[inline]
    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, Self::Error> {
        let value = &Spoken(value);
        self.0.serialize_newtype_variant(name, index, variant, value).map_err(SpokenError::Inner)
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// A value of several parts, each of which is spoken.
macro_rules! parts {
    ($($of:ident: $($method:ident($($name:ident: $type:ty),*)),* $(+ $skip:ident)?;)*) => {$(
        impl<S: $of> $of for Speaking<S> {
            type Ok = S::Ok;
            type Error = SpokenError<S::Error>;

            $(
                #[inline]
                fn $method<T: ?Sized + Serialize>(
                    &mut self,
                    $($name: $type,)*
                    value: &T,
                ) -> Result<(), Self::Error> {
                    self.0.$method($($name,)* &Spoken(value)).map_err(SpokenError::Inner)
                }
            )*

            $(
                #[inline]
                fn $skip(&mut self, key: &'static str) -> Result<(), Self::Error> {
                    self.0.$skip(key).map_err(SpokenError::Inner)
                }
            )?

            #[inline]
            fn end(self) -> Result<S::Ok, Self::Error> {
                self.0.end().map_err(SpokenError::Inner)
            }
        }
    )*};
}

parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key(), serialize_value();
    SerializeStruct: serialize_field(key: &'static str) + skip_field;
    SerializeStructVariant: serialize_field(key: &'static str) + skip_field;
}
