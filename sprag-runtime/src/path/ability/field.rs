//! Fields that functions of the user's write and read: `#[serde(with = "…")]`.
//!
//! Macros, because without the feature `serde` there is nothing to call.

/// The [`Write`](super::Write) of a field of type `$ty` that `$write` writes.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __write_field {
    ($ty:ty, { $($import:tt)* }, $write:expr) => {
        ::core::option::Option::Some(|value, show| {
            struct __WrittenField<'a>(&'a $ty);

            impl $crate::__private::serde::Serialize for __WrittenField<'_> {
                fn serialize<S: $crate::__private::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    #[allow(unused_imports)]
                    use $crate::__private::unwritable as serialize;
                    {
                        $($import)*
                        $write(self.0, serializer)
                    }
                }
            }

            if let ::core::option::Option::Some(field) = value.downcast_ref::<$ty>() {
                show(&$crate::__private::Spoken(&__WrittenField(field)));
            }
        })
    };
}

/// The [`Read`](super::Read) of a field of type `$ty` that `$read` reads.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __read_field {
    ($ty:ty, { $($import:tt)* }, $read:expr) => {
        ::core::option::Option::Some(|from| {
            #[allow(unused_imports)]
            use $crate::__private::unreadable as deserialize;
            {
                $($import)*
                $crate::__private::read_by::<$ty, _>($read(from))
            }
        })
    };
}

/// Without serde a field is not written.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __write_field {
    ($($tokens:tt)*) => {
        ::core::option::Option::None
    };
}

/// Without serde a field is not read.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __read_field {
    ($($tokens:tt)*) => {
        ::core::option::Option::None
    };
}
