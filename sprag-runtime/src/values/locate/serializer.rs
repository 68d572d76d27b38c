//! The traits of serde through which a [`Locator`] observes the output of a type.

use serde::ser::{self, Serialize, Serializer};

use super::{LocateStop, LocatedMembers, Locator, MemberForm, descend};

macro_rules! opaque {
    ($($method:ident($($type:ty),*);)*) => {$(
        fn $method(self $(, _: $type)*) -> Result<(), LocateStop> {
            Err(LocateStop::Hidden)
        }
    )*};
}

impl<'a> Serializer for Locator<'a> {
    type Ok = ();
    type Error = LocateStop;
    type SerializeSeq = LocatedMembers<'a>;
    type SerializeTuple = LocatedMembers<'a>;
    type SerializeTupleStruct = LocatedMembers<'a>;
    type SerializeTupleVariant = LocatedMembers<'a>;
    type SerializeMap = LocatedMembers<'a>;
    type SerializeStruct = LocatedMembers<'a>;
    type SerializeStructVariant = LocatedMembers<'a>;

    opaque! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_some<V: ?Sized + Serialize>(self, value: &V) -> Result<(), LocateStop> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<V>(self, _: &'static str, value: &V) -> Result<(), LocateStop>
    where
        V: ?Sized + Serialize,
    {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<(), LocateStop>
    where
        V: ?Sized + Serialize,
    {
        let Self { hops, found, .. } = self.variant(variant)?;
        descend(value, hops, found)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<LocatedMembers<'a>, LocateStop> {
        Ok(self.members(MemberForm::List))
    }

    fn serialize_tuple(self, _: usize) -> Result<LocatedMembers<'a>, LocateStop> {
        Ok(self.members(MemberForm::List))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<LocatedMembers<'a>, LocateStop> {
        Ok(self.members(MemberForm::List))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<LocatedMembers<'a>, LocateStop> {
        Ok(self.variant(variant)?.members(MemberForm::List))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<LocatedMembers<'a>, LocateStop> {
        Ok(self.members(MemberForm::Map))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<LocatedMembers<'a>, LocateStop> {
        Ok(self.members(MemberForm::Struct))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<LocatedMembers<'a>, LocateStop> {
        Ok(self.variant(variant)?.members(MemberForm::Struct))
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident;)*) => {$(
        impl ser::$trait for LocatedMembers<'_> {
            type Ok = ();
            type Error = LocateStop;

            fn $method<V: ?Sized + Serialize>(&mut self, value: &V) -> Result<(), LocateStop> {
                self.element(value)
            }

            fn end(self) -> Result<(), LocateStop> {
                self.end()
            }
        }
    )*};
}

lists! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl ser::$trait for LocatedMembers<'_> {
            type Ok = ();
            type Error = LocateStop;

            fn serialize_field<V>(&mut self, name: &'static str, value: &V) -> Result<(), LocateStop>
            where
                V: ?Sized + Serialize,
            {
                self.named(name, value)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), LocateStop> {
                self.leave_out(name);
                Ok(())
            }

            fn end(self) -> Result<(), LocateStop> {
                self.end()
            }
        }
    )*};
}

structs!(SerializeStruct SerializeStructVariant);

impl ser::SerializeMap for LocatedMembers<'_> {
    type Ok = ();
    type Error = LocateStop;

    fn serialize_key<K: ?Sized + Serialize>(&mut self, key: &K) -> Result<(), LocateStop> {
        self.key(key)
    }

    fn serialize_value<V: ?Sized + Serialize>(&mut self, value: &V) -> Result<(), LocateStop> {
        self.value(value)
    }

    fn end(self) -> Result<(), LocateStop> {
        self.end()
    }
}
