//! `leaf!`: implements [`State`](super::State) for types that are one node.

/// `State` for types that are one node.
macro_rules! leaf {
    ($([$($generics:tt)*] $type:ty
        : cheap $cheap:expr, plain $plain:expr $(, kind $kind:ident)? $(, contents $contents:expr)?
        $(, abilities $abilities:expr)? $(, inner $inner:ty)? $(, form $form:expr)? $(, layout $layout:ident$content:tt)?;
    )*) => {$(
        impl<$($generics)*> State for $type {
            type __Paths<R: State, M: Mode> = Path<R, Self, M>;
            type __At<L: Lens<Target = Self>> = PathAt<L>;
            type __Some<R: State> = ();

            $(const __KIND: Kind = Kind::$kind;)?
            $(const __CONTENTS: Contents = $contents;)?
            $(const __ABILITIES: $crate::path::ability::Abilities = $abilities;)?
            $(const __INNER: Option<fn() -> &'static $crate::path::ability::AbilityTree> =
                Some($crate::path::ability::tree::<$inner>);)?
            $(const __FORM: &'static $crate::path::form::WireForm = &$form;)?
            $(const __LAYOUT: $crate::path::shape::WireLayout =
                $crate::path::shape::WireLayout::$layout$content;)?
            const __CHEAP: bool = $cheap;
            const __PLAIN: bool = $plain;
        }
    )*};
}

pub(in crate::path) use leaf;
