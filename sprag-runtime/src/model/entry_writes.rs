//! [`entry_writes`]: writes a method for [`Model`](super::Model) and for
//! [`Transaction`](super::Transaction), with one documentation.
//!
//! The signatures come from the caller, so that the compiler's messages show them and not
//! this macro. `open` and `close` surround the lines of the example on the page of a
//! transaction, where the lines are inside of one; both use the variable `tv`. The bounds
//! `in transactions` are those of a write that keeps a clone for reverting.

macro_rules! entry_writes {
    ($(
        $(#[$docs:meta])*
        open
        $(#[$example:meta])*
        close
        fn $name:ident[$($generic:ident: $bound:path)?](place $(, $($arg:tt)*)?) -> $output:ty
        where [$($where:tt)*] $(in transactions [$($clone:tt)*])? {
            $operation:expr
        }
    )*) => {
        impl<T: State + Clone + Send + Sync> Model<T> {$(
            $(#[$docs])*
            $(#[$example])*
            #[doc = " ```"]
            pub fn $name<P $(, $generic: $bound)?>(
                &self,
                place: P,
                $($($arg)*)?
            ) -> Written<T, P, $output>
            where
                P: Place<T>,
                $($where)*
            {
                self.run(place, $operation)
            }
        )*}

        impl<T: State + Clone + Send + Sync> Transaction<'_, T> {$(
            $(#[$docs])*
            #[doc = " tv.transaction(|tv| {"]
            $(#[$example])*
            #[doc = " # Ok::<(), sprag::error::Absent>(())"]
            #[doc = " })?;"]
            #[doc = " # Ok::<(), sprag::error::Absent>(())"]
            #[doc = " ```"]
            pub fn $name<P $(, $generic: $bound)?>(
                &mut self,
                place: P,
                $($($arg)*)?
            ) -> Written<T, P, $output>
            where
                P: Place<T>,
                $($where)*
                $(, $($clone)*)?
            {
                self.run(place, $operation)
            }
        )*}
    };
}

pub(super) use entry_writes;
